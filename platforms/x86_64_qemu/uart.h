/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * COM1: a 16550, polled both ways.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_UART_H_
#define AXB_PLATFORMS_X86_64_QEMU_UART_H_

#include <stdbool.h>

/** 115200 8N1, FIFOs on. Context: boot, CPU 0. */
void uart_init(void);

/** Wait for room, then send. Context: any. */
void uart_put(char c);

/** One received character, if there is any. Context: thread, CPU 0. */
bool uart_get(char *c);

#endif
