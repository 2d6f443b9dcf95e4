/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Commands about probes on functions of the hypervisor: hprobe, hretprobe, unhprobe. All go through
 * probes/control, so a hypervisor without these probes says so.
 */
#include "platforms/shell/internal.h"

#include "probes/control/control.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define SPEC_MAX 256u

static void row(const char *kind, const struct axb_probe_info *info, bool json)
{
	struct shell_line line;
	const uint64_t counts[] = {info->attached, info->hits, info->handled, info->missed};
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
	shell_end(&line);
}

static void list_probes(bool json)
{
	uint32_t count = 0;
	if (!json) {
		shell_say("PROBE     SITE                            HOW         ATTACHED      HITS"
			  "   HANDLED    MISSED");
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

static enum axb_status attach(const struct shell_args *args, const char *kind)
{
	char spec[SPEC_MAX];
	struct axb_prog_info prog = {0};
	struct axb_control_error error;
	struct shell_line line;
	uint32_t count;
	if (args->count > 2) {
		AXB_TRY(shell_find_prog(args, 2, &prog));
	}
	make_spec(spec, kind, args->words[1]);
	enum axb_status st = axb_control_attach(spec, prog.id, 0, &count, &error);
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

/* @first and @error keep the first error. */
static void detach(const char *spec, axb_prog_id_t prog, uint32_t *count, enum axb_status *first,
	struct axb_control_error *error)
{
	uint32_t detached = 0;
	struct axb_control_error why;
	enum axb_status st = axb_control_detach(spec, prog, &detached, &why);
	if (st != AXB_OK && *first == AXB_OK) {
		*first = st;
		*error = why;
	}
	*count += detached;
}

/* All that is attached there: entries and returns, events and programs. */
enum axb_status shell_unhprobe(const struct shell_args *args)
{
	static const char *const kinds[] = {"hprobe", "hretprobe"};
	struct axb_control_error error;
	enum axb_status st = AXB_OK;
	struct shell_line line;
	char spec[SPEC_MAX];
	uint32_t count = 0;
	for (size_t i = 0; i < AXB_ARRAY_COUNT(kinds); i++) {
		axb_prog_id_t prog = {0};
		make_spec(spec, kinds[i], args->words[1]);
		detach(spec, prog, &count, &st, &error);
		while (axb_prog_next(&prog)) {
			detach(spec, prog, &count, &st, &error);
		}
	}
	if (count == 0) {
		make_spec(spec, kinds[0], args->words[1]);
		return shell_control_error(spec, st, &error);
	}
	shell_begin(&line);
	axb_text_str(&line.text, "Detached: ");
	axb_text_str(&line.text, args->words[1]);
	axb_text_str(&line.text, " (");
	axb_text_u64(&line.text, count);
	axb_text_str(&line.text, ")");
	shell_end(&line);
	return AXB_OK;
}
