/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platforms/reference/shmring.h"

namespace
{

class Shmring : public testing::Test
{
      protected:
	Shmring() : memory_((SHMRING_DATA_OFFSET + 16) / 8)
	{
		EXPECT_TRUE(shmring_init(&ring_, memory_.data(), memory_.size() * 8));
	}
	bool Put(const std::string &text)
	{
		return shmring_put(&ring_, text.data(), text.size());
	}
	std::string Take(uint64_t count)
	{
		std::string out;
		for (; count > 0 && ring_.header->taken < ring_.header->written; count--) {
			out += (char)ring_.data[ring_.header->taken++ % ring_.capacity];
		}
		return out;
	}
	std::vector<uint64_t> memory_;
	struct shmring ring_;
};

TEST_F(Shmring, GivesBytesInOrderAcrossItsEnd)
{
	EXPECT_EQ(ring_.header->magic, SHMRING_MAGIC);
	EXPECT_EQ(ring_.header->capacity, 16u);
	ASSERT_TRUE(Put("0123456789"));
	EXPECT_EQ(Take(8), "01234567");
	ASSERT_TRUE(Put("abcdefghijklmn"));
	EXPECT_EQ(shmring_room(&ring_), 0u);
	EXPECT_EQ(Take(99), "89abcdefghijklmn");
	EXPECT_EQ(ring_.header->state, (uint64_t)SHMRING_OPEN);
	shmring_close(&ring_);
	EXPECT_EQ(ring_.header->state, (uint64_t)SHMRING_CLOSED);
}

TEST_F(Shmring, TakesAllOrNothing)
{
	ASSERT_TRUE(Put("0123456789"));
	EXPECT_FALSE(Put("abcdefg"));
	EXPECT_EQ(ring_.header->written, 10u);
	EXPECT_TRUE(Put("abcdef"));
	EXPECT_EQ(Take(99), "0123456789abcdef");
}

TEST_F(Shmring, DoesNotTrustTheReader)
{
	ASSERT_TRUE(Put("0123"));
	for (uint64_t taken : {UINT64_C(5), UINT64_C(1) << 63}) {
		ring_.header->taken = taken;
		EXPECT_EQ(shmring_room(&ring_), 0u);
		EXPECT_FALSE(Put("x"));
	}
	ring_.header->taken = 4;
	ring_.header->capacity = 1000;
	ring_.header->written = 1000;
	EXPECT_EQ(shmring_room(&ring_), 16u);
	ASSERT_TRUE(Put("4567"));
	EXPECT_EQ(ring_.header->written, 8u);
}

TEST(ShmringInit, RefusesMemoryWithoutRoomForData)
{
	struct shmring ring;
	std::vector<uint64_t> memory(SHMRING_DATA_OFFSET / 8);
	EXPECT_FALSE(shmring_init(&ring, memory.data(), SHMRING_DATA_OFFSET));
}

} // namespace
