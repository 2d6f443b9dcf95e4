/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/hooks/fake/fake.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/base/types.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/guest.h"
#include "runtime/hooks/mem.h"

namespace
{

class AxbFake : public testing::Test
{
      protected:
	void SetUp() override
	{
		axb_fake_reset();
	}
};

TEST_F(AxbFake, GivesEachThreadItsCpu)
{
	axb_fake_set_cpu(1);
	std::thread([] {
		EXPECT_EQ(axb_plat_cpu_id(), 0u);
		axb_fake_set_cpu(7);
		EXPECT_EQ(axb_plat_cpu_id(), 7u);
	}).join();
	EXPECT_EQ(axb_plat_cpu_id(), 1u);
	axb_fake_set_cpu_count(8);
	EXPECT_EQ(axb_plat_cpu_count(), 8u);
	axb_fake_reset();
	EXPECT_EQ(axb_plat_cpu_id(), 0u);
	EXPECT_EQ(axb_plat_cpu_count(), AXB_FAKE_CPU_COUNT_DEFAULT);
}

TEST_F(AxbFake, CountsReadingsOfTheClock)
{
	EXPECT_EQ(axb_plat_time_ns(), 0u);
	EXPECT_EQ(axb_plat_time_ns(), AXB_FAKE_TIME_STEP_DEFAULT);
	axb_fake_set_time(5, 10);
	EXPECT_EQ(axb_plat_time_ns(), 5u);
	axb_fake_advance(100);
	EXPECT_EQ(axb_plat_time_ns(), 115u);
}

void ReadClock(void *times)
{
	static_cast<std::vector<uint64_t> *>(times)->push_back(axb_plat_time_ns());
}

TEST_F(AxbFake, TrapsOnceAtTheClock)
{
	std::vector<uint64_t> times;
	axb_fake_set_time(1, 1);
	axb_fake_trap_at_clock(ReadClock, &times);
	EXPECT_EQ(axb_plat_time_ns(), 2u);
	EXPECT_EQ(axb_plat_time_ns(), 3u);
	EXPECT_EQ(times, std::vector<uint64_t>{1});
}

TEST_F(AxbFake, TrapsOnceAtTheCopy)
{
	uint32_t from = 1, to = 0;
	ASSERT_TRUE(axb_fake_add_readable(&from, sizeof(from)));
	axb_fake_trap_at_copy([](void *cookie) { *static_cast<uint32_t *>(cookie) += 1; }, &from);
	for (int i = 0; i < 2; i++) {
		EXPECT_TRUE(
			axb_plat_copy_from(&to, reinterpret_cast<uintptr_t>(&from), sizeof(to)));
		EXPECT_EQ(2u, to);
	}
}

TEST_F(AxbFake, KnowsTheVcpuOfEachThread)
{
	axb_vcpu_context context = {};
	axb_plat_vcpu_context(&context);
	EXPECT_EQ(context.vm_id, AXB_VM_HYPERVISOR);
	EXPECT_EQ(context.vcpu_id, AXB_VCPU_NONE);
	const axb_vcpu_context set = {2, 1, true, 6};
	axb_fake_set_vcpu(&set);
	axb_plat_vcpu_context(&context);
	EXPECT_EQ(context.vm_id, 2u);
	EXPECT_EQ(context.vcpu_id, 1u);
	EXPECT_TRUE(context.has_exit_reason);
	EXPECT_EQ(context.exit_reason, 6u);
	axb_fake_set_vcpu(nullptr);
	axb_plat_vcpu_context(&context);
	EXPECT_FALSE(context.has_exit_reason);
}

TEST_F(AxbFake, HasTheGuestRegistersOfEachThread)
{
	const uint64_t regs[] = {5, 6};
	uint64_t value = 1;
	EXPECT_EQ(axb_plat_guest_reg(0, &value), AXB_ERR_NOT_FOUND);
	axb_fake_set_guest_regs(regs, 2);
	EXPECT_EQ(axb_plat_guest_reg(1, &value), AXB_OK);
	EXPECT_EQ(value, 6u);
	EXPECT_EQ(axb_plat_guest_reg(2, &value), AXB_ERR_ARG);
	EXPECT_EQ(value, 6u);
	axb_fake_set_guest_regs(nullptr, 0);
	EXPECT_EQ(axb_plat_guest_reg(1, &value), AXB_ERR_NOT_FOUND);
}

void RestoreOutOfOrder(void * /*cookie*/)
{
	uint64_t outer = axb_plat_irq_save();
	(void)axb_plat_irq_save();
	axb_plat_irq_restore(outer);
}

TEST_F(AxbFake, PanicsWhenInterruptStatesAreMixedUp)
{
	struct axb_fake_panic panic = {};
	uint64_t state = axb_plat_irq_save();
	EXPECT_EQ(axb_fake_irq_depth(), 1u);
	axb_plat_irq_restore(state);
	EXPECT_EQ(axb_fake_irq_depth(), 0u);
	EXPECT_TRUE(axb_fake_catch_panic(RestoreOutOfOrder, nullptr, &panic));
	EXPECT_STREQ(panic.what, "state + 1 == irq_depth");
}

TEST_F(AxbFake, CopiesFromReadableRangesOnly)
{
	const char text[] = "0123456789";
	struct {
		const char *from;
		size_t size;
		bool ok;
	} const cases[] = {
		{text + 2, 5, true},
		{text + 2, 1, true},
		{text + 6, 1, true},
		{text + 7, 0, true},
		{text + 1, 1, false},
		{text + 1, 3, false},
		{text + 7, 1, false},
		{text + 6, 2, false},
		{text + 2, SIZE_MAX, false},
		{nullptr, 1, false},
	};
	char to[16];
	EXPECT_FALSE(axb_plat_copy_from(to, reinterpret_cast<uintptr_t>(text + 2), 1));
	ASSERT_TRUE(axb_fake_add_readable(text + 2, 5));
	for (const auto &c : cases) {
		EXPECT_EQ(axb_plat_copy_from(to, reinterpret_cast<uintptr_t>(c.from), c.size), c.ok)
			<< c.from - text << "+" << c.size;
	}
	ASSERT_TRUE(axb_plat_copy_from(to, reinterpret_cast<uintptr_t>(text + 3), 3));
	EXPECT_EQ(std::string(to, 3), "345");
	for (uint32_t i = 1; i < AXB_FAKE_READABLE_MAX; i++) {
		EXPECT_TRUE(axb_fake_add_readable(text, 1));
	}
	EXPECT_FALSE(axb_fake_add_readable(text, 1));
}

void Panic(void * /*cookie*/)
{
	AXB_CHECK(1 + 1 == 3);
}

void Nothing(void * /*cookie*/)
{
}

TEST_F(AxbFake, CatchesPanics)
{
	struct axb_fake_panic panic = {};
	EXPECT_FALSE(axb_fake_catch_panic(Nothing, nullptr, &panic));
	EXPECT_EQ(panic.what, nullptr);
	EXPECT_TRUE(axb_fake_catch_panic(Panic, nullptr, &panic));
	EXPECT_STREQ(panic.what, "1 + 1 == 3");
	EXPECT_NE(panic.line, 0u);
	EXPECT_DEATH(Panic(nullptr), "1 \\+ 1 == 3");
}

} // namespace
