/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/uart.h"

#include <stdint.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/mmio.h"

#define UART_DR (BOARD_UART_BASE + 0x00)
#define UART_FR (BOARD_UART_BASE + 0x18)
#define FR_RX_EMPTY (1u << 4)
#define FR_TX_FULL (1u << 5)

void uart_put(char c)
{
	while ((mmio_read32(UART_FR) & FR_TX_FULL) != 0) {
	}
	mmio_write32(UART_DR, (uint8_t)c);
}

bool uart_get(char *c)
{
	if ((mmio_read32(UART_FR) & FR_RX_EMPTY) != 0) {
		return false;
	}
	*c = (char)mmio_read32(UART_DR);
	return true;
}
