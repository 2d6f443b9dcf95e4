/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The serial line of platforms/reference/machine.h: COM1, a 16550, polled both ways.
 */
#ifndef AXB_PLATFORMS_REFERENCE_X86_64_UART_H_
#define AXB_PLATFORMS_REFERENCE_X86_64_UART_H_

/** 115200 8N1, FIFOs on. Context: boot, CPU 0, before the first character. */
void uart_init(void);

#endif
