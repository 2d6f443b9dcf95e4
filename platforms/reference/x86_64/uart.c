/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/x86_64/uart.h"

#include "platforms/reference/machine.h"
#include "platforms/reference/x86_64/cpu.h"

#define COM1 0x3f8
#define DATA (COM1 + 0)
#define INTERRUPT_ENABLE (COM1 + 1)
#define FIFO_CONTROL (COM1 + 2)
#define LINE_CONTROL (COM1 + 3)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS (COM1 + 5)

#define DIVISOR_115200 1u
#define LINE_8N1 0x03u
#define LINE_DIVISOR_ACCESS 0x80u
#define FIFOS_ON_AND_CLEAR 0x07u
#define MODEM_DTR_RTS 0x03u
#define STATUS_RECEIVED 0x01u
#define STATUS_ROOM 0x20u

void uart_init(void)
{
	out8(INTERRUPT_ENABLE, 0);
	out8(LINE_CONTROL, LINE_DIVISOR_ACCESS);
	out8(DATA, DIVISOR_115200);
	out8(INTERRUPT_ENABLE, 0);
	out8(LINE_CONTROL, LINE_8N1);
	out8(FIFO_CONTROL, FIFOS_ON_AND_CLEAR);
	out8(MODEM_CONTROL, MODEM_DTR_RTS);
}

void machine_put(char c)
{
	while ((in8(LINE_STATUS) & STATUS_ROOM) == 0) {
	}
	out8(DATA, (uint8_t)c);
}

bool machine_get(char *c)
{
	if ((in8(LINE_STATUS) & STATUS_RECEIVED) == 0) {
		return false;
	}
	*c = (char)in8(DATA);
	return true;
}
