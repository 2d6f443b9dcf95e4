/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: National Semiconductor PC16550D data sheet.
 */
#include "platforms/reference/devices/uart16550.h"

#include "runtime/base/atomic.h"

#define DATA 0u
#define INTERRUPT_ENABLE 1u
#define INTERRUPT_IDENTIFY 2u /* read; FIFO control when written */
#define LINE_CONTROL 3u
#define MODEM_CONTROL 4u
#define LINE_STATUS 5u
#define MODEM_STATUS 6u
#define SCRATCH 7u

#define ENABLE_RECEIVED 0x01u
#define ENABLE_ROOM 0x02u
#define IDENTIFY_NOTHING 0x01u
#define IDENTIFY_ROOM 0x02u
#define IDENTIFY_RECEIVED 0x04u
#define IDENTIFY_FIFOS 0xc0u
#define FIFO_ENABLE 0x01u
#define FIFO_CLEAR_RECEIVED 0x02u
#define LINE_DIVISOR_ACCESS 0x80u
#define STATUS_RECEIVED 0x01u
#define STATUS_SENT 0x60u /* room in the FIFO, and all sent */
#define MODEM_LOOPBACK 0x10u
#define MODEM_STATUS_CONNECTED 0xb0u /* carrier, data set ready, clear to send */

bool uart16550_key(struct uart16550 *uart, uint8_t key)
{
	uint32_t in = uart->keys_in;
	/* Acquire; pairs with the release in read_key(): the place was read before it is reused. */
	if (in - axb_load_acquire(&uart->keys_out) == UART16550_KEYS) {
		return false;
	}
	uart->keys[in % UART16550_KEYS] = key;
	axb_store_release(&uart->keys_in, in + 1);
	return true;
}

static bool has_key(const struct uart16550 *uart)
{
	/* Acquire; pairs with the release in uart16550_key(). */
	return axb_load_acquire(&uart->keys_in) != uart->keys_out;
}

static uint8_t read_key(struct uart16550 *uart)
{
	if (!has_key(uart)) {
		return 0;
	}
	uint8_t key = uart->keys[uart->keys_out % UART16550_KEYS];
	axb_store_release(&uart->keys_out, uart->keys_out + 1);
	return key;
}

/* In loopback the four outputs come back as inputs: DTR as DSR, RTS as CTS, OUT1 as RI, OUT2 as
 * DCD. */
static uint8_t modem_status(const struct uart16550 *uart)
{
	uint8_t control = uart->modem_control;
	if ((control & MODEM_LOOPBACK) == 0) {
		return MODEM_STATUS_CONNECTED;
	}
	return (uint8_t)((control & 1) << 5 | (control & 2) << 3 | (control & 0xc) << 4);
}

static bool divisor_is_accessed(const struct uart16550 *uart)
{
	return (uart->line_control & LINE_DIVISOR_ACCESS) != 0;
}

/* What would interrupt, if the line was wired: drivers that poll look here. */
static uint8_t identify(const struct uart16550 *uart)
{
	uint8_t fifos = (uart->fifo_control & FIFO_ENABLE) != 0 ? IDENTIFY_FIFOS : 0;
	if ((uart->interrupt_enable & ENABLE_RECEIVED) != 0 && has_key(uart)) {
		return IDENTIFY_RECEIVED | fifos;
	}
	/* There is always room. */
	if ((uart->interrupt_enable & ENABLE_ROOM) != 0) {
		return IDENTIFY_ROOM | fifos;
	}
	return IDENTIFY_NOTHING | fifos;
}

uint8_t uart16550_read(struct uart16550 *uart, uint32_t offset)
{
	switch (offset) {
	case DATA:
		return divisor_is_accessed(uart) ? (uint8_t)uart->divisor : read_key(uart);
	case INTERRUPT_ENABLE:
		return divisor_is_accessed(uart) ? (uint8_t)(uart->divisor >> 8)
						 : uart->interrupt_enable;
	case INTERRUPT_IDENTIFY:
		return identify(uart);
	case LINE_CONTROL:
		return uart->line_control;
	case MODEM_CONTROL:
		return uart->modem_control;
	case LINE_STATUS:
		return STATUS_SENT | (has_key(uart) ? STATUS_RECEIVED : 0);
	case MODEM_STATUS:
		return modem_status(uart);
	case SCRATCH:
		return uart->scratch;
	default:
		return 0xff;
	}
}

static void write_fifo_control(struct uart16550 *uart, uint8_t value)
{
	uart->fifo_control = value;
	if ((value & FIFO_CLEAR_RECEIVED) != 0) {
		axb_store_release(&uart->keys_out, axb_load_acquire(&uart->keys_in));
	}
}

bool uart16550_write(struct uart16550 *uart, uint32_t offset, uint8_t value)
{
	switch (offset) {
	case DATA:
		if (!divisor_is_accessed(uart)) {
			return (uart->modem_control & MODEM_LOOPBACK) == 0;
		}
		uart->divisor = (uint16_t)((uart->divisor & 0xff00) | value);
		return false;
	case INTERRUPT_ENABLE:
		if (divisor_is_accessed(uart)) {
			uart->divisor = (uint16_t)((uart->divisor & 0xff) | value << 8);
		} else {
			uart->interrupt_enable = value & 0x0f;
		}
		return false;
	case INTERRUPT_IDENTIFY:
		write_fifo_control(uart, value);
		return false;
	case LINE_CONTROL:
		uart->line_control = value;
		return false;
	case MODEM_CONTROL:
		uart->modem_control = value & 0x1f;
		return false;
	case SCRATCH:
		uart->scratch = value;
		return false;
	default:
		return false;
	}
}
