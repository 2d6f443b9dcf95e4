/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf: the command of the host. Options, help and the man page come from one table per command.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "platforms/host/cli/cli.h"

static const struct cli_command *const commands[] = {
	&cli_check,
	&cli_run,
	&cli_dump,
	&cli_events,
	&cli_decode,
	&cli_stat,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *out)
{
	fputs("usage: axebpf COMMAND [OPTIONS] ...\n\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "  %-7s %s\n", commands[i]->name, commands[i]->help);
	}
	fputs("  help    this text; help --man prints the manual page\n\n"
	      "axebpf COMMAND -h tells more.\n"
	      "Exit status: 0 done, 1 the input was refused, 2 usage, 3 environment.\n",
		out);
}

static void print_command_usage(FILE *out, const struct cli_command *command)
{
	fprintf(out, "usage: axebpf %s %s\n%s\n", command->name, command->usage, command->help);
	for (const struct cli_option *o = command->options; o->name != NULL; o++) {
		char words[64];
		snprintf(words, sizeof(words), "--%s%s%s", o->name, o->argument ? " " : "",
			o->argument ? o->argument : "");
		fprintf(out, "  %c%c%c %-30s %s\n", o->letter ? '-' : ' ',
			o->letter ? o->letter : ' ', o->letter ? ',' : ' ', words, o->help);
	}
	fputs("  -h, --help                         this text\n", out);
}

/* Escape what roff would read as a request or a hyphenation point. */
static void print_roff(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '-' || *c == '\\') {
			putchar('\\');
		}
		putchar(*c);
	}
}

static void print_man(void)
{
	puts(".TH AXEBPF 1\n.SH NAME\naxebpf \\- check, run and decode for axebpf\n.SH SYNOPSIS\n"
	     ".B axebpf\nCOMMAND [OPTIONS] ...\n.SH COMMANDS");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		printf(".SS axebpf %s ", commands[i]->name);
		print_roff(commands[i]->usage);
		puts("");
		print_roff(commands[i]->help);
		puts("");
		for (const struct cli_option *o = commands[i]->options; o->name != NULL; o++) {
			printf(".TP\n.B \\-\\-%s %s\n", o->name, o->argument ? o->argument : "");
			print_roff(o->help);
			puts("");
		}
	}
	puts(".SH EXIT STATUS\n0 done, 1 the input was refused (reason on stderr), 2 usage, "
	     "3 environment.");
}

/* getopt_long's tables from ours; value 256 + i is option i, 'h' is help. */
static void make_tables(const struct cli_command *command, struct option *longs, char *shorts)
{
	size_t at = 0;
	size_t i = 0;
	for (; command->options[i].name != NULL; i++) {
		const struct cli_option *o = &command->options[i];
		longs[i] = (struct option){
			o->name, o->argument ? required_argument : no_argument, NULL, 256 + (int)i};
		if (o->letter) {
			shorts[at++] = o->letter;
			if (o->argument) {
				shorts[at++] = ':';
			}
		}
	}
	longs[i] = (struct option){"help", no_argument, NULL, 'h'};
	longs[i + 1] = (struct option){NULL, 0, NULL, 0};
	shorts[at++] = 'h';
	shorts[at] = '\0';
}

static int option_index(const struct cli_command *command, int value)
{
	if (value >= 256) {
		return value - 256;
	}
	for (int i = 0; command->options[i].name != NULL; i++) {
		if (command->options[i].letter == value) {
			return i;
		}
	}
	return -1;
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
	struct option longs[CLI_OPTION_MAX + 2];
	char shorts[2 * CLI_OPTION_MAX + 2];
	struct cli_args args;
	int value;
	memset(&args, 0, sizeof(args));
	make_tables(command, longs, shorts);
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		int i = option_index(command, value);
		if (value == 'h') {
			print_command_usage(stdout, command);
			return CLI_OK;
		}
		if (i < 0) {
			print_command_usage(stderr, command);
			return CLI_USAGE;
		}
		args.given[i] = true;
		args.value[i] = optarg;
		if (i == command->repeatable) {
			if (args.repeated_count == CLI_REPEAT_MAX) {
				return cli_fail(CLI_USAGE, "--%s is given more than %d times",
					command->options[i].name, CLI_REPEAT_MAX);
			}
			args.repeated[args.repeated_count++] = optarg;
		}
	}
	args.count = argc - optind;
	args.words = (const char *const *)argv + optind;
	int status = command->run(&args);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		return cli_fail(CLI_ENVIRONMENT, "standard output cannot be written");
	}
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "--help") == 0) {
		if (argc > 2 && strcmp(argv[2], "--man") == 0) {
			print_man();
		} else {
			print_usage(stdout);
		}
		return CLI_OK;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[1], commands[i]->name) == 0) {
			return run_command(commands[i], argc - 1, argv + 1);
		}
	}
	cli_fail(CLI_USAGE, "'%s' is no command", argv[1]);
	print_usage(stderr);
	return CLI_USAGE;
}
