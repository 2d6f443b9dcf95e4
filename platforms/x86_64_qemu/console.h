/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Text to the UART. Each call is one piece: output of two CPUs mixes between calls, not within.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_CONSOLE_H_
#define AXB_PLATFORMS_X86_64_QEMU_CONSOLE_H_

#include <stddef.h>
#include <stdint.h>

/** Write text; '\n' becomes "\r\n". Context: boot, thread. */
void console_write(const char *text, size_t length);
void console_puts(const char *text);

/** A character that VM @id sent. */
void console_vm_put(uint16_t id, char c);

/** console_puts() without the lock, for a CPU that is about to stop. Context: any. */
void console_puts_unlocked(const char *text);

#endif
