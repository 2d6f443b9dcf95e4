/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/console.h"
#include "platforms/x86_64_qemu/uart.h"
void console_puts(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			uart_put('\r');
		}
		uart_put(*text);
	}
}
void console_vm_put(uint16_t id, char c)
{
	(void)id;
	uart_put(c);
}
