/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_CONSOLE_H_
#define AXB_PLATFORMS_X86_64_QEMU_CONSOLE_H_
#include <stdint.h>
void console_puts(const char *text);
void console_vm_put(uint16_t id, char c);
#endif
