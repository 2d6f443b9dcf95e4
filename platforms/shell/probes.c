/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Commands about probes on functions of the hypervisor: hprobe, hretprobe, unhprobe, throttle,
 * blacklist. All go through probes/control, so a hypervisor without these probes says so.
 */
#include "platforms/shell/internal.h"

#include "probes/control/control.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define SPEC_MAX 256u

static void row(const char *kind, const struct axb_probe_info *info, bool json)
{
	struct shell_line line;
	const uint64_t counts[] = {
		info->attached, info->hits, info->handled, info->missed, info->throttled};
	if (json) {
		shell_json_begin(&line);
		shell_json_text(&line, "probe", kind);
		shell_json_text(&line, "site", info->name);
		shell_json_u64(&line, "address", info->address);
		shell_json_text(&line, "how", info->how);
		shell_json_u64(&line, "attached", info->attached);
		shell_json_u64(&line, "hits", info->hits);
		shell_json_u64(&line, "handled", info->handled);
		shell_json_u64(&line, "missed", info->missed);
		shell_json_u64(&line, "throttled", info->throttled);
		shell_json_u64(&line, "disabled", info->disabled);
		shell_json_u64(&line, "throttle", info->throttle);
		shell_json_end(&line);
		return;
	}
	shell_begin(&line);
	axb_text_field(&line.text, kind, 10);
	axb_text_field(&line.text, info->name, 32);
	axb_text_field(&line.text, info->how, 10);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(counts); i++) {
		axb_text_u64_field(&line.text, counts[i], -10);
	}
	if (info->disabled != 0) {
		bool all = info->disabled == info->attached;
		axb_text_str(&line.text, all ? "  disabled" : "  partly disabled");
	}
	if (info->throttle != 0) {
		axb_text_str(&line.text, "  at most ");
		axb_text_u64(&line.text, info->throttle);
		axb_text_str(&line.text, "/ms");
	}
	shell_end(&line);
}

static void list_probes(bool json)
{
	uint32_t count = 0;
	if (!json) {
		shell_say("PROBE     SITE                            HOW         ATTACHED      HITS"
			  "   HANDLED    MISSED THROTTLED");
	}
	for (uint32_t kind = 0; kind < axb_control_kind_count(); kind++) {
		struct axb_probe_info info;
		uint32_t cursor = 0;
		while (axb_control_next(kind, &cursor, &info)) {
			row(axb_control_kind_name(kind), &info, json);
			count++;
		}
	}
	if (!json && count == 0) {
		shell_say("no probes are attached");
	}
}

/* "@kind:@site", on which an error's caret stands. */
static void make_spec(char spec[SPEC_MAX], const char *kind, const char *site)
{
	struct axb_text text;
	axb_text_init(&text, spec, SPEC_MAX);
	axb_text_str(&text, kind);
	axb_text_char(&text, ':');
	axb_text_str(&text, site);
}

/* No program has such a name. */
static bool is_fetch_argument(const char *word)
{
	bool is = false;
	for (; *word != '\0' && !is; word++) {
		is = *word == '=' || *word == '%' || *word == '$' || *word == '@' ||
		     *word == '\\' || *word == '(';
	}
	return is;
}

/* "PROGRAM [--write]", from word 2 on. */
static enum axb_status take_program(
	const struct shell_args *args, struct axb_control_config *config)
{
	struct axb_prog_info prog = {0};
	AXB_TRY(shell_find_prog(args, 2, &prog));
	config->prog = prog.id;
	config->may_write = args->count > 3;
	if (args->count > 3 && !axb_streq(args->words[3], "--write")) {
		return shell_error(args, 3, AXB_ERR_ARG, "only --write can stand here", NULL);
	}
	return args->count > 4 ? shell_error(args, 4, AXB_ERR_ARG, "one word too many", NULL)
			       : AXB_OK;
}

/* The words from 2 on, behind @spec. */
static void add_arguments(char spec[SPEC_MAX], const struct shell_args *args)
{
	size_t length = axb_strnlen(spec, SPEC_MAX);
	struct axb_text text;
	axb_text_init(&text, spec + length, SPEC_MAX - length);
	for (uint32_t i = 2; i < args->count; i++) {
		axb_text_char(&text, ' ');
		axb_text_str(&text, args->words[i]);
	}
}

static enum axb_status attach(const struct shell_args *args, const char *kind)
{
	char spec[SPEC_MAX];
	struct axb_control_config config = {.prog = {0}};
	struct axb_control_error error;
	struct shell_line line;
	uint32_t count;
	make_spec(spec, kind, args->words[1]);
	if (args->count > 2 && is_fetch_argument(args->words[2])) {
		add_arguments(spec, args);
	} else if (args->count > 2) {
		AXB_TRY(take_program(args, &config));
	}
	enum axb_status st = axb_control_attach(spec, &config, &count, &error);
	if (st != AXB_OK) {
		return shell_control_error(spec, st, &error);
	}
	shell_begin(&line);
	axb_text_str(&line.text, "Attached: ");
	axb_text_str(&line.text, spec);
	axb_text_str(&line.text, " (");
	axb_text_u64(&line.text, count);
	axb_text_str(&line.text, ")");
	shell_end(&line);
	return AXB_OK;
}

enum axb_status shell_hprobe(const struct shell_args *args)
{
	if (args->count == 1) {
		list_probes(args->json);
		return AXB_OK;
	}
	return attach(args, "hprobe");
}

enum axb_status shell_hretprobe(const struct shell_args *args)
{
	return attach(args, "hretprobe");
}

/* Something done at @spec to what @prog has there. */
typedef enum axb_status (*probe_change_fn_t)(
	const char *spec, axb_prog_id_t prog, uint32_t *changed, struct axb_control_error *why);

/* @first and @error keep the first error. */
static void change(probe_change_fn_t fn, const char *spec, axb_prog_id_t prog, uint32_t *count,
	enum axb_status *first, struct axb_control_error *error)
{
	uint32_t changed = 0;
	struct axb_control_error why;
	enum axb_status st = fn(spec, prog, &changed, &why);
	if (st != AXB_OK && *first == AXB_OK) {
		*first = st;
		*error = why;
	}
	*count += changed;
}

/* The same for the events and for every program. */
static void change_all(probe_change_fn_t fn, const char *spec, uint32_t *count,
	enum axb_status *first, struct axb_control_error *error)
{
	axb_prog_id_t prog = {0};
	change(fn, spec, prog, count, first, error);
	while (axb_prog_next(&prog)) {
		change(fn, spec, prog, count, first, error);
	}
}

/* "Detached: SITE (2)" */
static void say_count(const char *what, const char *site, uint32_t count)
{
	struct shell_line line;
	shell_begin(&line);
	axb_text_str(&line.text, what);
	axb_text_str(&line.text, ": ");
	axb_text_str(&line.text, site);
	axb_text_str(&line.text, " (");
	axb_text_u64(&line.text, count);
	axb_text_str(&line.text, ")");
	shell_end(&line);
}

/* All that is attached there: entries and returns, events and programs. */
enum axb_status shell_unhprobe(const struct shell_args *args)
{
	static const char *const kinds[] = {"hprobe", "hretprobe"};
	struct axb_control_error error;
	enum axb_status st = AXB_OK;
	char spec[SPEC_MAX];
	uint32_t count = 0;
	for (size_t i = 0; i < AXB_ARRAY_COUNT(kinds); i++) {
		make_spec(spec, kinds[i], args->words[1]);
		change_all(axb_control_detach, spec, &count, &st, &error);
	}
	if (count == 0) {
		make_spec(spec, kinds[0], args->words[1]);
		return shell_control_error(spec, st, &error);
	}
	say_count("Detached", args->words[1], count);
	return AXB_OK;
}

bool shell_is_probe(const char *word)
{
	static const char *const kinds[] = {
		"h:", "hr:", "hprobe:", "hretprobe:", "k:", "kr:", "kprobe:", "kretprobe:"};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(kinds); i++) {
		size_t length = axb_strnlen(kinds[i], SPEC_MAX);
		if (axb_strnlen(word, length) == length && memcmp(word, kinds[i], length) == 0) {
			return true;
		}
	}
	return false;
}

static enum axb_status enable(
	const char *spec, axb_prog_id_t prog, uint32_t *changed, struct axb_control_error *why)
{
	return axb_control_enable(spec, prog, true, changed, why);
}

static enum axb_status disable(
	const char *spec, axb_prog_id_t prog, uint32_t *changed, struct axb_control_error *why)
{
	return axb_control_enable(spec, prog, false, changed, why);
}

enum axb_status shell_enable_probe(const char *spec, bool on)
{
	struct axb_control_error error;
	enum axb_status st = AXB_OK;
	uint32_t count = 0;
	change_all(on ? enable : disable, spec, &count, &st, &error);
	if (count == 0) {
		return shell_control_error(spec, st, &error);
	}
	say_count(on ? "Enabled" : "Disabled", spec, count);
	return AXB_OK;
}

enum axb_status shell_throttle(const struct shell_args *args)
{
	struct axb_control_error error;
	uint64_t hits = 0;
	uint32_t count = 0;
	if (!axb_parse_u64(args->words[2], &hits) || hits > UINT32_MAX) {
		return shell_error(args, 2, AXB_ERR_ARG, "is no number of hits", NULL);
	}
	enum axb_status st = axb_control_throttle(args->words[1], (uint32_t)hits, &count, &error);
	if (st != AXB_OK) {
		return shell_control_error(args->words[1], st, &error);
	}
	say_count(hits == 0 ? "Not throttled" : "Throttled", args->words[1], count);
	return AXB_OK;
}

static void range_row(const char *kind, const struct axb_probe_range *range, bool json)
{
	struct shell_line line;
	if (json) {
		shell_json_begin(&line);
		shell_json_text(&line, "probe", kind);
		shell_json_u64(&line, "start", range->start);
		shell_json_u64(&line, "size", range->size);
		shell_json_text(&line, "reason", range->reason);
		shell_json_end(&line);
		return;
	}
	shell_begin(&line);
	axb_text_field(&line.text, kind, 10);
	axb_text_0x(&line.text, range->start, 16);
	axb_text_char(&line.text, '-');
	axb_text_0x(&line.text, range->start + range->size, 16);
	axb_text_str(&line.text, "  ");
	axb_text_str(&line.text, range->reason);
	shell_end(&line);
}

enum axb_status shell_blacklist(const struct shell_args *args)
{
	for (uint32_t kind = 0; kind < axb_control_kind_count(); kind++) {
		struct axb_probe_range range;
		uint32_t cursor = 0;
		while (axb_control_next_range(kind, &cursor, &range)) {
			range_row(axb_control_kind_name(kind), &range, args->json);
		}
	}
	return AXB_OK;
}
