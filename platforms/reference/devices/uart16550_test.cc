/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include "platforms/reference/devices/uart16550.h"

namespace
{

class Uart : public testing::Test
{
      protected:
	struct uart16550 uart_ = {};
};

TEST_F(Uart, SendsWhatIsWrittenToItsData)
{
	EXPECT_TRUE(uart16550_write(&uart_, 0, 'x'));
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x60);
	uart16550_write(&uart_, 3, 0x80);
	EXPECT_FALSE(uart16550_write(&uart_, 0, 1)) << "the divisor";
	EXPECT_EQ(uart16550_read(&uart_, 0), 1);
	uart16550_write(&uart_, 3, 3);
	uart16550_write(&uart_, 4, 0x10);
	EXPECT_FALSE(uart16550_write(&uart_, 0, 'x')) << "loopback";
}

TEST_F(Uart, GivesKeysInOrderAndIdentifiesThem)
{
	uart16550_write(&uart_, 1, 3);
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xf, 2) << "room";
	EXPECT_TRUE(uart16550_key(&uart_, 'a'));
	EXPECT_TRUE(uart16550_key(&uart_, 'b'));
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xf, 4) << "received";
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x61);
	EXPECT_EQ(uart16550_read(&uart_, 0), 'a');
	EXPECT_EQ(uart16550_read(&uart_, 0), 'b');
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x60);
	uart16550_write(&uart_, 1, 0);
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xf, 1) << "nothing";
}

TEST_F(Uart, RefusesKeysWhenFull)
{
	for (unsigned i = 0; i < UART16550_KEYS; i++) {
		ASSERT_TRUE(uart16550_key(&uart_, (uint8_t)i));
	}
	EXPECT_FALSE(uart16550_key(&uart_, 1));
	uart16550_write(&uart_, 2, 7);
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x60) << "cleared";
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xc0, 0xc0);
	EXPECT_TRUE(uart16550_key(&uart_, 1));
}

TEST_F(Uart, LoopsModemOutputsBack)
{
	const struct {
		uint8_t control, status;
	} cases[] = {
		{0x00, 0xb0}, {0x10, 0}, {0x11, 0x20}, {0x12, 0x10}, {0x14, 0x40}, {0x1a, 0x90}};
	for (const auto &c : cases) {
		uart16550_write(&uart_, 4, c.control);
		EXPECT_EQ(uart16550_read(&uart_, 6), c.status) << int(c.control);
	}
}

} // namespace
