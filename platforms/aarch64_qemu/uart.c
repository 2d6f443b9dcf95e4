/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The serial line of platforms/reference/machine.h: PL011 (Arm DDI 0183), polled both ways. QEMU
 * needs no set-up of line rate or enables.
 */
#include <stdint.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/mmio.h"
#include "platforms/reference/machine.h"

#define UART_DR (BOARD_UART_BASE + 0x00)
#define UART_FR (BOARD_UART_BASE + 0x18)
#define FR_RX_EMPTY (1u << 4)
#define FR_TX_FULL (1u << 5)

void machine_put(char c)
{
	while ((mmio_read32(UART_FR) & FR_TX_FULL) != 0) {
	}
	mmio_write32(UART_DR, (uint8_t)c);
}

bool machine_get(char *c)
{
	if ((mmio_read32(UART_FR) & FR_RX_EMPTY) != 0) {
		return false;
	}
	*c = (char)mmio_read32(UART_DR);
	return true;
}
