// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "platforms/scenarios/recorder.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "bpf/embedded.h"
#include "codegen/gen/event_gen.h"
#include "runtime/base/bytes.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/init/init.h"
#include "runtime/trace/tracepoint.h"

namespace axb
{
namespace
{

void Must(axb_status st, const char *what)
{
	if (st != AXB_OK) {
		fprintf(stderr, "%s: %s\n", what, axb_status_text(st));
		exit(1);
	}
}

bool Append(void *cookie, const void *bytes, size_t size)
{
	static_cast<std::string *>(cookie)->append(static_cast<const char *>(bytes), size);
	return true;
}

} // namespace

Recorder::Recorder(uint32_t ring_events) : memory_(4 << 20)
{
	axb_fake_reset();
	axb_fake_set_cpu_count(kCpuCount);
	axb_fake_set_time(1000000, 250);
	axb_config config = {};
	config.memory = memory_.data();
	config.memory_size = memory_.size();
	config.event.ring_events = ring_events;
	config.helpers = &axb_helpers_standard;
	axb_init_error why;
	Must(axb_init(&config, &why), "axb_init");
	Must(axb_stream_begin(&writer_, AXB_STREAM_ARCH_HOST, kCpuCount, Append, &stream_),
		"begin");
}

Recorder::~Recorder()
{
	axb_fake_set_cpu(0);
	axb_deinit();
}

void Recorder::Enable(const char *glob)
{
	uint32_t count;
	Must(axb_tp_set_enabled_glob(glob, true, &count), glob);
}

axb_object_id_t Recorder::Attach(const char *object, const char *tracepoint)
{
	const axb_embedded_object *embedded = axb_embedded_find(object);
	axb_object_id_t id;
	axb_load_error why;
	axb_prog_id_t prog;
	uint32_t index;
	Must(embedded == nullptr ? AXB_ERR_NOT_FOUND : AXB_OK, object);
	Must(axb_object_load(axb_bytes_of(embedded->bytes, *embedded->size), object, &id, &why),
		object);
	Must(axb_object_find_prog(id, "", &prog), object);
	Must(axb_tp_find(tracepoint, &index), tracepoint);
	Must(axb_tp_attach(index, prog, 0), "attach");
	return id;
}

axb_map *Recorder::Map(axb_object_id_t object, const char *name)
{
	axb_map_id_t id;
	struct axb_map_info info;
	Must(axb_object_find_map(object, name, &id), name);
	Must(axb_map_info(id, &info), name);
	return info.map;
}

void Recorder::Drain()
{
	Must(axb_stream_drain(&writer_, nullptr), "drain");
}

void Recorder::DrainMap(axb_map *map)
{
	uint8_t record[256];
	uint32_t size;
	while (axb_ringbuf_read(map, record, sizeof record, &size) == AXB_OK) {
		Payload(map->name, record, size);
	}
}

void Recorder::Payload(const char *name, const void *bytes, uint32_t size)
{
	Must(axb_stream_payload(&writer_, name, bytes, size), name);
}

void Recorder::End()
{
	Must(axb_stream_end(&writer_), "end");
}

} // namespace axb

// scenario NAME OUT: write the stream of a scenario.
int main(int argc, char **argv)
{
	for (const axb::Scenario &s : axb::kScenarios) {
		if (argc == 3 && s.name == std::string(argv[1])) {
			axb::Recorder recorder(s.ring_events);
			s.run(recorder);
			std::ofstream out(argv[2], std::ios::binary);
			out << recorder.stream();
			out.close();
			return out.good() ? 0 : 1;
		}
	}
	fprintf(stderr, "usage: scenario NAME OUT, NAME one of:");
	for (const axb::Scenario &s : axb::kScenarios) {
		fprintf(stderr, " %s", s.name);
	}
	fprintf(stderr, "\n");
	return 2;
}
