/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The pipeline over the fake hooks, for tests.
 */
#ifndef AXB_RUNTIME_EVENT_TESTING_H_
#define AXB_RUNTIME_EVENT_TESTING_H_

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "codegen/gen/event_gen.h" // Generated.
#include "runtime/base/arena.h"
#include "runtime/event/event.h"
#include "runtime/hooks/fake/fake.h"

namespace axb_testing
{

inline axb_trace_event Event(uint32_t id)
{
	axb_trace_event event = {};
	event.event_id = id;
	event.name_offset = AXB_EVENT_NAME_NONE;
	event.vcpu_id = 0xffff;
	return event;
}

class Pipeline
{
      public:
	explicit Pipeline(const axb_event_config &config = {2, 8, 8, 16})
	    : memory_(axb_event_memory_size(&config))
	{
		axb_arena arena;
		axb_fake_reset();
		axb_arena_init(&arena, memory_.data(), memory_.size());
		EXPECT_EQ(axb_event_init(&config, &arena), AXB_OK);
	}
	~Pipeline()
	{
		axb_event_deinit();
	}
	Pipeline(const Pipeline &) = delete;
	Pipeline &operator=(const Pipeline &) = delete;

	static axb_status Emit(uint32_t id)
	{
		axb_trace_event event = Event(id);
		return axb_event_emit(&event);
	}
	static std::vector<axb_trace_event> Read(uint32_t cpu = 0, size_t max = 1000)
	{
		std::vector<axb_trace_event> events(max);
		events.resize(axb_event_read(cpu, events.data(), max));
		return events;
	}
	static std::vector<axb_trace_event> Recent(uint32_t cpu = 0, size_t max = 1000)
	{
		std::vector<axb_trace_event> events(max);
		events.resize(axb_event_recent(cpu, events.data(), max));
		return events;
	}
	static struct axb_event_stats Stats(uint32_t cpu = 0)
	{
		struct axb_event_stats stats;
		axb_event_stats(cpu, &stats);
		return stats;
	}

      private:
	std::vector<uint8_t> memory_;
};

inline std::vector<uint32_t> Ids(const std::vector<axb_trace_event> &events)
{
	std::vector<uint32_t> ids;
	for (const axb_trace_event &event : events) {
		ids.push_back(event.event_id);
	}
	return ids;
}

} // namespace axb_testing

#endif
