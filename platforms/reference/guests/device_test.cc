/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include "platforms/reference/guests/abi.h"
#include "platforms/reference/guests/device.h"

namespace
{

class Device : public testing::Test
{
      protected:
	Device()
	{
		device_init(&device_, 2);
	}
	bool Access(uint64_t offset, uint32_t size, bool is_write, uint64_t *value)
	{
		return device_access(&device_, offset, size, is_write, value);
	}
	struct device device_;
};

TEST_F(Device, ReadsBackWhatWasWrittenInItsWidth)
{
	uint64_t value = 0x1122334455667788;
	ASSERT_TRUE(Access(DEVICE_SCRATCH, 4, true, &value));
	ASSERT_TRUE(Access(DEVICE_SCRATCH, 8, false, &value));
	EXPECT_EQ(value, 0x55667788u);
	ASSERT_TRUE(Access(DEVICE_SCRATCH, 1, false, &value));
	EXPECT_EQ(value, 0x88u);
}

TEST_F(Device, CountsAccessesAndTellsItsVm)
{
	uint64_t value = 0;
	ASSERT_TRUE(Access(DEVICE_ID, 8, false, &value));
	EXPECT_EQ(value, DEVICE_ID_MAGIC | 2u);
	ASSERT_TRUE(Access(DEVICE_ACCESSES, 8, false, &value));
	EXPECT_EQ(value, 1u);
}

TEST_F(Device, RefusesOtherRegisters)
{
	uint64_t value = 0;
	EXPECT_FALSE(Access(DEVICE_ID, 8, true, &value));
	EXPECT_FALSE(Access(0x18, 8, false, &value));
	EXPECT_FALSE(Access(GUEST_DEVICE_SIZE, 8, false, &value));
	EXPECT_FALSE(Access(DEVICE_ID - 8, 8, false, &value));
	EXPECT_EQ(device_.accesses, 0u);
}

} // namespace
