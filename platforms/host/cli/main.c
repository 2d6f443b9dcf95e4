/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf: the command line, from the table of commands.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platforms/host/cli/cli.h"
#include "runtime/base/nearest.h"

#define OPTION_MAX 16u
#define HELP_VALUE 'h'

bool cli_has(const struct cli_args *args, const char *name)
{
	for (uint32_t i = 0; i < args->given_count; i++) {
		if (strcmp(args->given[i].option->name, name) == 0) {
			return true;
		}
	}
	return false;
}

const char *cli_value_at(const struct cli_args *args, const char *name, uint32_t index)
{
	for (uint32_t i = 0; i < args->given_count; i++) {
		if (strcmp(args->given[i].option->name, name) == 0 && index-- == 0) {
			return args->given[i].value;
		}
	}
	return NULL;
}

const char *cli_value(const struct cli_args *args, const char *name)
{
	const char *value = NULL;
	for (uint32_t i = 0; i < args->given_count; i++) {
		if (strcmp(args->given[i].option->name, name) == 0) {
			value = args->given[i].value;
		}
	}
	return value;
}

static void complain(const struct cli_args *args, const char *format, va_list list)
{
	(void)fflush(stdout);
	fprintf(stderr, "axebpf %s: ", args->command->name);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
}

enum cli_exit cli_fail(const struct cli_args *args, enum cli_exit exit, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	complain(args, format, list);
	va_end(list);
	return exit;
}

enum cli_exit cli_usage(const struct cli_args *args, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	complain(args, format, list);
	va_end(list);
	fprintf(stderr, "axebpf %s -h explains it\n", args->command->name);
	return CLI_USAGE;
}

/* The command's options for getopt_long(): option i has the value i + 1. */
static void make_getopt(const struct cli_command *command, struct option *longs, char *shorts)
{
	uint32_t count = 0;
	*shorts++ = ':';
	*shorts++ = HELP_VALUE;
	for (; command->options[count].name != NULL && count < OPTION_MAX; count++) {
		const struct cli_option *o = &command->options[count];
		int wants = o->argument == NULL ? no_argument : required_argument;
		longs[count] = (struct option){o->name, wants, NULL, o->letter};
		*shorts++ = o->letter;
		if (wants == required_argument) {
			*shorts++ = ':';
		}
	}
	longs[count] = (struct option){"help", no_argument, NULL, HELP_VALUE};
	longs[count + 1] = (struct option){NULL, 0, NULL, 0};
	*shorts = '\0';
}

static const struct cli_option *option_of(const struct cli_command *command, int letter)
{
	const struct cli_option *o = command->options;
	while (o->name != NULL && o->letter != letter) {
		o++;
	}
	return o;
}

static enum cli_exit run_command(const struct cli_command *command, int argc, char **argv)
{
	struct cli_args args = {.command = command};
	struct option longs[OPTION_MAX + 2];
	char shorts[2 * OPTION_MAX + 3];
	make_getopt(command, longs, shorts);
	opterr = 0;
	for (;;) {
		int found = getopt_long(argc, argv, shorts, longs, NULL);
		if (found == -1) {
			break;
		}
		if (found == HELP_VALUE) {
			cli_print_help(command, stdout);
			return CLI_DONE;
		}
		if (found == ':') {
			return cli_usage(&args, "%s wants an argument", argv[optind - 1]);
		}
		if (found == '?') {
			return cli_usage(&args, "unknown option %s", argv[optind - 1]);
		}
		if (args.given_count == CLI_GIVEN_MAX) {
			return cli_usage(&args, "too many options");
		}
		args.given[args.given_count].option = option_of(command, found);
		args.given[args.given_count++].value = optarg;
	}
	args.words = argv + optind;
	args.word_count = (uint32_t)(argc - optind);
	if (args.word_count < command->min_words) {
		return cli_usage(&args, "an argument is missing");
	}
	if (args.word_count > command->max_words) {
		return cli_usage(&args, "what is '%s' for?", args.words[command->max_words]);
	}
	return command->run(&args);
}

static enum cli_exit unknown_command(const char *name)
{
	struct axb_nearest nearest;
	axb_nearest_init(&nearest, name);
	for (uint32_t i = 0; i < cli_command_count; i++) {
		axb_nearest_offer(&nearest, cli_commands[i].name);
	}
	fprintf(stderr, "axebpf: there is no command '%s'", name);
	if (nearest.best[0] != '\0') {
		fprintf(stderr, "; did you mean '%s'?", nearest.best);
	}
	fputs("\naxebpf -h lists them\n", stderr);
	return CLI_USAGE;
}

static enum cli_exit dispatch(int argc, char **argv)
{
	if (argc < 2) {
		cli_print_overview(stderr);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
		cli_print_overview(stdout);
		return CLI_DONE;
	}
	for (uint32_t i = 0; i < cli_command_count; i++) {
		if (strcmp(cli_commands[i].name, argv[1]) == 0) {
			return run_command(&cli_commands[i], argc - 1, argv + 1);
		}
	}
	return unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
	/* "bazel run" starts us elsewhere than where the user typed the path of a file. */
	const char *typed_in = getenv("BUILD_WORKING_DIRECTORY");
	if (typed_in != NULL && chdir(typed_in) != 0) {
		perror(typed_in);
		return CLI_ENVIRONMENT;
	}
	enum cli_exit exit = dispatch(argc, argv);
	cli_free_all();
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("axebpf: stdout");
		return CLI_ENVIRONMENT;
	}
	return (int)exit;
}
