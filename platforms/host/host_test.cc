/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/host.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/types.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"

namespace
{

class AxbHost : public testing::Test
{
      protected:
	void TearDown() override
	{
		axb_host_release_cpu();
		axb_host_set_cpu_count(AXB_HOST_CPU_COUNT_DEFAULT);
	}
};

TEST_F(AxbHost, GivesThreadsDenseCpusAndTakesThemBack)
{
	const uint32_t count = 3;
	std::mutex mutex;
	std::condition_variable all_there;
	axb_host_set_cpu_count(count);
	for (int round = 0; round < 2; round++) {
		std::vector<uint32_t> cpus;
		std::vector<std::thread> threads;
		for (uint32_t i = 0; i < count; i++) {
			threads.emplace_back([&] {
				uint32_t cpu = axb_plat_cpu_id();
				EXPECT_EQ(axb_plat_cpu_id(), cpu);
				std::unique_lock<std::mutex> lock(mutex);
				cpus.push_back(cpu);
				all_there.notify_all();
				all_there.wait(lock, [&] { return cpus.size() == count; });
			});
		}
		for (std::thread &thread : threads) {
			thread.join();
		}
		std::sort(cpus.begin(), cpus.end());
		EXPECT_EQ(cpus, (std::vector<uint32_t>{0, 1, 2}));
	}
}

TEST_F(AxbHost, RefusesOneThreadTooMany)
{
	axb_host_set_cpu_count(1);
	EXPECT_EQ(axb_plat_cpu_count(), 1u);
	EXPECT_TRUE(axb_host_claim_cpu());
	EXPECT_TRUE(axb_host_claim_cpu());
	std::thread([] { EXPECT_FALSE(axb_host_claim_cpu()); }).join();
	axb_host_release_cpu();
	std::thread([] { EXPECT_TRUE(axb_host_claim_cpu()); }).join();
}

TEST_F(AxbHost, ClockDoesNotGoBack)
{
	uint64_t before = axb_plat_time_ns();
	EXPECT_NE(before, 0u);
	EXPECT_GE(axb_plat_time_ns(), before);
}

TEST_F(AxbHost, KnowsTheVcpuOfEachThread)
{
	axb_vcpu_context context = {};
	const axb_vcpu_context set = {2, 1, true, 6};
	axb_host_set_vcpu(&set);
	axb_plat_vcpu_context(&context);
	EXPECT_EQ(context.vm_id, 2u);
	EXPECT_EQ(context.exit_reason, 6u);
	std::thread([] {
		axb_vcpu_context other = {};
		axb_plat_vcpu_context(&other);
		EXPECT_EQ(other.vm_id, AXB_VM_HYPERVISOR);
		EXPECT_EQ(other.vcpu_id, AXB_VCPU_NONE);
	}).join();
	axb_host_set_vcpu(nullptr);
	axb_plat_vcpu_context(&context);
	EXPECT_EQ(context.vcpu_id, AXB_VCPU_NONE);
}

TEST_F(AxbHost, CopiesOnlyWhatIsMapped)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *pages =
		mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(pages, MAP_FAILED);
	uint8_t *bytes = static_cast<uint8_t *>(pages);
	ASSERT_EQ(mprotect(bytes + page, page, PROT_NONE), 0);
	bytes[page - 1] = 42;
	const uint64_t end = reinterpret_cast<uintptr_t>(bytes + page);
	struct {
		uint64_t from;
		size_t size;
		bool ok;
	} const cases[] = {
		{end - 1, 1, true},
		{end - 8, 8, true},
		{end - 1, 0, true},
		{end - 1, 2, false},
		{end, 1, false},
		{0, 1, false},
		{UINT64_MAX, 1, false},
		{UINT64_C(0xffff800000000000), 8, false},
	};
	for (const auto &c : cases) {
		uint8_t to[8] = {0};
		EXPECT_EQ(axb_plat_copy_from(to, c.from, c.size), c.ok)
			<< std::hex << c.from << "+" << c.size;
		if (c.ok && c.size != 0) {
			EXPECT_EQ(to[c.size - 1], 42);
		}
	}
	EXPECT_EQ(munmap(pages, 2 * page), 0);
}

TEST_F(AxbHost, PanicSaysWhereAndAborts)
{
	EXPECT_DEATH(axb_plat_panic("a.c", 7, "1 == 2"), "a.c:7: 1 == 2");
}

} // namespace
