/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Without the console's lock: its holder may be what failed.
 */
#include "platforms/reference/panic.h"

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "runtime/base/text.h"

#define EXIT_STATUS_PANIC 2u

static void begin(struct axb_text *text, char *buffer, size_t size)
{
	axb_text_init(text, buffer, size);
	axb_text_str(text, "\npanic on cpu ");
	axb_text_u64(text, machine_cpu_id());
	axb_text_str(text, ": ");
}

__attribute__((noreturn)) static void finish(struct axb_text *text)
{
	console_puts_unlocked(text->buffer);
	console_puts_unlocked("\n");
	machine_exit(EXIT_STATUS_PANIC);
}

void panic(const char *what)
{
	char buffer[256];
	struct axb_text text;
	begin(&text, buffer, sizeof(buffer));
	axb_text_str(&text, what);
	finish(&text);
}

void panic_at(const char *file, uint32_t line, const char *what)
{
	char buffer[256];
	struct axb_text text;
	begin(&text, buffer, sizeof(buffer));
	axb_text_str(&text, file);
	axb_text_char(&text, ':');
	axb_text_u64(&text, line);
	axb_text_str(&text, ": ");
	axb_text_str(&text, what);
	finish(&text);
}
