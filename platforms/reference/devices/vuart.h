/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The serial line that a VM sees: a PL011 (Arm DDI 0183G) that sends at once. Its receive FIFO is
 * deeper than the real one's, so that a pasted line fits. Pure; the caller holds the VM's lock.
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_VUART_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_VUART_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VUART_BASE 0x09000000u
#define VUART_SIZE 0x1000u
#define VUART_IRQ 33u
#define VUART_FIFO 256u /* a power of two */

struct vuart {
	uint32_t ibrd;
	uint32_t fbrd;
	uint32_t lcr;
	uint32_t cr;
	uint32_t ifls;
	uint32_t imsc;
	uint32_t ris;
	uint32_t head; /**< next character to read; counts on */
	uint32_t tail; /**< next place to write; counts on */
	uint8_t fifo[VUART_FIFO];
};

void vuart_init(struct vuart *uart);

/**
 * Access of @size bytes at @gpa. @param value written, or the value read.
 * @param sent  gets the character that a write sent, else -1
 * @return false: not in its frame, or an access that it does not support.
 */
bool vuart_access(struct vuart *uart, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value,
	int *sent);

/** A character arrives; with a full FIFO it is lost, as on the real one. */
void vuart_receive(struct vuart *uart, char c);

/** Level of its interrupt. */
bool vuart_irq(const struct vuart *uart);

#ifdef __cplusplus
}
#endif

#endif
