/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/event/event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "runtime/base/limits.h"
#include "runtime/event/testing.h"

using axb_testing::Event;
using axb_testing::Ids;
using axb_testing::Pipeline;

namespace
{

using IdList = std::vector<uint32_t>;
const uint32_t lost = AXB_EVENT_ID_LOST;

void ExpectStats(
	const struct axb_event_stats &s, uint64_t committed, uint64_t dropped, uint64_t delivered)
{
	EXPECT_EQ(s.committed, committed);
	EXPECT_EQ(s.dropped, dropped);
	EXPECT_EQ(s.attempts, committed + dropped);
	EXPECT_EQ(s.delivered, delivered);
	EXPECT_EQ(s.pending, committed - delivered);
}

TEST(AxbEventInit, RefusesBadConfigurations)
{
	const axb_event_config cases[] = {
		{0, 8, 8, 16},
		{AXB_CPU_MAX + 1, 8, 8, 16},
		{1, 0, 8, 16},
		{1, 9, 8, 16},
		{1, 2, 8, 16},
		{1, 1u << 21, 8, 16},
		{1, 8, 0, 16},
		{1, 8, 12, 16},
		{1, 8, 8, 65536},
	};
	std::vector<uint8_t> memory(1 << 20);
	for (const axb_event_config &config : cases) {
		axb_arena arena;
		axb_arena_init(&arena, memory.data(), memory.size());
		EXPECT_EQ(axb_event_memory_size(&config), 0u);
		EXPECT_EQ(axb_event_init(&config, &arena), AXB_ERR_ARG);
	}
}

TEST(AxbEventInit, TakesTheMemoryThatItSays)
{
	const axb_event_config config = {3, 16, 4, 5};
	size_t size = axb_event_memory_size(&config);
	std::vector<uint8_t> memory(size + 64);
	for (size_t shift = 0; shift < 64; shift += 7) {
		axb_arena arena;
		axb_arena_init(&arena, memory.data() + shift, size);
		EXPECT_EQ(axb_event_init(&config, &arena), AXB_OK) << shift;
		axb_event_deinit();
		axb_arena_init(&arena, memory.data() + shift, size / 2);
		EXPECT_EQ(axb_event_init(&config, &arena), AXB_ERR_NOMEM) << shift;
		EXPECT_EQ(axb_arena_free_bytes(&arena), size / 2);
	}
}

TEST(AxbEventInit, HappensOnce)
{
	Pipeline pipeline;
	const axb_event_config config = {1, 8, 8, 1};
	std::vector<uint8_t> memory(axb_event_memory_size(&config));
	axb_arena arena;
	axb_arena_init(&arena, memory.data(), memory.size());
	EXPECT_EQ(axb_event_init(&config, &arena), AXB_ERR_STATE);
}

TEST(AxbEventEmit, IsRefusedAndCountedWithoutInit)
{
	uint64_t before = axb_event_refused_count();
	axb_trace_event event = Event(1);
	uint16_t index = 7;
	axb_fake_reset();
	EXPECT_EQ(axb_event_emit(&event), AXB_ERR_STATE);
	EXPECT_EQ(axb_event_printk("x", 1), AXB_ERR_STATE);
	EXPECT_EQ(axb_event_refused_count(), before + 2);
	EXPECT_EQ(Ids(Pipeline::Read()), IdList());
	EXPECT_EQ(Ids(Pipeline::Recent()), IdList());
	EXPECT_EQ(axb_event_name_add("x", &index), AXB_ERR_STATE);
	EXPECT_EQ(axb_event_name(0), nullptr);
	ExpectStats(Pipeline::Stats(), 0, 0, 0);
}

TEST(AxbEventEmit, IsRefusedOnACpuThatIsNotConfigured)
{
	Pipeline pipeline;
	uint64_t before = axb_event_refused_count();
	axb_fake_set_cpu(2);
	EXPECT_EQ(pipeline.Emit(1), AXB_ERR_STATE);
	EXPECT_EQ(axb_event_refused_count(), before + 1);
	EXPECT_EQ(Ids(pipeline.Read(2)), IdList());
	EXPECT_EQ(Ids(pipeline.Recent(2)), IdList());
	ExpectStats(pipeline.Stats(2), 0, 0, 0);
}

TEST(AxbEventEmit, KeepsWhatTheCallerSetsAndSetsTheRest)
{
	Pipeline pipeline;
	axb_fake_set_cpu(1);
	axb_fake_set_time(5000, 10);
	axb_trace_event event = {
		99, 3, 99, 7, 42, 2, 3, AXB_EVENT_TRUNCATED, 1, 99, {1, 2, 3, 4}, 8};
	ASSERT_EQ(axb_event_emit(&event), AXB_OK);
	ASSERT_EQ(pipeline.Emit(43), AXB_OK);
	std::vector<axb_trace_event> read = pipeline.Read(1);
	ASSERT_EQ(Ids(read), (IdList{42, 43}));
	const axb_trace_event expected = {
		5000, 3, 1, 7, 42, 2, 3, AXB_EVENT_TRUNCATED, 1, 0, {1, 2, 3, 4}, 8};
	EXPECT_EQ(memcmp(&read[0], &expected, sizeof(expected)), 0);
	EXPECT_EQ(memcmp(&event, &expected, sizeof(expected)), 0);
	EXPECT_EQ(read[1].sequence, 1);
	EXPECT_EQ(read[1].timestamp_ns, 5010u);
	EXPECT_EQ(Ids(pipeline.Read(0)), IdList());
	ExpectStats(pipeline.Stats(1), 2, 0, 2);
}

TEST(AxbEventEmit, TellsLossesRightBeforeTheNextEventThatFits)
{
	Pipeline pipeline;
	for (uint32_t i = 0; i < 11; i++) {
		EXPECT_EQ(pipeline.Emit(i), i < 8 ? AXB_OK : AXB_ERR_FULL);
	}
	ExpectStats(pipeline.Stats(), 8, 3, 0);
	/* Room for one record is not enough: the loss would not be told in its place. */
	EXPECT_EQ(Ids(pipeline.Read(0, 1)), (IdList{0}));
	EXPECT_EQ(pipeline.Emit(11), AXB_ERR_FULL);
	EXPECT_EQ(Ids(pipeline.Read(0, 2)), (IdList{1, 2}));
	EXPECT_EQ(pipeline.Emit(12), AXB_OK);
	EXPECT_EQ(pipeline.Emit(13), AXB_OK);
	std::vector<axb_trace_event> read = pipeline.Read();
	ASSERT_EQ(Ids(read), (IdList{3, 4, 5, 6, 7, lost, 12, 13}));
	EXPECT_EQ(read[5].args[0], 4u);
	EXPECT_EQ(read[5].args[1], 4u);
	EXPECT_EQ(read[5].nr_args, 2);
	EXPECT_EQ(read[5].name_offset, AXB_EVENT_NAME_NONE);
	EXPECT_EQ(read[5].flags, 0);
	EXPECT_EQ(read[5].timestamp_ns, read[6].timestamp_ns);
	EXPECT_EQ(read[6].flags, AXB_EVENT_LOST_BEFORE);
	EXPECT_EQ(read[7].flags, 0);
	/* The sequence has the gap that was told. */
	EXPECT_EQ(read[4].sequence + 1 + 4, read[6].sequence);
	ExpectStats(pipeline.Stats(), 10, 4, 10);
	for (uint32_t i = 0; i < 9; i++) {
		(void)pipeline.Emit(20);
	}
	(void)pipeline.Read();
	EXPECT_EQ(pipeline.Emit(21), AXB_OK);
	read = pipeline.Read();
	ASSERT_EQ(Ids(read), (IdList{lost, 21}));
	EXPECT_EQ(read[0].args[0], 1u);
	EXPECT_EQ(read[0].args[1], 5u);
	ExpectStats(pipeline.Stats(), 19, 5, 19);
}

TEST(AxbEventEmit, DoesNotLeaveTheLossFlagInTheCallersEvent)
{
	Pipeline pipeline;
	axb_trace_event event = Event(1);
	for (int i = 0; i < 9; i++) {
		(void)axb_event_emit(&event);
	}
	(void)pipeline.Read();
	EXPECT_EQ(axb_event_emit(&event), AXB_OK);
	EXPECT_EQ(event.flags, AXB_EVENT_LOST_BEFORE);
	EXPECT_EQ(axb_event_emit(&event), AXB_OK);
	EXPECT_EQ(event.flags, 0);
}

/* What a trap does while the event that it interrupts is open. */
void EmitInTrap(void *id)
{
	(void)Pipeline::Emit(*static_cast<uint32_t *>(id));
}

TEST(AxbEventEmit, PutsEventsOfTrapsBehindTheOneThatTheyInterrupt)
{
	Pipeline pipeline;
	uint32_t inner = 2;
	axb_fake_trap_at_clock(EmitInTrap, &inner);
	EXPECT_EQ(pipeline.Emit(1), AXB_OK);
	std::vector<axb_trace_event> read = pipeline.Read();
	ASSERT_EQ(Ids(read), (IdList{1, 2}));
	EXPECT_EQ(read[0].sequence, 0);
	EXPECT_EQ(read[1].sequence, 1);
	EXPECT_GT(read[0].timestamp_ns, read[1].timestamp_ns) << "taken when the trap had ended";
	EXPECT_EQ(Ids(pipeline.Recent()), (IdList{1, 2}));
	ExpectStats(pipeline.Stats(), 2, 0, 2);
}

TEST(AxbEventEmit, TellsTheLossBeforeTheFirstEventAfterItAlsoWhenATrapCameIn)
{
	Pipeline pipeline;
	uint32_t inner = 2;
	for (uint32_t i = 0; i < 9; i++) {
		(void)pipeline.Emit(0);
	}
	(void)pipeline.Read();
	axb_fake_trap_at_clock(EmitInTrap, &inner);
	EXPECT_EQ(pipeline.Emit(1), AXB_OK);
	std::vector<axb_trace_event> read = pipeline.Read();
	ASSERT_EQ(Ids(read), (IdList{lost, 1, 2}));
	EXPECT_EQ(read[0].args[0], 1u);
	EXPECT_EQ(read[1].flags, AXB_EVENT_LOST_BEFORE);
	EXPECT_EQ(read[2].flags, 0);
	ExpectStats(pipeline.Stats(), 10, 1, 10);
}

TEST(AxbEventEmit, CountsDropsOfTraps)
{
	Pipeline pipeline;
	uint32_t inner = 2;
	for (uint32_t i = 0; i < 7; i++) {
		(void)pipeline.Emit(0);
	}
	axb_fake_trap_at_clock(EmitInTrap, &inner);
	EXPECT_EQ(pipeline.Emit(1), AXB_OK);
	EXPECT_EQ(pipeline.Read().size(), 8u);
	EXPECT_EQ(pipeline.Emit(3), AXB_OK);
	EXPECT_EQ(Ids(pipeline.Read()), (IdList{lost, 3}));
	ExpectStats(pipeline.Stats(), 9, 1, 9);
}

TEST(AxbEventBacklog, IsWhatCanBeReadLossRecordsIncluded)
{
	Pipeline pipeline;
	EXPECT_EQ(axb_event_backlog(0), 0u);
	EXPECT_EQ(axb_event_backlog(99), 0u) << "no such CPU";
	for (uint32_t i = 0; i < 10; i++) {
		(void)Pipeline::Emit(i);
	}
	EXPECT_EQ(axb_event_backlog(0), 8u);
	EXPECT_EQ(Pipeline::Read(0, 4).size(), 4u);
	EXPECT_EQ(Pipeline::Emit(10), AXB_OK);
	EXPECT_EQ(axb_event_backlog(0), 6u) << "four, the loss, the event";
	EXPECT_EQ(Pipeline::Read().size(), 6u);
	EXPECT_EQ(axb_event_backlog(0), 0u);
}

TEST(AxbEventSetOn, SwitchesEmittingOff)
{
	Pipeline pipeline;
	EXPECT_TRUE(axb_event_is_on());
	axb_event_set_on(false);
	EXPECT_FALSE(axb_event_is_on());
	EXPECT_EQ(pipeline.Emit(1), AXB_OK);
	ExpectStats(pipeline.Stats(), 0, 0, 0);
	EXPECT_EQ(Ids(pipeline.Recent()), IdList());
	axb_event_set_on(true);
	EXPECT_EQ(pipeline.Emit(2), AXB_OK);
	EXPECT_EQ(Ids(pipeline.Read()), (IdList{2}));
}

TEST(AxbEventRecent, KeepsTheNewestAndConsumesNothing)
{
	Pipeline pipeline;
	EXPECT_EQ(Ids(pipeline.Recent()), IdList());
	for (uint32_t i = 0; i < 20; i++) {
		(void)pipeline.Emit(i);
	}
	EXPECT_EQ(Ids(pipeline.Recent()), (IdList{12, 13, 14, 15, 16, 17, 18, 19}));
	EXPECT_EQ(Ids(pipeline.Recent(0, 3)), (IdList{17, 18, 19}));
	EXPECT_EQ(Ids(pipeline.Recent(0, 0)), IdList());
	EXPECT_EQ(Ids(pipeline.Recent(1)), IdList());
	EXPECT_EQ(pipeline.Read().size(), 8u);
	EXPECT_EQ(pipeline.Recent().size(), 8u);
}

/* The trap laps the recorder while the event that it interrupts has a place there. */
void EmitALap(void *)
{
	for (uint32_t i = 100; i < 108; i++) {
		(void)Pipeline::Emit(i);
	}
}

TEST(AxbEventRecent, PrefersTheEventsOfATrapThatLapped)
{
	Pipeline pipeline;
	axb_fake_trap_at_clock(EmitALap, nullptr);
	(void)pipeline.Emit(1);
	EXPECT_EQ(Ids(pipeline.Recent()), (IdList{100, 101, 102, 103, 104, 105, 106, 107}));
}

std::string Text(const axb_trace_event &event)
{
	char text[33] = {};
	memcpy(text, event.args, 32);
	return text;
}

TEST(AxbEventPrintk, SplitsText)
{
	struct {
		size_t length;
		std::vector<size_t> parts;
		std::vector<int> flags;
		int last_nr_args;
	} const cases[] = {
		{0, {0}, {0}, 0},
		{1, {1}, {0}, 1},
		{8, {8}, {0}, 1},
		{9, {9}, {0}, 2},
		{32, {32}, {0}, 4},
		{33, {32, 1}, {4, 0}, 1},
		{64, {32, 32}, {4, 0}, 4},
		{256, {32, 32, 32, 32, 32, 32, 32, 32}, {4, 4, 4, 4, 4, 4, 4, 0}, 4},
		{257, {32, 32, 32, 32, 32, 32, 32, 32}, {4, 4, 4, 4, 4, 4, 4, 2}, 4},
	};
	std::string all;
	for (int i = 0; i < 300; i++) {
		all += static_cast<char>('a' + i % 26);
	}
	for (const auto &c : cases) {
		Pipeline pipeline;
		EXPECT_EQ(axb_event_printk(all.data(), c.length), AXB_OK);
		std::vector<axb_trace_event> read = pipeline.Read();
		ASSERT_EQ(read.size(), c.parts.size()) << c.length;
		size_t at = 0;
		for (size_t i = 0; i < read.size(); i++) {
			EXPECT_EQ(read[i].event_id, AXB_EVENT_ID_PRINTK);
			EXPECT_EQ(Text(read[i]), all.substr(at, c.parts[i]));
			EXPECT_EQ(read[i].flags, c.flags[i]);
			at += c.parts[i];
		}
		EXPECT_EQ(read.back().nr_args, c.last_nr_args);
	}
}

TEST(AxbEventPrintk, SaysForWhomAndWhenItIsLost)
{
	Pipeline pipeline;
	const axb_vcpu_context context = {3, 1, false, 0};
	axb_fake_set_vcpu(&context);
	EXPECT_EQ(axb_event_printk("x", 1), AXB_OK);
	std::vector<axb_trace_event> read = pipeline.Read();
	EXPECT_EQ(read[0].vm_id, 3);
	EXPECT_EQ(read[0].vcpu_id, 1);
	std::string text(256, 'x');
	EXPECT_EQ(axb_event_printk(text.data(), text.size()), AXB_OK);
	EXPECT_EQ(axb_event_printk(text.data(), text.size()), AXB_ERR_FULL);
	ExpectStats(pipeline.Stats(), 9, 8, 1);
}

TEST(AxbEventName, HasOneIndexForEachName)
{
	Pipeline pipeline({1, 8, 8, 3});
	uint16_t index = 99;
	EXPECT_EQ(axb_event_name_count(), 0);
	EXPECT_EQ(axb_event_name(0), nullptr);
	const char *const names[] = {"a:b", "", "c:d", "a:b", "c:d"};
	const uint16_t expected[] = {0, 1, 2, 0, 2};
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(axb_event_name_add(names[i], &index), AXB_OK);
		EXPECT_EQ(index, expected[i]) << names[i];
	}
	EXPECT_EQ(axb_event_name_add("e:f", &index), AXB_ERR_FULL);
	EXPECT_EQ(index, 2);
	EXPECT_EQ(axb_event_name_count(), 3);
	EXPECT_STREQ(axb_event_name(0), "a:b");
	EXPECT_STREQ(axb_event_name(2), "c:d");
	EXPECT_EQ(axb_event_name(3), nullptr);
	EXPECT_EQ(axb_event_name(AXB_EVENT_NAME_NONE), nullptr);
	EXPECT_EQ(axb_fake_irq_depth(), 0u);
}

TEST(AxbEventName, IsCut)
{
	Pipeline pipeline;
	uint16_t index;
	std::string name(100, 'n');
	EXPECT_EQ(axb_event_name_add(name.c_str(), &index), AXB_OK);
	EXPECT_EQ(axb_event_name(0), name.substr(0, AXB_NAME_MAX - 1));
	name += "x";
	EXPECT_EQ(axb_event_name_add(name.c_str(), &index), AXB_OK);
	EXPECT_EQ(axb_event_name_count(), 1);
}

} // namespace
