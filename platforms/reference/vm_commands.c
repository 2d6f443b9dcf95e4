/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/vm_commands.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/package.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/session.h"
#include "platforms/shell/editor.h"
#include "runtime/base/mem.h"
#include "runtime/base/nearest.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

#define LINE_SIZE 256u
#define WORDS_MAX 4u
#define MIB_SHIFT 20

struct command {
	const char *name;
	const char *help;
	uint32_t words; /* after the name: at least, at most */
	enum axb_status (*run)(uint16_t id);
};

struct words {
	uint32_t count;
	const char *words[WORDS_MAX];
	uint32_t columns[WORDS_MAX];
};

static const char *const state_names[] = {
	[VM_OFF] = "off",
	[VM_RUNNING] = "running",
	[VM_STOPPED] = "stopped",
	[VM_FAILED] = "failed",
};

static void say(struct axb_text *text)
{
	axb_text_char(text, '\n');
	console_write(text->buffer, text->length);
}

/* The line with a caret under column @column, why, and what may have been meant. */
static void refuse(const char *line, uint32_t column, const char *why, const char *nearest)
{
	char buffer[2 * LINE_SIZE + 128];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "error: ");
	axb_text_str(&text, line);
	axb_text_str(&text, "\n       ");
	for (uint32_t i = 0; i < column; i++) {
		axb_text_char(&text, ' ');
	}
	axb_text_str(&text, "^ ");
	axb_text_str(&text, why);
	if (nearest[0] != '\0') {
		axb_text_str(&text, "; did you mean ");
		axb_text_str(&text, nearest);
		axb_text_char(&text, '?');
	}
	say(&text);
}

static bool split(char *copy, struct words *out)
{
	uint32_t at = 0;
	out->count = 0;
	for (;;) {
		while (copy[at] == ' ') {
			copy[at++] = '\0';
		}
		if (copy[at] == '\0') {
			return true;
		}
		if (out->count == WORDS_MAX) {
			return false;
		}
		out->columns[out->count] = at;
		out->words[out->count++] = &copy[at];
		while (copy[at] != ' ' && copy[at] != '\0') {
			at++;
		}
	}
}

/* The VM called @word, by number or name; 0 = none. */
static uint16_t find(const char *word, struct axb_nearest *nearest)
{
	const struct package *package = session_package();
	uint64_t number;
	if (axb_parse_u64(word, &number)) {
		return number <= package->vm_count ? (uint16_t)number : 0;
	}
	axb_nearest_init(nearest, word);
	for (uint16_t id = 1; id <= package->vm_count; id++) {
		const char *name = package_get_vm(package, id)->name;
		if (axb_streq(name, word)) {
			return id;
		}
		axb_nearest_offer(nearest, name);
	}
	return 0;
}

static enum axb_status list_one(uint16_t id, bool json)
{
	const struct package_vm *vm = package_get_vm(session_package(), id);
	char buffer[LINE_SIZE];
	struct axb_text text;
	struct vm_info info;
	machine_vm_info(id, &info);
	axb_text_init(&text, buffer, sizeof(buffer));
	if (json) {
		axb_text_str(&text, "{\"vm\": ");
		axb_text_u64(&text, id);
		axb_text_str(&text, ", \"name\": \"");
		axb_text_str(&text, vm->name);
		axb_text_str(&text, "\", \"state\": \"");
		axb_text_str(&text, state_names[info.state]);
		axb_text_str(&text, "\", \"vcpus\": ");
		axb_text_u64(&text, vm->vcpu_count);
		axb_text_str(&text, ", \"ram\": ");
		axb_text_u64(&text, vm->ram_size);
		axb_text_str(&text, ", \"backed\": ");
		axb_text_u64(&text, info.backed_size);
		axb_text_str(&text, ", \"exits\": ");
		axb_text_u64(&text, info.exits);
		axb_text_str(&text, ", \"starts\": ");
		axb_text_u64(&text, info.starts);
		axb_text_char(&text, '}');
	} else {
		axb_text_u64_field(&text, id, 3);
		axb_text_char(&text, ' ');
		axb_text_field(&text, vm->name, 12);
		axb_text_char(&text, ' ');
		axb_text_field(&text, state_names[info.state], 8);
		axb_text_u64_field(&text, vm->vcpu_count, -6);
		axb_text_u64_field(&text, vm->ram_size >> MIB_SHIFT, -6);
		axb_text_str(&text, "M");
		axb_text_u64_field(&text, info.backed_size >> 10, -9);
		axb_text_str(&text, "K");
		axb_text_u64_field(&text, info.exits, -11);
		axb_text_u64_field(&text, info.starts, -7);
	}
	say(&text);
	return AXB_OK;
}

static void list(bool json)
{
	char buffer[LINE_SIZE];
	struct axb_text text;
	if (!json) {
		console_puts(
			" ID NAME         STATE    VCPUS    RAM    BACKED      EXITS STARTS\n");
	}
	for (uint16_t id = 1; id <= session_package()->vm_count; id++) {
		(void)list_one(id, json);
	}
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, json ? "{\"free\": " : "free: ");
	axb_text_u64(&text, json ? pages_free_bytes() : pages_free_bytes() >> 10);
	axb_text_str(&text, json ? "}" : "K");
	say(&text);
}

static enum axb_status info(uint16_t id)
{
	const struct package *package = session_package();
	const struct package_vm *vm = package_get_vm(package, id);
	char buffer[LINE_SIZE];
	struct axb_text text;
	struct axb_bytes command_line =
		package_bytes(package, vm->command_line_offset, vm->command_line_size);
	(void)list_one(id, false);
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "    command line: ");
	axb_text_strn(&text, (const char *)command_line.data, command_line.size);
	say(&text);
	for (uint32_t vcpu = 0; vcpu < vm->vcpu_count; vcpu++) {
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_str(&text, "    vcpu");
		axb_text_u64(&text, vcpu);
		for (uint32_t reason = 0; reason < machine_exit_reasons(); reason++) {
			uint64_t count = machine_vm_exits(id, vcpu, reason);
			if (count != 0) {
				axb_text_char(&text, ' ');
				axb_text_str(&text, machine_exit_reason_name(reason));
				axb_text_char(&text, '=');
				axb_text_u64(&text, count);
			}
		}
		say(&text);
	}
	return AXB_OK;
}

static enum axb_status reset(uint16_t id)
{
	/* What does not run is started. */
	(void)machine_vm_stop(id);
	return machine_vm_start(id);
}

static enum axb_status give_console(uint16_t id)
{
	return console_switch(id) ? AXB_OK : AXB_ERR_NOT_FOUND;
}

static const struct command commands[] = {
	{"list", "list [--json]", 0, NULL},
	{"info", "info VM", 1, info},
	{"start", "start VM", 1, machine_vm_start},
	{"stop", "stop VM", 1, machine_vm_stop},
	{"reset", "reset VM: stop and start", 1, reset},
	{"console", "console VM: it gets the serial line; 0 = the shell", 1, give_console},
};

static void help(void)
{
	for (size_t i = 0; i < AXB_ARRAY_COUNT(commands); i++) {
		console_puts("  vm ");
		console_puts(commands[i].help);
		console_puts("\n");
	}
}

const char *vm_commands_reason(const char *command, enum axb_status status)
{
	switch (status) {
	case AXB_ERR_BUSY:
		return "it runs already";
	case AXB_ERR_NOMEM:
		return "there is not enough memory for it";
	case AXB_ERR_LIMIT:
		return "there are not enough CPUs for it";
	case AXB_ERR_NOT_FOUND:
		return axb_streq(command, "stop") ? "it does not run" : "there is no such VM";
	default:
		return axb_status_text(status);
	}
}

static void run_on_vm(const struct command *command, const char *line, const struct words *words)
{
	struct axb_nearest nearest = {.best = ""};
	uint16_t id = find(words->words[2], &nearest);
	bool is_shell = command->run == give_console && axb_streq(words->words[2], "0");
	if (id == 0 && !is_shell) {
		refuse(line, words->columns[2], "there is no such VM", nearest.best);
		return;
	}
	enum axb_status status = command->run(id);
	if (status != AXB_OK) {
		refuse(line, words->columns[2], vm_commands_reason(command->name, status), "");
	}
}

static void run_command(const struct command *command, const char *line, const struct words *words)
{
	uint32_t given = words->count - 2;
	if (command->run == NULL) {
		bool json = given == 1 && axb_streq(words->words[2], "--json");
		if (given == 0 || json) {
			list(json);
		} else {
			refuse(line, words->columns[2], "only --json can follow", "");
		}
	} else if (given < command->words) {
		refuse(line, (uint32_t)axb_strnlen(line, LINE_SIZE), "which VM?", "");
	} else if (given > command->words) {
		refuse(line, words->columns[3], "too many words", "");
	} else {
		run_on_vm(command, line, words);
	}
}

static void offer_vms(struct editor_offers *offers)
{
	const struct package *package = session_package();
	for (uint16_t id = 1; id <= package->vm_count; id++) {
		editor_offer(offers, package_get_vm(package, id)->name);
	}
}

void vm_commands_run(const char *line)
{
	char copy[LINE_SIZE];
	struct words words;
	struct axb_nearest nearest;
	if (!axb_strcpy(copy, sizeof(copy), line) || !split(copy, &words)) {
		refuse("vm", 0, "the line is too long", "");
		return;
	}
	if (words.count == 1) {
		help();
		return;
	}
	axb_nearest_init(&nearest, words.words[1]);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(commands); i++) {
		if (axb_streq(words.words[1], commands[i].name)) {
			run_command(&commands[i], line, &words);
			return;
		}
		axb_nearest_offer(&nearest, commands[i].name);
	}
	refuse(line, words.columns[1], "there is no such command", nearest.best);
}

void vm_commands_complete(const char *before, struct editor_offers *offers)
{
	char copy[LINE_SIZE];
	struct words words;
	if (!axb_strcpy(copy, sizeof(copy), before) || !split(copy, &words)) {
		return;
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(commands); i++) {
		if (words.count == 1) {
			editor_offer(offers, commands[i].name);
		} else if (words.count == 2 && commands[i].words != 0 &&
			   axb_streq(words.words[1], commands[i].name)) {
			offer_vms(offers);
		}
	}
}
