/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the commands of `axebpf` share: the command table, files, hexadecimal, JSON strings.
 */
#ifndef AXB_PLATFORMS_HOST_CLI_CLI_H_
#define AXB_PLATFORMS_HOST_CLI_CLI_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Exit statuses of the command. */
enum cli_exit {
	CLI_OK = 0,
	CLI_REFUSED = 1,     /**< the input was refused; the reason is on stderr */
	CLI_USAGE = 2,       /**< wrong words on the command line */
	CLI_ENVIRONMENT = 3, /**< a file or memory could not be had */
};

/** An option: parsing, help and the man page follow from these tables. */
struct cli_option {
	const char *name;     /**< "prog": --prog */
	char letter;          /**< 'v': -v; 0 = none */
	const char *argument; /**< "NAME"; NULL = a switch */
	const char *help;
};

#define CLI_OPTION_MAX 10
#define CLI_REPEAT_MAX 64

/** What was given. */
struct cli_args {
	bool given[CLI_OPTION_MAX];
	const char *value[CLI_OPTION_MAX];    /**< the last one */
	const char *repeated[CLI_REPEAT_MAX]; /**< all values of the option marked as repeatable */
	int repeated_count;
	int count; /**< words that are no options */
	const char *const *words;
};

struct cli_command {
	const char *name;
	const char *usage;                /**< without the options */
	const char *help;                 /**< one sentence */
	const struct cli_option *options; /**< ends with a zero name */
	int repeatable; /**< index of the option that may be given often; -1 = none */
	enum cli_exit (*run)(const struct cli_args *args);
};

extern const struct cli_command cli_check;
extern const struct cli_command cli_decode;
extern const struct cli_command cli_dump;
extern const struct cli_command cli_events;
extern const struct cli_command cli_run;
extern const struct cli_command cli_stat;

/** "axebpf: ..." on stderr; returns @status. */
__attribute__((format(printf, 2, 3))) enum cli_exit cli_fail(
	enum cli_exit status, const char *format, ...);

/** All bytes of a file, "-" = standard input; NULL, with the reason on stderr, when unreadable. */
uint8_t *cli_read_file(const char *path, size_t *size);

/** Bytes of hexadecimal @text, blanks allowed between bytes; NULL when it is none. */
uint8_t *cli_parse_hex(const char *text, size_t length, size_t *size);

/** A whole decimal number up to @max. */
bool cli_parse_number(const char *text, uint64_t max, uint64_t *out);

/** A JSON string with its quotes, on standard output. */
void cli_print_json_string(const char *text);

#ifdef __cplusplus
}
#endif

#endif
