/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/console.h"

#include "platforms/reference/machine.h"
#include "platforms/reference/package.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/text.h"

#define KEY_SWITCH 0x1d /* Control-] */

/* The newest bytes of a VM that has not the line. */
struct kept {
	uint64_t written;
	char bytes[CONSOLE_KEPT];
};

static struct axb_spinlock lock;
static uint16_t focus;
static uint16_t count;
static const char *(*name)(uint16_t id);
static struct kept kept[PACKAGE_VMS_MAX];
static bool is_switching; /* the last key was KEY_SWITCH */

void console_init(uint16_t vm_count, const char *(*name_of)(uint16_t id))
{
	count = vm_count;
	name = name_of;
}

static void put(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n') {
			machine_put('\r');
		}
		machine_put(text[i]);
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

void console_puts_unlocked(const char *text)
{
	put(text, axb_strnlen(text, SIZE_MAX));
}

void console_vm_put(uint16_t id, char c)
{
	struct kept *own = &kept[id - 1];
	axb_spinlock_lock(&lock);
	if (focus == id) {
		machine_put(c);
	} else {
		own->bytes[own->written++ % CONSOLE_KEPT] = c;
	}
	axb_spinlock_unlock(&lock);
}

/* What VM @id sent while others had the line. The lock is held. */
static void show_kept(uint16_t id)
{
	struct kept *own = &kept[id - 1];
	uint64_t at = own->written > CONSOLE_KEPT ? own->written - CONSOLE_KEPT : 0;
	if (at != 0) {
		char buffer[64];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_char(&text, '[');
		axb_text_u64(&text, at);
		axb_text_str(&text, " bytes before this are lost]\n");
		put(buffer, text.length);
	}
	for (; at < own->written; at++) {
		machine_put(own->bytes[at % CONSOLE_KEPT]);
	}
	own->written = 0;
}

bool console_switch(uint16_t id)
{
	if (id > count) {
		return false;
	}
	axb_spinlock_lock(&lock);
	focus = id;
	put("\n[console: ", 11);
	const char *who = id == CONSOLE_SHELL ? "shell" : name(id);
	put(who, axb_strnlen(who, PACKAGE_NAME_SIZE));
	put("]\n", 2);
	if (id != CONSOLE_SHELL) {
		show_kept(id);
	}
	axb_spinlock_unlock(&lock);
	return true;
}

uint16_t console_focus(void)
{
	return focus;
}

bool console_take(char typed, char *key)
{
	if (is_switching && typed != KEY_SWITCH) {
		is_switching = false;
		/* Another key than a VM's: nothing happens. */
		(void)(typed >= '0' && typed <= '9' && console_switch((uint16_t)(typed - '0')));
		return false;
	}
	if (!is_switching && typed == KEY_SWITCH) {
		is_switching = true;
		return false;
	}
	is_switching = false;
	*key = typed;
	if (focus != CONSOLE_SHELL) {
		machine_vm_input(focus, typed);
	}
	return focus == CONSOLE_SHELL;
}
