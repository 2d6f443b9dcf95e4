/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The 16550 that a VM sees: eight registers, used by polling (no interrupt is wired). Pure. The
 * caller serializes accesses of the guest; keys may come from one other CPU meanwhile.
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_UART16550_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_UART16550_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UART16550_KEYS 256u

struct uart16550 {
	uint8_t interrupt_enable;
	uint8_t line_control;
	uint8_t modem_control;
	uint8_t scratch;
	uint8_t fifo_control;
	uint16_t divisor;
	uint8_t keys[UART16550_KEYS]; /**< ring: typed by one, read by the guest */
	uint32_t keys_in;
	uint32_t keys_out;
};

/** @return false when the ring is full. Context: one CPU, any. */
bool uart16550_key(struct uart16550 *uart, uint8_t key);

/** @param offset 0 .. 7 */
uint8_t uart16550_read(struct uart16550 *uart, uint32_t offset);

/** @return true when the guest sent @value. */
bool uart16550_write(struct uart16550 *uart, uint32_t offset, uint8_t value);

#ifdef __cplusplus
}
#endif

#endif
