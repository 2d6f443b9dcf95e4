/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the files of the shell share: the words of a line, output, errors, and the commands.
 */
#ifndef AXB_PLATFORMS_SHELL_INTERNAL_H_
#define AXB_PLATFORMS_SHELL_INTERNAL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/shell/shell.h"
#include "runtime/base/nearest.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"
#include "runtime/prog/prog.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHELL_WORD_MAX 16u

/** A line cut into words; words[0] is the command's name, after "trace". */
struct shell_args {
	const char *line; /**< as it was given */
	uint32_t count;
	const char *words[SHELL_WORD_MAX];
	uint32_t columns[SHELL_WORD_MAX]; /**< where each begins in the line */
	bool json;                        /**< --json was among them; it is no longer */
};

struct shell_command {
	const char *name;
	const char *usage; /**< the arguments */
	const char *help;
	uint32_t min_args; /**< words after the name */
	uint32_t max_args;
	enum axb_status (*run)(const struct shell_args *args);
};

extern const struct shell_command shell_commands[];
extern const uint32_t shell_command_count;

/* Output. A line is built in a struct shell_line and written at its end. */

struct shell_line {
	struct axb_text text;
	char buffer[512];
	bool json_has_member;
};

void shell_begin(struct shell_line *line);
void shell_end(struct shell_line *line);
/** A whole line. */
void shell_say(const char *text);
/** @count dashes, a line. */
void shell_rule(uint32_t count);
/** A line "@prefix@a@middle@b". */
void shell_say2(const char *prefix, const char *a, const char *middle, const char *b);

/** Members of a JSON object on a line of its own; shell_json_end() ends the line. */
void shell_json_begin(struct shell_line *line);
void shell_json_text(struct shell_line *line, const char *key, const char *value);
void shell_json_u64(struct shell_line *line, const char *key, uint64_t value);
void shell_json_end(struct shell_line *line);

/** "1.5us", "20ns": a duration for people. */
void shell_duration(struct axb_text *text, uint64_t ns);
/** The same right-aligned in @width. */
void shell_duration_field(struct axb_text *text, uint64_t ns, uint32_t width);
/** Bars of a log2 histogram; slots of [2^i, 2^(i+1)). */
void shell_histogram(const uint64_t counts[64]);

/** Is this a spec of a probe that is no tracepoint ("hprobe:f", "hr:f")? */
bool shell_is_probe(const char *word);
/** Let all that is attached at @spec rest, or go on; says how many. */
enum axb_status shell_enable_probe(const char *spec, bool on);

/**
 * Say that word @word of @args is wrong and why, with a caret under it.
 * @param nearest what may have been meant, or NULL; its best may be ""
 * @return @status
 */
enum axb_status shell_error(const struct shell_args *args, uint32_t word, enum axb_status status,
	const char *why, const struct axb_nearest *nearest);

/** The tracepoint that word @word names; an error is said. */
enum axb_status shell_find_tracepoint(
	const struct shell_args *args, uint32_t word, uint32_t *index);

struct axb_control_error;

/** Say what is wrong with @spec, with a caret. @return @status */
enum axb_status shell_control_error(
	const char *spec, enum axb_status status, const struct axb_control_error *error);

/** The loaded program that word @word names: a name, or object/name; an error is said. */
enum axb_status shell_find_prog(
	const struct shell_args *args, uint32_t word, struct axb_prog_info *out);

/** State of the platform's side. */
const struct axb_shell_config *shell_config(void);

/* The commands. */
enum axb_status shell_list(const struct shell_args *args);
enum axb_status shell_enable(const struct shell_args *args);
enum axb_status shell_disable(const struct shell_args *args);
enum axb_status shell_format(const struct shell_args *args);
enum axb_status shell_stat(const struct shell_args *args);
enum axb_status shell_reset(const struct shell_args *args);
enum axb_status shell_dump(const struct shell_args *args);
enum axb_status shell_stream(const struct shell_args *args);
enum axb_status shell_marker(const struct shell_args *args);
enum axb_status shell_load(const struct shell_args *args);
enum axb_status shell_unload(const struct shell_args *args);
enum axb_status shell_attach(const struct shell_args *args);
enum axb_status shell_detach(const struct shell_args *args);
enum axb_status shell_check(const struct shell_args *args);
enum axb_status shell_progs(const struct shell_args *args);
enum axb_status shell_maps(const struct shell_args *args);
enum axb_status shell_sym(const struct shell_args *args);
enum axb_status shell_gsym(const struct shell_args *args);
enum axb_status shell_loadsyms(const struct shell_args *args);
enum axb_status shell_hprobe(const struct shell_args *args);
enum axb_status shell_hretprobe(const struct shell_args *args);
enum axb_status shell_unhprobe(const struct shell_args *args);
enum axb_status shell_throttle(const struct shell_args *args);
enum axb_status shell_blacklist(const struct shell_args *args);
enum axb_status shell_help(const struct shell_args *args);

#ifdef __cplusplus
}
#endif

#endif
