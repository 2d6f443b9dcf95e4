/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

#include "platforms/reference/machine.h"
#include "platforms/reference/trace_stream.h"
#include "runtime/base/arena.h"
#include "runtime/hooks/fake/fake.h"

namespace
{

constexpr uint32_t kRing = 64, kPendingMax = 16;
constexpr size_t kEnoughRoom = SIZE_MAX;

/* What the machine has been given. */
std::vector<uint8_t> written;
size_t room;
bool is_closed;

class TraceStream : public testing::Test
{
      protected:
	TraceStream() : memory_(axb_event_memory_size(&config_))
	{
		struct axb_arena arena;
		axb_fake_reset();
		axb_fake_set_cpu_count(2);
		axb_arena_init(&arena, memory_.data(), memory_.size());
		EXPECT_EQ(axb_event_init(&config_, &arena), AXB_OK);
		room = kEnoughRoom;
		written.clear();
		is_closed = false;
		trace_stream_open("events");
	}
	~TraceStream()
	{
		trace_stream_close(nullptr);
		EXPECT_TRUE(is_closed);
		axb_event_deinit();
	}
	static void Emit(uint32_t cpu, uint32_t count)
	{
		axb_fake_set_cpu(cpu);
		for (uint32_t i = 0; i < count; i++) {
			struct axb_trace_event event = {};
			event.name_offset = AXB_EVENT_NAME_NONE;
			(void)axb_event_emit(&event);
		}
	}
	static struct axb_event_stats Stats(uint32_t cpu)
	{
		struct axb_event_stats stats;
		axb_event_stats(cpu, &stats);
		return stats;
	}
	const struct axb_event_config config_ = {2, kRing, 8, 16};

      private:
	std::vector<uint8_t> memory_;
};

TEST_F(TraceStream, MovesWhatAllCpusHave)
{
	Emit(0, 3);
	Emit(1, 4);
	trace_stream_poll(nullptr);
	EXPECT_EQ(Stats(0).delivered, 3u);
	EXPECT_EQ(Stats(1).delivered, 4u);
}

TEST_F(TraceStream, ABusyCpuKeepsItsOwnRingFromFillingUp)
{
	for (int round = 0; round < 10; round++) {
		Emit(1, kPendingMax + 1);
		trace_stream_relieve(kPendingMax);
	}
	EXPECT_EQ(Stats(1).dropped, 0u);
	EXPECT_EQ(Stats(1).pending, 0u);
	EXPECT_EQ(Stats(1).delivered, 10u * (kPendingMax + 1));
}

TEST_F(TraceStream, LeavesItToTheFirstCpuWhileThereIsRoom)
{
	size_t before = written.size();
	Emit(0, kPendingMax + 1); // of another CPU
	Emit(1, kPendingMax);
	trace_stream_relieve(kPendingMax);
	EXPECT_EQ(written.size(), before);
	EXPECT_EQ(Stats(1).pending, kPendingMax);
}

TEST_F(TraceStream, WaitsForRoomAndCountsWhatIsLostMeanwhile)
{
	room = 1000;
	Emit(1, kRing + 5);
	trace_stream_relieve(kPendingMax);
	EXPECT_EQ(Stats(1).pending, kRing);
	EXPECT_EQ(Stats(1).dropped, 5u);
	room = kEnoughRoom;
	trace_stream_poll(nullptr);
	EXPECT_EQ(Stats(1).pending, 0u);
}

TEST_F(TraceStream, DoesNothingOnceItIsClosed)
{
	trace_stream_close(nullptr);
	size_t before = written.size();
	Emit(1, kRing);
	trace_stream_relieve(kPendingMax);
	trace_stream_poll(nullptr);
	EXPECT_EQ(written.size(), before);
}

} // namespace

bool machine_stream_open(const char *name)
{
	return name != nullptr;
}

size_t machine_stream_room(void)
{
	return room;
}

bool machine_stream_write(const void *bytes, size_t size)
{
	const auto *from = static_cast<const uint8_t *>(bytes);
	written.insert(written.end(), from, from + size);
	return true;
}

void machine_stream_close(void)
{
	is_closed = true;
}

uint32_t machine_stream_arch(void)
{
	return AXB_STREAM_ARCH_HOST;
}

void panic(const char *why)
{
	ADD_FAILURE() << why;
	abort();
}
