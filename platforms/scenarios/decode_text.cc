// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// decode_text STREAM: all that our reader finds, with the lines of axb_event_format().
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "codegen/gen/event_gen.h"
#include "runtime/base/bytes.h"
#include "runtime/base/text.h"
#include "runtime/event/stream.h"

namespace
{

void Event(const axb_stream_reader &r, const axb_trace_event &event)
{
	char name[AXB_NAME_MAX];
	char line[512];
	axb_text text;
	bool named = axb_stream_name(&r, event.name_offset, name, sizeof name);
	axb_text_init(&text, line, sizeof line);
	axb_event_format(&event, named ? name : nullptr, &text);
	printf("%5u %c%c %s\n", event.sequence, event.flags & AXB_EVENT_LOST_BEFORE ? 'L' : '-',
		event.flags & AXB_EVENT_CONTINUED ? 'C' : '-', line);
}

void Payload(const axb_stream_item &item)
{
	printf("payload %s:", item.map_name);
	for (size_t i = 0; i < item.payload.size; i++) {
		printf("%s%02x", i % 8 == 0 ? " " : "", item.payload.data[i]);
	}
	printf("\n");
}

void Stats(const axb_stream_item &item)
{
	printf("cpu%u: attempts %llu committed %llu dropped %llu delivered %llu pending %llu\n",
		item.cpu, static_cast<unsigned long long>(item.stats.attempts),
		static_cast<unsigned long long>(item.stats.committed),
		static_cast<unsigned long long>(item.stats.dropped),
		static_cast<unsigned long long>(item.stats.delivered),
		static_cast<unsigned long long>(item.stats.pending));
}

} // namespace

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: decode_text STREAM\n");
		return 2;
	}
	std::ifstream file(argv[1], std::ios::binary);
	std::string bytes(std::istreambuf_iterator<char>(file), {});
	axb_stream_reader r;
	axb_stream_error why;
	axb_stream_item item;
	char header[256];
	axb_text text;
	if (axb_stream_open(&r, axb_bytes_of(bytes.data(), bytes.size()), &why) != AXB_OK) {
		fprintf(stderr, "%s at %llu\n", why.what,
			static_cast<unsigned long long>(why.offset));
		return 1;
	}
	axb_text_init(&text, header, sizeof header);
	axb_event_format_header(&text);
	printf("arch %s, clock %s, %u CPUs\n\n", axb_stream_arch_name(r.header.arch),
		axb_stream_clock_name(r.header.clock_kind), r.header.cpu_count);
	// The sequence number and flags stand before each line.
	std::string columns = header;
	size_t second = columns.find('\n') + 1;
	printf("  SEQ    %s----- -- %s\n", columns.substr(0, second).c_str(),
		columns.substr(second).c_str());
	axb_status st;
	while ((st = axb_stream_next(&r, &item, &why)) == AXB_OK) {
		if (item.kind == AXB_STREAM_EVENT) {
			Event(r, item.event);
		}
		if (item.kind == AXB_STREAM_PAYLOAD) {
			Payload(item);
		}
		if (item.kind == AXB_STREAM_STATS) {
			Stats(item);
		}
	}
	if (st == AXB_ERR_EMPTY) {
		printf("end\n");
	} else {
		printf("%s at %llu\n", why.what, static_cast<unsigned long long>(why.offset));
	}
	return st == AXB_ERR_EMPTY || st == AXB_ERR_TRUNCATED ? 0 : 1;
}
