// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// How CPUs agree on a change of code: threads play CPUs, a flag is the interrupt.
#include "platforms/reference/text.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "probes/core/dispatch.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/text.h"

namespace
{

constexpr uint32_t kCpus = 3;

thread_local uint32_t cpu_id;
std::atomic<bool> kicked[kCpus];
std::atomic<uint64_t> serialized[kCpus];
std::atomic<uint32_t> waiting{0};

} // namespace

extern "C" {
// Of the linker script and slots.S.
extern const uint8_t image_text_start[], image_text_end[], slot_area[], slot_area_end[];
extern const uint64_t patch_sites_start[], patch_sites_end[];
const uint8_t image_text_start[1] = {0}, image_text_end[1] = {0};
const uint8_t slot_area[1] = {0}, slot_area_end[1] = {0};
const uint64_t patch_sites_start[1] = {0}, patch_sites_end[1] = {0};

uint32_t axb_plat_cpu_id(void)
{
	return cpu_id;
}

uint32_t machine_cpus_online(void)
{
	return kCpus;
}

void machine_text_kick(uint32_t cpu)
{
	kicked[cpu] = true;
}

void machine_text_serialize(void)
{
	serialized[cpu_id]++;
}

void *machine_text_map(uint64_t)
{
	return nullptr;
}

void machine_text_unmap(const void *, uint64_t, size_t)
{
}

void axb_plat_panic(const char *, uint32_t, const char *)
{
	abort();
}

enum axb_verdict axb_probe_dispatch(const struct axb_trap *trap, struct axb_regs *)
{
	return trap->pc < AXB_INJECT + 1u ? static_cast<axb_verdict>(trap->pc) : AXB_NOT_OURS;
}
}

namespace
{

class ReferenceText : public testing::Test
{
      protected:
	void SetUp() override
	{
		for (uint32_t id = 1; id < kCpus; id++) {
			threads_.emplace_back([this, id] {
				cpu_id = id;
				while (!stop_) {
					running_[id]++;
					std::this_thread::yield();
					if (kicked[id].exchange(false)) {
						waiting++;
						text_answer();
						waiting--;
					}
				}
			});
		}
	}
	void TearDown() override
	{
		stop_ = true;
		for (std::thread &thread : threads_) {
			thread.join();
		}
	}

	std::atomic<bool> stop_{false};
	std::atomic<uint64_t> running_[kCpus] = {};
	std::vector<std::thread> threads_;
};

TEST_F(ReferenceText, SyncSerializesEveryOther)
{
	for (int round = 0; round < 30; round++) {
		uint64_t before[kCpus];
		for (uint32_t id = 1; id < kCpus; id++) {
			before[id] = serialized[id];
		}
		axb_plat_text_sync();
		for (uint32_t id = 1; id < kCpus; id++) {
			ASSERT_GT(serialized[id], before[id]);
		}
	}
}

struct Change {
	std::atomic<uint64_t> *running;
	uint32_t ran_meanwhile;
};

void WatchOthers(void *cookie)
{
	auto *change = static_cast<Change *>(cookie);
	uint64_t before[kCpus];
	for (uint32_t id = 1; id < kCpus; id++) {
		before[id] = change->running[id];
	}
	for (int i = 0; i < 100; i++) {
		std::this_thread::yield();
	}
	for (uint32_t id = 1; id < kCpus; id++) {
		change->ran_meanwhile += before[id] != change->running[id];
	}
	EXPECT_EQ(kCpus - 1, waiting);
}

TEST_F(ReferenceText, OthersStandStillWhileTextIsStopped)
{
	Change change = {running_, 0};
	for (int round = 0; round < 10; round++) {
		axb_plat_text_stop(WatchOthers, &change);
	}
	EXPECT_EQ(0u, change.ran_meanwhile);
	axb_plat_text_sync(); // all go on
}

// The next change may come before the others have seen the end of the last.
TEST_F(ReferenceText, ChangesFollowAtOnce)
{
	uint32_t changes = 0;
	for (int round = 0; round < 60; round++) {
		axb_plat_text_stop(
			[](void *cookie) { ++*static_cast<uint32_t *>(cookie); }, &changes);
		if (round % 3 == 0) {
			axb_plat_text_sync();
		}
	}
	EXPECT_EQ(60u, changes);
}

TEST(ReferenceTextBreakpoint, IsOursWhenTheTrapIsOver)
{
	EXPECT_FALSE(text_breakpoint(AXB_NOT_OURS, 0, nullptr));
	EXPECT_TRUE(text_breakpoint(AXB_RESUME, 0, nullptr));
	EXPECT_TRUE(text_breakpoint(AXB_RETRY, 0, nullptr));
	EXPECT_FALSE(text_breakpoint(AXB_STEP, 0, nullptr));
	EXPECT_FALSE(text_breakpoint(AXB_INJECT, 0, nullptr));
}

} // namespace
