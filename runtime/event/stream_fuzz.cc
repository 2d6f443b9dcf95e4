/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: a stream, whose magic, version and spec digest are put right first. It is read whole and
 * in two steps, cut in the middle, which must give the same number of items.
 */
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codegen/gen/event_gen.h" // Generated.
#include "runtime/event/stream.h"
#include "runtime/trace/tp_core.h"

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The emitters beside the tables want it; nothing is emitted here. */
void axb_tp_hit(const struct axb_tp_def * /*def*/, void * /*ctx*/, const uint64_t * /*slots*/,
	uint8_t /*nr_args*/, uint64_t /*duration_ns*/)
{
}

namespace
{

void Look(const axb_stream_reader *r, const axb_stream_item &item)
{
	char name[64];
	char line[160];
	axb_text text;
	if (item.kind == AXB_STREAM_PAYLOAD) {
		uint8_t sum = 0;
		for (size_t i = 0; i < item.payload.size; i++) {
			sum ^= item.payload.data[i];
		}
		volatile uint8_t sink = sum;
		(void)sink;
		return;
	}
	if (item.kind == AXB_STREAM_STATS) {
		CHECK(item.cpu < r->header.cpu_count);
		return;
	}
	CHECK(item.event.cpu_id < r->header.cpu_count);
	CHECK(item.event.nr_args <= AXB_EVENT_ARG_MAX);
	bool known = axb_stream_name(r, item.event.name_offset, name, sizeof(name));
	axb_text_init(&text, line, sizeof(line));
	axb_event_format(&item.event, known ? name : nullptr, &text);
	for (size_t i = 0; line[i] != '\0'; i++) {
		CHECK(line[i] >= ' ' && line[i] <= '~');
	}
}

size_t ReadOn(axb_stream_reader *r, axb_status *end)
{
	axb_stream_item item;
	axb_stream_error why = {};
	size_t count = 0;
	while ((*end = axb_stream_next(r, &item, &why)) == AXB_OK) {
		Look(r, item);
		count++;
	}
	CHECK(*end == AXB_ERR_EMPTY || *end == AXB_ERR_TRUNCATED || *end == AXB_ERR_FORMAT);
	CHECK(why.what != nullptr);
	return count;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	std::vector<uint8_t> bytes(data, data + size);
	axb_stream_reader r;
	axb_stream_error why;
	axb_status end;
	axb_stream_header h;
	if (size >= sizeof(h)) {
		memcpy(&h, data, sizeof(h));
		memcpy(h.magic, AXB_STREAM_MAGIC, sizeof(h.magic));
		memcpy(h.spec_digest, axb_spec_digest, sizeof(h.spec_digest));
		h.version = AXB_STREAM_VERSION;
		memcpy(bytes.data(), &h, sizeof(h));
	}
	if (axb_stream_open(&r, axb_bytes_of(bytes.data(), size), &why) != AXB_OK) {
		return 0;
	}
	size_t whole = ReadOn(&r, &end);
	if (axb_stream_open(&r, axb_bytes_of(bytes.data(), size / 2), &why) != AXB_OK) {
		return 0;
	}
	size_t half = ReadOn(&r, &end);
	CHECK(axb_stream_extend(&r, axb_bytes_of(bytes.data(), size)) == AXB_OK);
	CHECK(end == AXB_ERR_FORMAT || half + ReadOn(&r, &end) == whole);
	return 0;
}
