/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/session.h"

#include <stddef.h>

#include "platforms/reference/console.h"
#include "platforms/reference/input.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/report.h"
#include "platforms/reference/tracing.h"
#include "platforms/reference/vm_commands.h"
#include "platforms/shell/editor.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

static struct options options; /* written before other CPUs start */
static struct package package;
static bool exit_wanted;

__attribute__((noreturn)) static void refuse(const char *what, const char *is, const char *why)
{
	char buffer[160];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, what);
	axb_text_str(&text, is);
	axb_text_str(&text, why);
	panic(buffer);
}

static const char *name_of_vm(uint16_t id)
{
	return package_get_vm(&package, id)->name;
}

void session_open(char *command_line, uint64_t free_base, uint64_t package_base, uint64_t end)
{
	const char *why = "";
	if (options_parse(command_line, &options, &why) != AXB_OK) {
		refuse("command line", ": ", why);
	}
	struct axb_bytes bytes =
		axb_bytes_of((const void *)(uintptr_t)package_base, (size_t)(end - package_base));
	if (package_open(bytes, &package, &why) != AXB_OK) {
		refuse("VM package", ": ", why);
	}
	pages_add(free_base, package_base);
	pages_add(package_base + package.bytes.size, end);
	console_init(package.vm_count, name_of_vm);
	if (options.console != CONSOLE_SHELL && !console_switch((uint16_t)options.console)) {
		refuse("command line", ": ", "console= names no VM");
	}
}

const struct options *session_options(void)
{
	return &options;
}

const struct package *session_package(void)
{
	return &package;
}

void session_begin(void)
{
	tracing_init(&options);
	if (options.script != NULL) {
		input_run_script(options.script);
	}
	if (options.paced != NULL) {
		input_pace_script(options.paced);
	}
}

void session_start_vms(void)
{
	for (uint16_t id = 1; id <= package.vm_count; id++) {
		bool wanted = (package_get_vm(&package, id)->flags & PACKAGE_VM_START) != 0;
		enum axb_status status = wanted ? machine_vm_start(id) : AXB_OK;
		if (status != AXB_OK) {
			refuse(name_of_vm(id),
				" cannot be started: ", vm_commands_reason("start", status));
		}
	}
	if (options.stay != 0) {
		input_prompt();
	}
}

static bool any_vm_runs(void)
{
	for (uint16_t id = 1; id <= package.vm_count; id++) {
		struct vm_info info;
		machine_vm_info(id, &info);
		if (info.state == VM_RUNNING) {
			return true;
		}
	}
	return false;
}

__attribute__((noreturn)) static void finish(void)
{
	for (uint16_t id = 1; id <= package.vm_count; id++) {
		/* What does not run is no error here. */
		(void)machine_vm_stop(id);
	}
	if (options.finish != NULL) {
		input_run_script(options.finish);
	}
	tracing_finish();
	report_vms();
	machine_exit(report_all_well() ? 0 : 1);
}

void session_poll(void)
{
	input_poll();
	tracing_poll();
	if (exit_wanted || (options.stay == 0 && !any_vm_runs())) {
		finish();
	}
}

void session_want_exit(void)
{
	exit_wanted = true;
}

void session_run_line(const char *line)
{
	if (axb_streq(line, "exit")) {
		session_want_exit();
	} else if (axb_streq(line, "vm") || axb_str_has_prefix(line, "vm ")) {
		vm_commands_run(line);
	} else {
		tracing_run_line(line);
	}
}

void session_complete(const char *before, struct editor_offers *offers)
{
	static const char *const words[] = {"exit", "trace", "vm"};
	if (before[0] == '\0') {
		for (size_t i = 0; i < AXB_ARRAY_COUNT(words); i++) {
			editor_offer(offers, words[i]);
		}
	} else if (axb_str_has_prefix(before, "vm ")) {
		vm_commands_complete(before, offers);
	} else {
		tracing_complete(before, offers);
	}
}
