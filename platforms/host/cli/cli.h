/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The parts of the axebpf command: a table of commands, from which the command line is parsed and
 * help and man page are printed; input and complaints. Context of all: the one thread of main().
 */
#ifndef AXB_PLATFORMS_HOST_CLI_CLI_H_
#define AXB_PLATFORMS_HOST_CLI_CLI_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/bytes.h"

#define CLI_GIVEN_MAX 64u
#define CLI_USAGE_MAX 3u

/** Exit status of the command. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_REFUSED = 1,     /**< the input; the reason is on stderr */
	CLI_USAGE = 2,       /**< the command line */
	CLI_ENVIRONMENT = 3, /**< files, memory, output */
};

struct cli_option {
	const char *name;     /**< without "--"; NULL ends a table */
	char letter;          /**< 0 = none */
	const char *argument; /**< "FILE"; NULL = none */
	const char *help;
};

/** A parsed command line. */
struct cli_args {
	const struct cli_command *command;
	struct {
		const struct cli_option *option;
		const char *value;
	} given[CLI_GIVEN_MAX];
	uint32_t given_count;
	char **words; /**< what is no option */
	uint32_t word_count;
};

struct cli_command {
	const char *name;
	const char *summary;
	const char *usages[CLI_USAGE_MAX]; /**< what follows the name */
	const char *text;                  /**< more for help and man page; NULL = none */
	const struct cli_option *options;
	uint32_t min_words;
	uint32_t max_words;
	enum cli_exit (*run)(const struct cli_args *args);
};

extern const struct cli_command cli_commands[];
extern const uint32_t cli_command_count;

/** Was option @name given? */
bool cli_has(const struct cli_args *args, const char *name);
/** Value of the last option @name; NULL when it was not given. */
const char *cli_value(const struct cli_args *args, const char *name);
/** Value of the option @name number @index, from 0; NULL when there are fewer. */
const char *cli_value_at(const struct cli_args *args, const char *name, uint32_t index);

/** Usages and options of @command. */
void cli_print_help(const struct cli_command *command, FILE *out);
void cli_print_overview(FILE *out);
/** axebpf(1), for man. */
void cli_print_man(FILE *out);

/** "axebpf COMMAND: text" to stderr; returns @exit. */
enum cli_exit cli_fail(const struct cli_args *args, enum cli_exit exit, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** cli_fail() with CLI_USAGE and where help is. */
enum cli_exit cli_usage(const struct cli_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** A decimal or 0x number; false when @text is none or exceeds 64 bits. */
bool cli_number(const char *text, uint64_t *out);

/** Memory of zeros that stays until the command ends; NULL when there is none. */
void *cli_alloc(size_t size);
/** Free all of it. */
void cli_free_all(void);

/** Bytes from cli_alloc(); data is never NULL after a successful call. */
struct cli_buffer {
	uint8_t *data;
	size_t size;
};

/** The whole file @path, "-" = stdin. False: errno says why. */
bool cli_read_file(const char *path, struct cli_buffer *out);
/** Pairs of hex digits, blanks anywhere between them; @bad = offset of what is wrong. */
bool cli_read_hex(const char *text, size_t size, struct cli_buffer *out, size_t *bad);

static inline struct axb_bytes cli_bytes(struct cli_buffer buffer)
{
	return axb_bytes_of(buffer.data, buffer.size);
}

/* The commands. */
enum cli_exit cli_check(const struct cli_args *args);
enum cli_exit cli_run(const struct cli_args *args);
enum cli_exit cli_dump(const struct cli_args *args);
enum cli_exit cli_events(const struct cli_args *args);
enum cli_exit cli_decode(const struct cli_args *args);
enum cli_exit cli_stat(const struct cli_args *args);
enum cli_exit cli_help(const struct cli_args *args);

#endif
