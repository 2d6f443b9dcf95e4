// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "platforms/reference/shmring.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"

namespace
{

class Shmring : public testing::Test
{
      protected:
	void SetUp() override
	{
		memory_.assign((SHMRING_DATA_OFFSET + 4096) / 64 + 64, {});
		ASSERT_TRUE(shmring_init(&ring_, memory_.data(), SHMRING_DATA_OFFSET + 5000));
		header_ = reinterpret_cast<shmring_header *>(memory_.data());
	}

	// As a consumer does.
	std::vector<uint8_t> Take()
	{
		std::vector<uint8_t> out;
		for (; header_->tail < header_->head; header_->tail++) {
			out.push_back(ring_.data[header_->tail % header_->size]);
		}
		return out;
	}

	struct Line {
		alignas(64) uint8_t bytes[64];
	};
	std::vector<Line> memory_;
	shmring ring_;
	shmring_header *header_;
};

TEST_F(Shmring, SizeIsAPowerOfTwo)
{
	EXPECT_EQ(SHMRING_MAGIC, header_->magic);
	EXPECT_EQ(4096u, header_->size);
	EXPECT_EQ(SHMRING_OPEN, header_->state);
	EXPECT_EQ(4096u, shmring_room(&ring_));
	EXPECT_FALSE(shmring_init(&ring_, memory_.data(), SHMRING_DATA_OFFSET + 4095));
}

TEST_F(Shmring, BytesComeOutInOrderAcrossTheEnd)
{
	uint8_t next_in = 0, next_out = 0;
	for (int round = 0; round < 100; round++) {
		std::vector<uint8_t> bytes(1000 + round);
		for (uint8_t &byte : bytes) {
			byte = next_in++;
		}
		ASSERT_TRUE(shmring_write(&ring_, bytes.data(), bytes.size()));
		for (uint8_t byte : Take()) {
			ASSERT_EQ(next_out++, byte);
		}
	}
	EXPECT_EQ(next_in, next_out);
}

TEST_F(Shmring, FullTakesNothing)
{
	std::vector<uint8_t> bytes(4000, 1);
	ASSERT_TRUE(shmring_write(&ring_, bytes.data(), bytes.size()));
	EXPECT_EQ(96u, shmring_room(&ring_));
	EXPECT_FALSE(shmring_write(&ring_, bytes.data(), 97));
	EXPECT_EQ(4000u, header_->head);
	EXPECT_TRUE(shmring_write(&ring_, bytes.data(), 96));
	EXPECT_EQ(0u, shmring_room(&ring_));
	EXPECT_EQ(4096u, Take().size());
	EXPECT_EQ(4096u, shmring_room(&ring_));
}

// Whatever the consumer writes, the producer stays in its memory.
TEST_F(Shmring, LyingConsumer)
{
	std::vector<uint8_t> bytes(3000, 2);
	for (uint64_t tail : {UINT64_MAX, uint64_t{1} << 63, uint64_t{5000}, uint64_t{1}}) {
		header_->tail = tail;
		header_->size = UINT64_MAX;
		header_->head = UINT64_MAX;
		for (int i = 0; i < 5; i++) {
			bool room = shmring_room(&ring_) >= bytes.size();
			EXPECT_LE(shmring_room(&ring_), 4096u);
			EXPECT_EQ(room, shmring_write(&ring_, bytes.data(), bytes.size()));
		}
	}
	for (size_t i = (SHMRING_DATA_OFFSET + 4096) / 64; i < memory_.size(); i++) {
		for (uint8_t byte : memory_[i].bytes) {
			ASSERT_EQ(0, byte);
		}
	}
}

} // namespace
