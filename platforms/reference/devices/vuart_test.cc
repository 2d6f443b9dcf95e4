/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <cstdint>

#include <gtest/gtest.h>

#include "platforms/reference/devices/vuart.h"

namespace
{

constexpr uint64_t kData = 0, kFlags = 0x18, kBaud = 0x24, kControl = 0x30, kMask = 0x38,
		   kRaw = 0x3c, kMasked = 0x40, kClear = 0x44, kId = 0xfe0;
constexpr uint32_t kRx = 1u << 4, kTx = 1u << 5, kRxTimeout = 1u << 6, kOverrun = 1u << 10;
constexpr uint32_t kRxEmpty = 1u << 4, kRxFull = 1u << 6, kTxEmpty = 1u << 7;

class Vuart : public testing::Test
{
      protected:
	Vuart()
	{
		vuart_init(&uart_);
	}
	bool Access(uint64_t offset, uint32_t size, bool is_write, uint64_t *value)
	{
		return vuart_access(
			&uart_, axb_gpa_t{VUART_BASE + offset}, size, is_write, value, &sent_);
	}
	uint64_t Read(uint64_t offset)
	{
		uint64_t value = 0xbad;
		EXPECT_TRUE(Access(offset, 4, false, &value)) << offset;
		return value;
	}
	void Write(uint64_t offset, uint64_t value)
	{
		EXPECT_TRUE(Access(offset, 4, true, &value)) << offset;
	}
	struct vuart uart_;
	int sent_ = -1;
};

TEST_F(Vuart, SendsWhatIsWritten)
{
	Write(kData, 0x141);
	EXPECT_EQ(sent_, 'A');
	EXPECT_EQ(Read(kFlags), kTxEmpty | kRxEmpty);
	EXPECT_EQ(sent_, -1);
}

TEST_F(Vuart, GivesCharactersInOrder)
{
	vuart_receive(&uart_, 'a');
	vuart_receive(&uart_, '\xff');
	EXPECT_EQ(Read(kFlags) & kRxEmpty, 0u);
	EXPECT_EQ(Read(kData), static_cast<unsigned>('a'));
	EXPECT_EQ(Read(kData), 0xffu);
	EXPECT_EQ(Read(kFlags) & kRxEmpty, kRxEmpty);
	EXPECT_EQ(Read(kData), 0u);
}

TEST_F(Vuart, InterruptsWhileCharactersWait)
{
	vuart_receive(&uart_, 'a');
	EXPECT_FALSE(vuart_irq(&uart_)) << "masked";
	Write(kMask, kRx | kRxTimeout);
	EXPECT_TRUE(vuart_irq(&uart_));
	Write(kClear, kRx | kRxTimeout);
	EXPECT_TRUE(vuart_irq(&uart_)) << "it still waits";
	EXPECT_EQ(Read(kMasked), kRx | kRxTimeout);
	(void)Read(kData);
	EXPECT_FALSE(vuart_irq(&uart_));
}

TEST_F(Vuart, InterruptsWhenItHasSent)
{
	Write(kMask, kTx);
	EXPECT_FALSE(vuart_irq(&uart_));
	Write(kData, 'x');
	EXPECT_TRUE(vuart_irq(&uart_));
	Write(kClear, kTx);
	EXPECT_FALSE(vuart_irq(&uart_));
}

TEST_F(Vuart, LosesWhatDoesNotFitAndSaysSo)
{
	for (uint32_t i = 0; i < VUART_FIFO; i++) {
		EXPECT_EQ(Read(kRaw) & kOverrun, 0u);
		vuart_receive(&uart_, static_cast<char>(i));
	}
	EXPECT_EQ(Read(kFlags) & kRxFull, kRxFull);
	vuart_receive(&uart_, 'x');
	EXPECT_EQ(Read(kRaw) & kOverrun, kOverrun);
	for (uint32_t i = 0; i < VUART_FIFO; i++) {
		EXPECT_EQ(Read(kData), i % 256);
	}
	EXPECT_EQ(Read(kFlags) & kRxEmpty, kRxEmpty);
}

TEST_F(Vuart, KeepsPlainRegistersInTheirWidth)
{
	EXPECT_EQ(Read(kControl), 0x300u);
	for (uint64_t offset = kBaud; offset <= kMask; offset += 4) {
		Write(offset, 0x12345615);
		EXPECT_EQ(Read(offset) & 0x15, 0x15u) << offset;
		EXPECT_LE(Read(offset), 0xffffu) << offset;
	}
}

TEST_F(Vuart, IsAPl011)
{
	const uint8_t ids[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
	for (uint64_t i = 0; i < 8; i++) {
		EXPECT_EQ(Read(kId + 4 * i), ids[i]);
	}
	EXPECT_EQ(Read(0x80), 0u);
}

TEST_F(Vuart, RefusesOtherAddressesAndSizes)
{
	uint64_t value = 0;
	EXPECT_FALSE(Access(VUART_SIZE, 4, false, &value));
	EXPECT_FALSE(Access(-4, 4, false, &value));
	EXPECT_FALSE(Access(2, 2, true, &value));
	EXPECT_FALSE(Access(kData, 8, true, &value));
	EXPECT_TRUE(Access(kData, 1, true, &value));
}

} // namespace
