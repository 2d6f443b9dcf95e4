/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/console.h"

#include "runtime/base/spinlock.h"
#include "platforms/x86_64_qemu/uart.h"
#include "runtime/base/mem.h"

static struct axb_spinlock lock;

static void put(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			uart_put('\r');
		}
		uart_put(text[i]);
	}
}

void console_write(const char *text, size_t length)
{
	axb_spinlock_lock(&lock);
	put(text, length);
	axb_spinlock_unlock(&lock);
}

void console_puts(const char *text)
{
	console_write(text, axb_strnlen(text, SIZE_MAX));
}

void console_vm_put(uint16_t id, char c)
{
	(void)id;
	axb_spinlock_lock(&lock);
	uart_put(c);
	axb_spinlock_unlock(&lock);
}

void console_puts_unlocked(const char *text)
{
	put(text, axb_strnlen(text, SIZE_MAX));
}
