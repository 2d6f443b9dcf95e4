/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/panic.h"

#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/uart.h"
#include "runtime/base/text.h"

/* Without the console's lock: its holder may be what failed. */
static void put(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			uart_put('\r');
		}
		uart_put(*text);
	}
}

void panic(const char *why)
{
	char number[8];
	struct axb_text text;
	axb_text_init(&text, number, sizeof(number));
	axb_text_u64(&text, percpu()->id);
	put("\npanic on cpu ");
	put(number);
	put(": ");
	put(why);
	put("\n");
	machine_exit(EXIT_STATUS_PANIC);
}

void panic_at(const char *file, uint32_t line, const char *what)
{
	char buffer[256];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, file);
	axb_text_char(&text, ':');
	axb_text_u64(&text, line);
	axb_text_str(&text, ": ");
	axb_text_str(&text, what);
	panic(buffer);
}
