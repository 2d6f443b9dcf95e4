// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Programs come and go while other CPUs hit the tracepoint. Also for ThreadSanitizer.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "codegen/gen/event_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "gtest/gtest.h"
#include "runtime/base/arena.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/trace/tracepoint.h"
#include "runtime/verifier/verify.h"

namespace
{

constexpr uint32_t kHitters = 2;
constexpr uint32_t kControl = 2; // the CPU that attaches
constexpr uint32_t kCpuCount = 3;
constexpr uint32_t kExitTp = AXB_TP_INDEX_VCPU_EXIT;
constexpr uint64_t kHitsPerCpu = 20000;
constexpr uint32_t kRoundsAtLeast = 50;

std::atomic<bool> entered;
std::atomic<bool> released;

// ktime_get_ns: a program that does not end before the test lets it.
uint64_t Wait(axb_env *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t)
{
	entered = true;
	while (!released) {
		std::this_thread::yield();
	}
	return 0;
}

const axb_helper_impl kImpls[] = {{5, Wait}};
const axb_helper_table kHelpers = {kImpls, 1};
const axb_insn kWait[] = {{0x85, 0, 0, 5}, {0x95, 0, 0, 0}};

// r0 = ctx->vm_id, after a loop so that a run takes a while: r1 is the context, r2 counts.
const axb_insn kSlow[] = {
	{0xb7, 2, 0, 50},   // r2 = 50
	{0x17, 2, 0, 1},    // r2 -= 1
	{0x55, 2, -2, 0},   // if r2 != 0 goto -2
	{0x69, 0x10, 4, 0}, // r0 = *(u16 *)(r1 + 4)
	{0x95, 0, 0, 0},
};

class Smp : public testing::Test
{
      protected:
	void SetUp() override
	{
		axb_fake_reset();
		axb_fake_set_cpu_count(kCpuCount);
		axb_fake_set_cpu(kControl);
		const axb_event_config events = {kCpuCount, 64, 16, 64};
		memory_.resize(axb_event_memory_size(&events) + axb_tp_memory_size(kCpuCount));
		axb_arena arena;
		axb_arena_init(&arena, memory_.data(), memory_.size());
		ASSERT_EQ(AXB_OK, axb_event_init(&events, &arena));
		prog_memory_.resize(1 << 18);
		const axb_prog_config progs = {
			prog_memory_.data(), prog_memory_.size(), &kHelpers, kCpuCount};
		ASSERT_EQ(AXB_OK, axb_prog_init(&progs));
		ASSERT_EQ(AXB_OK, axb_tp_init(kCpuCount, &arena));
	}
	void TearDown() override
	{
		axb_tp_deinit();
		axb_prog_deinit();
		axb_event_deinit();
		axb_fake_set_cpu(0);
	}

	static axb_prog_id_t Load(const axb_insn *insns, uint32_t count, axb_object_id_t *object)
	{
		axb_prog_id_t prog = {0};
		axb_load_error why;
		EXPECT_EQ(AXB_OK, axb_object_load_raw(insns, count, AXB_PROG_TYPE_TRACEPOINT, "smp",
					  object, &why));
		EXPECT_EQ(AXB_OK, axb_object_find_prog(*object, "", &prog));
		return prog;
	}

	std::vector<uint8_t> memory_;
	std::vector<uint8_t> prog_memory_;
};

TEST_F(Smp, DetachReturnsWhenNobodyRunsTheProgramAnyMore)
{
	axb_object_id_t object;
	axb_prog_id_t prog = Load(kWait, 2, &object);
	entered = false;
	released = false;
	ASSERT_EQ(AXB_OK, axb_tp_attach(kExitTp, prog, 0));
	std::thread hitter([] {
		axb_fake_set_cpu(0);
		axb_trace_vcpu_exit(1, 0, AXB_EXIT_HVC, 0, 0, 0);
	});
	while (!entered) {
		std::this_thread::yield();
	}
	std::atomic<bool> detached{false};
	std::thread detacher([prog, &detached] {
		axb_fake_set_cpu(kControl);
		EXPECT_EQ(AXB_OK, axb_tp_detach(kExitTp, prog));
		detached = true;
	});
	while (axb_tp_on_vcpu_exit()) {
		std::this_thread::yield();
	}
	std::this_thread::sleep_for(std::chrono::milliseconds(20));
	EXPECT_FALSE(detached);
	released = true;
	hitter.join();
	detacher.join();
	EXPECT_EQ(AXB_OK, axb_object_unload(object));
}

TEST_F(Smp, ProgramsComeAndGoWhileOthersHit)
{
	std::atomic<uint32_t> left{kHitters};
	std::vector<std::thread> hitters;
	ASSERT_EQ(AXB_OK, axb_tp_set_enabled(kExitTp, true));
	for (uint32_t cpu = 0; cpu < kHitters; cpu++) {
		hitters.emplace_back([cpu, &left] {
			axb_fake_set_cpu(cpu);
			for (uint64_t i = 0; i < kHitsPerCpu; i++) {
				axb_trace_vcpu_exit(
					static_cast<uint16_t>(cpu + 1), 0, AXB_EXIT_HVC, i, 0, i);
			}
			left--;
		});
	}
	uint64_t runs = 0;
	uint64_t missed = 0;
	uint32_t rounds = 0;
	for (; left != 0 || rounds < kRoundsAtLeast; rounds++) {
		axb_object_id_t object;
		axb_prog_id_t prog = Load(kSlow, 5, &object);
		struct axb_prog_info info;
		ASSERT_EQ(AXB_OK, axb_tp_attach(kExitTp, prog, rounds));
		std::this_thread::yield();
		ASSERT_EQ(AXB_OK, axb_tp_detach(kExitTp, prog));
		// Nobody runs it any more: its numbers stand, and its memory can be used for the
		// next one.
		ASSERT_EQ(AXB_OK, axb_prog_info(prog, &info));
		runs += info.runs;
		missed += info.missed;
		EXPECT_EQ(0u, info.faults);
		ASSERT_EQ(AXB_OK, axb_object_unload(object));
	}
	for (std::thread &t : hitters) {
		t.join();
	}
	struct axb_tp_stats stats;
	axb_tp_stats(kExitTp, &stats);
	EXPECT_EQ(kHitters * kHitsPerCpu, stats.hits);
	EXPECT_EQ(stats.hits, stats.emitted + stats.lost);
	EXPECT_EQ(stats.hits, stats.duration_count);
	EXPECT_EQ(0u, stats.duration_min_ns);
	EXPECT_EQ(kHitsPerCpu - 1, stats.duration_max_ns);
	EXPECT_EQ(runs, stats.ran);
	EXPECT_EQ(missed, stats.missed);
	RecordProperty("rounds", static_cast<int>(rounds));
	RecordProperty("runs", static_cast<int>(runs));
}

} // namespace
