/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The command table, which drives parsing and help, and the cutting of lines into words.
 */
#include "platforms/shell/shell.h"

#include "platforms/shell/internal.h"
#include "probes/control/control.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/hooks/core.h"

#include "codegen/gen/tracepoints_gen.h" // Generated.

#define PREFIX "trace"
#define ANY SHELL_WORD_MAX
#define USAGE_COLUMN 44

/* The index here is cmd_id of shell:shell_command: append only. */
const struct shell_command shell_commands[] = {
	{"help", "[COMMAND]", "this list, or one command", 0, 1, shell_help},
	{"list", "[GLOB] [--json]", "tracepoints, and what is on them", 0, 1, shell_list},
	{"enable", "GLOB...", "let tracepoints emit events, or probes go on", 1, ANY, shell_enable},
	{"disable", "GLOB...", "no more events; programs stay. Or let probes rest", 1, ANY,
		shell_disable},
	{"load", "OBJECT [--attach] [NAME=N]...", "load an object or file; set its variables", 1,
		ANY, shell_load},
	{"unload", "OBJECT", "unload it, with its programs and maps", 1, 1, shell_unload},
	{"attach", "PROGRAM [PROBE]", "run a program at its section's probe, or another", 1, 2,
		shell_attach},
	{"detach", "PROGRAM [PROBE]", "take it off again", 1, 2, shell_detach},
	{"progs", "[--json]", "embedded objects, loaded programs", 0, 0, shell_progs},
	{"maps", "[MAP] [--json]", "maps, or what is in one", 0, 1, shell_maps},
	{"stream", "[on|off]", "events as they come; state of the rings", 0, 1, shell_stream},
	{"dump", "[COUNT]", "the newest events", 0, 1, shell_dump},
	{"stat", "[--hist TP | --top N] [--json]", "counts, durations, losses", 0, 2, shell_stat},
	{"reset", "", "zero the counts of tracepoints", 0, 0, shell_reset},
	{"format", "TRACEPOINT", "its fields, as tracefs shows them", 1, 1, shell_format},
	{"marker", "TEXT...", "put a mark into the events", 1, ANY, shell_marker},
	{"sym", "NAME|ADDRESS|GLOB", "symbols of the hypervisor", 1, 1, shell_sym},
	{"check", "PROBE", "can this be probed, how, and if not, why", 1, 1, shell_check},
	{"gsym", "VM NAME|ADDRESS|GLOB", "symbols of a guest's kernel, where it runs", 2, 2,
		shell_gsym},
	{"loadsyms", "VM FILE", "take the symbols of a guest's kernel from a file", 2, 2,
		shell_loadsyms},
	{"hprobe", "[SITE [PROGRAM [--write]|ARG...]] [--json]",
		"probe f, f+0x10, GLOB (ARG: n=$arg1:u32 s=+0($arg2):string); or list", 0, ANY,
		shell_hprobe},
	{"hretprobe", "FUNCTION [PROGRAM [--write]|ARG...]",
		"probe where it returns (ARG: r=$retval:s32)", 1, ANY, shell_hretprobe},
	{"unhprobe", "SITE", "take all probes there off again", 1, 1, shell_unhprobe},
	{"throttle", "PROBE HITS", "at most that many hits a millisecond and CPU; 0 = any", 2, 2,
		shell_throttle},
	{"blacklist", "[--json]", "code that no probe may be put on, and why", 0, 0,
		shell_blacklist},
};
const uint32_t shell_command_count = AXB_ARRAY_COUNT(shell_commands);

static struct axb_shell_config state;
static char copy[AXB_SHELL_LINE_MAX];

const struct axb_shell_config *shell_config(void)
{
	return &state;
}

void axb_shell_init(const struct axb_shell_config *config)
{
	uint64_t began_ns = axb_plat_time_ns();
	axb_control_init(config->kinds, config->kind_count);
	state = *config;
	axb_trace_shell_shell_init(axb_plat_time_ns() - began_ns);
}

/* Cut @copy at blanks. @return false when there are too many words. */
static bool split(struct shell_args *args)
{
	uint32_t at = 0;
	while (copy[at] != '\0') {
		if (copy[at] == ' ' || copy[at] == '\t') {
			copy[at++] = '\0';
			continue;
		}
		if (args->count == SHELL_WORD_MAX) {
			return false;
		}
		args->columns[args->count] = at;
		args->words[args->count++] = &copy[at];
		while (copy[at] != '\0' && copy[at] != ' ' && copy[at] != '\t') {
			at++;
		}
	}
	return true;
}

/* Drop word @word. */
static void drop(struct shell_args *args, uint32_t word)
{
	args->count--;
	for (uint32_t i = word; i < args->count; i++) {
		args->words[i] = args->words[i + 1];
		args->columns[i] = args->columns[i + 1];
	}
}

static void take_json(struct shell_args *args)
{
	for (uint32_t i = 0; i < args->count; i++) {
		if (axb_streq(args->words[i], "--json")) {
			args->json = true;
			drop(args, i);
			return;
		}
	}
}

static enum axb_status unknown_command(const struct shell_args *args)
{
	struct axb_nearest nearest;
	axb_nearest_init(&nearest, args->words[0]);
	for (uint32_t i = 0; i < shell_command_count; i++) {
		axb_nearest_offer(&nearest, shell_commands[i].name);
	}
	return shell_error(args, 0, AXB_ERR_NOT_FOUND, "no such command", &nearest);
}

static enum axb_status run_command(const struct shell_args *args, uint32_t *id)
{
	for (uint32_t i = 0; i < shell_command_count; i++) {
		const struct shell_command *command = &shell_commands[i];
		if (!axb_streq(command->name, args->words[0])) {
			continue;
		}
		*id = i;
		if (args->count - 1 < command->min_args || args->count - 1 > command->max_args) {
			shell_say2("usage: trace ", command->name, " ", command->usage);
			return AXB_ERR_ARG;
		}
		return command->run(args);
	}
	return unknown_command(args);
}

enum axb_status axb_shell_run(const char *line)
{
	struct shell_args args = {.line = line};
	uint64_t began_ns = axb_plat_time_ns();
	uint32_t id = shell_command_count;
	if (!axb_strcpy(copy, sizeof(copy), line)) {
		shell_say("error: the line is too long");
		return AXB_ERR_ARG;
	}
	if (!split(&args)) {
		shell_say("error: too many words");
		return AXB_ERR_ARG;
	}
	if (args.count == 0) {
		return AXB_OK;
	}
	if (!axb_streq(args.words[0], PREFIX)) {
		struct axb_nearest nearest;
		axb_nearest_init(&nearest, args.words[0]);
		axb_nearest_offer(&nearest, PREFIX);
		return shell_error(&args, 0, AXB_ERR_NOT_FOUND, "no such command", &nearest);
	}
	drop(&args, 0);
	take_json(&args);
	if (args.count == 0) {
		return shell_help(&args);
	}
	enum axb_status st = run_command(&args, &id);
	axb_trace_shell_shell_command(id, axb_plat_time_ns() - began_ns);
	return st;
}

static void help_line(const struct shell_command *command)
{
	struct shell_line line;
	shell_begin(&line);
	axb_text_str(&line.text, "  trace ");
	axb_text_str(&line.text, command->name);
	axb_text_char(&line.text, ' ');
	axb_text_str(&line.text, command->usage);
	axb_text_pad_to(&line.text, USAGE_COLUMN, ' ');
	axb_text_str(&line.text, "  ");
	axb_text_str(&line.text, command->help);
	shell_end(&line);
}

enum axb_status shell_help(const struct shell_args *args)
{
	bool found = false;
	if (args->count < 2) {
		shell_say("TRACE - tracepoints and eBPF programs");
	}
	for (uint32_t i = 0; i < shell_command_count; i++) {
		if (args->count < 2 || axb_streq(args->words[1], shell_commands[i].name)) {
			help_line(&shell_commands[i]);
			found = true;
		}
	}
	return found ? AXB_OK : shell_error(args, 1, AXB_ERR_NOT_FOUND, "no such command", NULL);
}
