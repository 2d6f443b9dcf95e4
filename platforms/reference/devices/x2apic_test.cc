/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <vector>

#include <gtest/gtest.h>

#include "platforms/reference/devices/x2apic.h"

namespace
{

constexpr uint32_t kEoi = 0x80b, kSpurious = 0x80f, kCommand = 0x830, kTimer = 0x832;
constexpr uint32_t kTaskPriority = 0x808, kProcessorPriority = 0x80a, kSelf = 0x83f;
constexpr uint32_t kInitial = 0x838, kCurrent = 0x839, kDivide = 0x83e, kMasked = 0x10000;
constexpr uint64_t kTscKhz = 2000000; // two counts a nanosecond

class X2apic : public testing::Test
{
      protected:
	X2apic()
	{
		x2apic_init(&apic_, 5, kTscKhz);
		EXPECT_EQ(Write(kSpurious, 0x1ff), X2APIC_DONE);
	}
	enum x2apic_effect Write(uint32_t msr, uint64_t value, uint64_t now = 0)
	{
		return x2apic_write(&apic_, msr, value, now);
	}
	uint64_t Read(uint32_t msr, uint64_t now = 0)
	{
		uint64_t value = 0;
		EXPECT_TRUE(x2apic_read(&apic_, msr, now, &value)) << std::hex << msr;
		return value;
	}
	struct x2apic apic_;
};

TEST_F(X2apic, IsIdentifiedByItsId)
{
	EXPECT_EQ(Read(0x802), 5u);
	EXPECT_EQ(Read(0x803), 0x50014u);
	EXPECT_EQ(Read(0x80d), 1u << 5);
	x2apic_init(&apic_, 0x23, kTscKhz);
	EXPECT_EQ(Read(0x80d), 0x2u << 16 | 1u << 3);
}

TEST_F(X2apic, RefusesWhatIsNotThere)
{
	uint64_t value;
	for (uint32_t msr : {0x800u, 0x804u, 0x809u, 0x80eu, 0x829u, 0x831u, 0x83au}) {
		EXPECT_FALSE(x2apic_read(&apic_, msr, 0, &value)) << std::hex << msr;
	}
	for (uint32_t msr :
		{0x802u, 0x803u, kProcessorPriority, 0x80du, 0x810u, 0x820u, kCurrent}) {
		EXPECT_EQ(Write(msr, 0), X2APIC_REFUSED) << std::hex << msr;
	}
	EXPECT_EQ(Write(kEoi, 1), X2APIC_REFUSED);
	EXPECT_EQ(Write(kSpurious, UINT64_C(1) << 32), X2APIC_REFUSED);
	EXPECT_FALSE(x2apic_read(&apic_, kEoi, 0, &value));
}

TEST_F(X2apic, GivesTheHighestVectorAndHoldsLowerOnesBackUntilItsEnd)
{
	x2apic_request(&apic_, 0x41);
	x2apic_request(&apic_, 0x93);
	EXPECT_EQ(x2apic_pending(&apic_), 0x93u);
	x2apic_accept(&apic_, 0x93);
	EXPECT_EQ(Read(kProcessorPriority), 0x90u);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	EXPECT_EQ(Read(0x814), 1u << 0x13);
	x2apic_request(&apic_, 0xa0);
	EXPECT_EQ(x2apic_pending(&apic_), 0xa0u);
	x2apic_accept(&apic_, 0xa0);
	Write(kEoi, 0);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	Write(kEoi, 0);
	EXPECT_EQ(x2apic_pending(&apic_), 0x41u);
}

TEST_F(X2apic, HoldsBackWhatTheTaskPriorityMasks)
{
	x2apic_request(&apic_, 0x55);
	Write(kTaskPriority, 0x50);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	Write(kTaskPriority, 0x4f);
	EXPECT_EQ(x2apic_pending(&apic_), 0x55u);
	Write(kSpurious, 0xff);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
}

TEST_F(X2apic, NeverTakesVectorsOfExceptions)
{
	Write(kSelf, 0x0f);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	Write(kSelf, 0x10);
	EXPECT_EQ(x2apic_pending(&apic_), 0x10u);
	EXPECT_EQ(Write(kSelf, 0x100), X2APIC_REFUSED);
}

TEST_F(X2apic, OneShotTimerExpiresOnce)
{
	Write(kTimer, 0x40);
	Write(kDivide, 0xb); // by 1
	Write(kInitial, 1000, 100);
	EXPECT_EQ(apic_.deadline, 100u + 2 * 1000);
	EXPECT_EQ(Read(kCurrent, 100 + 2 * 400), 600u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 2099), X2APIC_NO_VECTOR);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 2100), 0x40u);
	EXPECT_EQ(x2apic_pending(&apic_), 0x40u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 9999), X2APIC_NO_VECTOR);
	EXPECT_EQ(Read(kCurrent, 9999), 0u);
}

TEST_F(X2apic, PeriodicTimerLeavesMissedPeriodsOut)
{
	Write(kTimer, 0x40 | 1 << 17);
	Write(kDivide, 0); // by 2
	Write(kInitial, 1000);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 4000), 0x40u);
	EXPECT_EQ(apic_.deadline, 8000u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 50000), 0x40u);
	EXPECT_EQ(apic_.deadline, 54000u);
}

TEST_F(X2apic, DeadlineTimerIsSetByItsOwnMsr)
{
	Write(X2APIC_MSR_TSC_DEADLINE, 77);
	EXPECT_EQ(Read(X2APIC_MSR_TSC_DEADLINE), 0u) << "not the mode";
	Write(kTimer, 0x40 | 2 << 17);
	Write(X2APIC_MSR_TSC_DEADLINE, 77);
	EXPECT_EQ(Read(X2APIC_MSR_TSC_DEADLINE), 77u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 77), 0x40u);
	EXPECT_EQ(Read(X2APIC_MSR_TSC_DEADLINE), 0u);
	Write(X2APIC_MSR_TSC_DEADLINE, 99);
	Write(kTimer, 0x40 | 2 << 17 | kMasked);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 99), X2APIC_NO_VECTOR);
}

TEST_F(X2apic, CommandIsForTheCallerToSend)
{
	EXPECT_EQ(Write(kCommand, UINT64_C(3) << 32 | 0x600 | 0x9a), X2APIC_SEND);
	EXPECT_EQ(x2apic_command_vector(apic_.command), 0x9au);
	EXPECT_EQ(x2apic_command_delivery(apic_.command), (uint32_t)X2APIC_STARTUP);
}

TEST(X2apicIsTarget, KnowsAllDestinations)
{
	const uint64_t to = UINT64_C(1) << 32;
	const struct {
		uint64_t command;
		std::vector<bool> expected; // of APICs 0 .. 3, sent by 1
	} cases[] = {
		{2 * to, {false, false, true, false}},
		{0xffffffff * to, {true, true, true, true}},
		{0x9 * to | 1 << 11, {true, false, false, true}},
		{0x10009 * to | 1 << 11, {false, false, false, false}},
		{1 << 18, {false, true, false, false}},
		{2 << 18, {true, true, true, true}},
		{3 << 18, {true, false, true, true}},
	};
	for (const auto &c : cases) {
		for (uint32_t id = 0; id < 4; id++) {
			EXPECT_EQ(x2apic_is_target(c.command, 1, id), c.expected[id])
				<< &c - cases << " " << id;
		}
	}
}

} // namespace
