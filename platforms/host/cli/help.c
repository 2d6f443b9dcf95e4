/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Help and man page, printed from the table of commands.
 */
#include "platforms/host/cli/cli.h"

#include <string.h>

#define OPTION_COLUMN 34
#define LINE_WIDTH 80u

static const struct {
	enum cli_exit exit;
	const char *meaning;
} exits[] = {
	{CLI_DONE, "done"},
	{CLI_REFUSED, "the input was refused; the reason is on stderr"},
	{CLI_USAGE, "the command line is wrong"},
	{CLI_ENVIRONMENT, "a file, memory or the output failed, or this build cannot do it"},
};

static void print_option(const struct cli_option *option, FILE *out)
{
	char left[64];
	(void)snprintf(left, sizeof(left), "-%c, --%s%s%s", option->letter, option->name,
		option->argument == NULL ? "" : " ",
		option->argument == NULL ? "" : option->argument);
	fprintf(out, "  %-*s %s\n", OPTION_COLUMN, left, option->help);
}

/* @text in lines of at most LINE_WIDTH characters. */
static void print_wrapped(const char *text, FILE *out)
{
	while (strlen(text) > LINE_WIDTH) {
		size_t length = LINE_WIDTH;
		while (length > 0 && text[length] != ' ') {
			length--;
		}
		if (length == 0) {
			break;
		}
		fprintf(out, "%.*s\n", (int)length, text);
		text += length + 1;
	}
	fprintf(out, "%s\n", text);
}

void cli_print_help(const struct cli_command *command, FILE *out)
{
	for (uint32_t i = 0; i < CLI_USAGE_MAX && command->usages[i] != NULL; i++) {
		fprintf(out, "%s axebpf %s %s\n", i == 0 ? "usage:" : "      ", command->name,
			command->usages[i]);
	}
	fprintf(out, "\n%s\n", command->summary);
	if (command->text != NULL) {
		print_wrapped(command->text, out);
	}
	fputc('\n', out);
	for (const struct cli_option *o = command->options; o->name != NULL; o++) {
		print_option(o, out);
	}
	print_option(&(struct cli_option){"help", 'h', NULL, "this text"}, out);
}

void cli_print_overview(FILE *out)
{
	fputs("usage: axebpf COMMAND ...\n\n", out);
	for (uint32_t i = 0; i < cli_command_count; i++) {
		fprintf(out, "  %-8s %s\n", cli_commands[i].name, cli_commands[i].summary);
	}
	fputs("\naxebpf COMMAND -h explains a command.\n", out);
}

/* Text in roff: hyphens that are not to be broken or changed, no macros by accident. */
static void roff(const char *text, FILE *out)
{
	if (*text == '.' || *text == '\'') {
		fputs("\\&", out);
	}
	for (; *text != '\0'; text++) {
		if (*text == '-' || *text == '\\') {
			fputc('\\', out);
		}
		fputc(*text == '\\' ? 'e' : *text, out);
	}
}

static void man_command(const struct cli_command *command, FILE *out)
{
	fprintf(out, ".SS %s\n", command->name);
	for (uint32_t i = 0; i < CLI_USAGE_MAX && command->usages[i] != NULL; i++) {
		fprintf(out, "%s\\fBaxebpf %s\\fP ", i == 0 ? "" : ".br\n", command->name);
		roff(command->usages[i], out);
		fputc('\n', out);
	}
	fputs(".PP\nTo ", out);
	roff(command->summary, out);
	fputs(".\n", out);
	if (command->text != NULL) {
		roff(command->text, out);
		fputc('\n', out);
	}
	for (const struct cli_option *o = command->options; o->name != NULL; o++) {
		fprintf(out, ".TP\n\\fB\\-%c\\fP, \\fB\\-\\-", o->letter);
		roff(o->name, out);
		fputs("\\fP", out);
		if (o->argument != NULL) {
			fputs(" \\fI", out);
			roff(o->argument, out);
			fputs("\\fP", out);
		}
		fputc('\n', out);
		roff(o->help, out);
		fputc('\n', out);
	}
}

void cli_print_man(FILE *out)
{
	fputs(".TH AXEBPF 1 \"\" axebpf \"User Commands\"\n"
	      ".SH NAME\n"
	      "axebpf \\- check and run eBPF programs for hypervisors, read their traces\n"
	      ".SH SYNOPSIS\n"
	      "\\fBaxebpf\\fP \\fICOMMAND\\fP ...\n"
	      ".SH COMMANDS\n",
		out);
	for (uint32_t i = 0; i < cli_command_count; i++) {
		man_command(&cli_commands[i], out);
	}
	fputs(".SH EXIT STATUS\n", out);
	for (uint32_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		fprintf(out, ".TP\n%u\n", (unsigned)exits[i].exit);
		roff(exits[i].meaning, out);
		fputc('\n', out);
	}
}

enum cli_exit cli_help(const struct cli_args *args)
{
	if (cli_has(args, "man")) {
		cli_print_man(stdout);
		return CLI_DONE;
	}
	if (args->word_count == 0) {
		cli_print_overview(stdout);
		return CLI_DONE;
	}
	for (uint32_t i = 0; i < cli_command_count; i++) {
		if (strcmp(cli_commands[i].name, args->words[0]) == 0) {
			cli_print_help(&cli_commands[i], stdout);
			return CLI_DONE;
		}
	}
	return cli_usage(args, "there is no command '%s'", args->words[0]);
}
