/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * PL011 (Arm DDI 0183), polled both ways. QEMU needs no set-up of line rate or enables.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_UART_H_
#define AXB_PLATFORMS_AARCH64_QEMU_UART_H_

#include <stdbool.h>

/** Wait for room, then send. Context: any. */
void uart_put(char c);

/** One received character, if there is any. Context: thread, CPU 0. */
bool uart_get(char *c);

#endif
