/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The table of commands.
 */
#include "platforms/host/cli/cli.h"
#include "runtime/base/types.h"

static const struct cli_option check_options[] = {
	{"prog", 'p', "NAME", "only this program of the object"},
	{"verbose", 'v', NULL, "also which helpers, functions and maps it uses, and where"},
	{"raw", 'r', NULL, "read instructions as hex bytes from stdin"},
	{"type", 't', "TYPE", "with --raw: type of the program; default tracepoint"},
	{"map", 'm', "TYPE:KEY:VALUE:ENTRIES",
		"with --raw: map 0, 1, ... of the program (lddw with source 1 and that number)"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option run_options[] = {
	{"prog", 'p', "NAME", "which program of the object; default: the first"},
	{"ctx", 'c', "FILE", "context that the program gets; default: zeros"},
	{"engine", 'e', "interp|jit", "default interp; there is no JIT yet"},
	{"repeat", 'n', "N", "run N times"},
	{"maps", 'm', NULL, "print what the maps hold afterwards"},
	{"set", 's', "NAME=NUMBER", "set a global variable before loading; any number of times"},
	{"raw", 'r', NULL, "read instructions as hex bytes from stdin, print r0 as hex"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option dump_options[] = {
	{"prog", 'p', "NAME", "only this program"},
	{"jit", 'j', "x86_64|aarch64", "machine code instead; there is no JIT yet"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option events_options[] = {
	{"format", 'f', NULL, "format files, as tracefs has them"},
	{"json", 'j', NULL, "one JSON object a line"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option decode_options[] = {
	{"json", 'j', NULL, "one JSON object a line"},
	{"sort", 's', NULL, "events of all CPUs in order of time, then the rest"},
	{"follow", 'f', NULL, "go on while the stream grows, until its end block"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option stat_options[] = {
	{"json", 'j', NULL, "one JSON object a line"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option help_options[] = {
	{"man", 'm', NULL, "the man page, for man -l -"},
	{NULL, 0, NULL, NULL},
};

const struct cli_command cli_commands[] = {
	{
		.name = "check",
		.summary = "verify the programs of an object",
		.usages = {"FILE.bpf.o [--prog NAME] [-v]",
			"--raw [--type TYPE] [--map TYPE:KEY:VALUE:ENTRIES]..."},
		.text = "Says for each program whether it is accepted; if not, at which "
			"instruction and why. The exit status is 1 when one is rejected.",
		.options = check_options,
		.max_words = 1,
		.run = cli_check,
	},
	{
		.name = "run",
		.summary = "run a program on this machine",
		.usages = {"FILE.bpf.o [--prog NAME] [--ctx FILE] [--repeat N] [--maps] "
			   "[--set NAME=N]...",
			"--raw [MEMHEX]"},
		.text = "Prints r0 and the nanoseconds a run took. With --raw, r1 points to the "
			"bytes MEMHEX, r2 is their number, and r0 is printed in hex: the plug-in "
			"protocol of the bpf_conformance suite.",
		.options = run_options,
		.max_words = 1,
		.run = cli_run,
	},
	{
		.name = "dump",
		.summary = "disassemble the programs of an object",
		.usages = {"FILE.bpf.o [--prog NAME]"},
		.text = "The maps of the object, then what the loader made of the programs: calls "
			"and maps resolved, subprograms behind the program that calls them.",
		.options = dump_options,
		.min_words = 1,
		.max_words = 1,
		.run = cli_dump,
	},
	{
		.name = "events",
		.summary = "list the tracepoints and their fields",
		.usages = {"[--format] [--json] [GLOB]"},
		.text = "GLOB chooses by name, for example 'vcpu:*'.",
		.options = events_options,
		.max_words = 1,
		.run = cli_events,
	},
	{
		.name = "decode",
		.summary = "print the events of a stream",
		.usages = {"STREAM [--json] [--sort | --follow]"},
		.text = "STREAM is a file that the tracer wrote; - means stdin. Events come in the "
			"order of the file, which is that of time for each CPU.",
		.options = decode_options,
		.min_words = 1,
		.max_words = 1,
		.run = cli_decode,
	},
	{
		.name = "stat",
		.summary = "summarize a stream: events, exits, durations, losses",
		.usages = {"STREAM [--json]"},
		.text = "STREAM is a file that the tracer wrote; - means stdin. P50 and P99 of "
			"durations are exact to a power of two, from above. Where the stream has "
			"its final statistics, events and losses are compared with them, and "
			"the exit status is 1 when they disagree.",
		.options = stat_options,
		.min_words = 1,
		.max_words = 1,
		.run = cli_stat,
	},
	{
		.name = "help",
		.summary = "explain a command",
		.usages = {"[COMMAND]", "--man"},
		.options = help_options,
		.max_words = 1,
		.run = cli_help,
	},
};
const uint32_t cli_command_count = AXB_ARRAY_COUNT(cli_commands);
