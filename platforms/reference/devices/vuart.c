/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/devices/vuart.h"

#include <stddef.h>

/* Registers: DDI 0183G table 3-1. */
#define UART_DR 0x00u
#define UART_FR 0x18u
#define UART_IBRD 0x24u
#define UART_FBRD 0x28u
#define UART_LCR 0x2cu
#define UART_CR 0x30u
#define UART_IFLS 0x34u
#define UART_IMSC 0x38u
#define UART_RIS 0x3cu
#define UART_MIS 0x40u
#define UART_ICR 0x44u
#define UART_ID 0xfe0u

#define FR_TX_EMPTY (1u << 7)
#define FR_RX_FULL (1u << 6)
#define FR_RX_EMPTY (1u << 4)
#define CR_AT_RESET 0x300u
#define IFLS_AT_RESET 0x12u
#define IRQ_RX (1u << 4)
#define IRQ_TX (1u << 5)
#define IRQ_RX_TIMEOUT (1u << 6)
#define IRQ_OVERRUN (1u << 10)
#define IRQ_ALL 0x7ffu

/* UARTPeriphID0 .. 3, UARTPCellID0 .. 3: revision r1p5. */
static const uint8_t ids[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

void vuart_init(struct vuart *uart)
{
	*uart = (struct vuart){.cr = CR_AT_RESET, .ifls = IFLS_AT_RESET};
}

/* What has arrived is told at once: by the time-out interrupt, without waiting. */
static void update(struct vuart *uart)
{
	uint32_t receive = IRQ_RX | IRQ_RX_TIMEOUT;
	uart->ris = uart->head != uart->tail ? uart->ris | receive : uart->ris & ~receive;
}

void vuart_receive(struct vuart *uart, char c)
{
	if (uart->tail - uart->head == VUART_FIFO) {
		uart->ris |= IRQ_OVERRUN;
		return;
	}
	uart->fifo[uart->tail++ % VUART_FIFO] = (uint8_t)c;
	update(uart);
}

bool vuart_irq(const struct vuart *uart)
{
	return (uart->ris & uart->imsc) != 0;
}

static uint32_t read_data(struct vuart *uart)
{
	if (uart->head == uart->tail) {
		return 0;
	}
	uint8_t c = uart->fifo[uart->head++ % VUART_FIFO];
	update(uart);
	return c;
}

static uint32_t read_flags(const struct vuart *uart)
{
	uint32_t count = uart->tail - uart->head;
	return FR_TX_EMPTY | (count == 0 ? FR_RX_EMPTY : 0) |
	       (count == VUART_FIFO ? FR_RX_FULL : 0);
}

/* The registers that only keep what is written, and the bits that they have. */
static uint32_t *plain_register(struct vuart *uart, uint32_t offset, uint32_t *mask)
{
	const struct {
		uint32_t offset;
		uint32_t mask;
		uint32_t *value;
	} registers[] = {
		{UART_IBRD, 0xffff, &uart->ibrd},
		{UART_FBRD, 0x3f, &uart->fbrd},
		{UART_LCR, 0xff, &uart->lcr},
		{UART_CR, 0xffff, &uart->cr},
		{UART_IFLS, 0x3f, &uart->ifls},
		{UART_IMSC, IRQ_ALL, &uart->imsc},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(registers); i++) {
		if (registers[i].offset == offset) {
			*mask = registers[i].mask;
			return registers[i].value;
		}
	}
	return NULL;
}

static uint32_t read_register(struct vuart *uart, uint32_t offset)
{
	uint32_t mask;
	const uint32_t *plain = plain_register(uart, offset, &mask);
	if (plain != NULL) {
		return *plain;
	}
	switch (offset) {
	case UART_DR:
		return read_data(uart);
	case UART_FR:
		return read_flags(uart);
	case UART_RIS:
		return uart->ris;
	case UART_MIS:
		return uart->ris & uart->imsc;
	default:
		return offset >= UART_ID ? ids[(offset - UART_ID) / 4] : 0;
	}
}

bool vuart_access(
	struct vuart *uart, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value, int *sent)
{
	uint64_t offset = gpa.pa - VUART_BASE;
	*sent = -1;
	if (offset >= VUART_SIZE || offset % 4 != 0 || size > 4) {
		return false;
	}
	if (!is_write) {
		*value = read_register(uart, (uint32_t)offset);
		return true;
	}
	uint32_t mask;
	uint32_t *plain = plain_register(uart, (uint32_t)offset, &mask);
	if (plain != NULL) {
		*plain = (uint32_t)*value & mask;
	} else if (offset == UART_DR) {
		*sent = (int)(*value & 0xff);
		/* Sent, and room for more. */
		uart->ris |= IRQ_TX;
	} else if (offset == UART_ICR) {
		uart->ris &= ~(uint32_t)*value;
		update(uart);
	}
	return true;
}
