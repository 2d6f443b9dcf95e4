/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf events: the tracepoints and their fields.
 */
#include <stdio.h>
#include <string.h>

#include "codegen/gen/formats_gen.h"     // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "platforms/host/cli/cli.h"
#include "runtime/base/mem.h"
#include "runtime/base/nearest.h"
#include "runtime/trace/tp_core.h"

enum { FORMAT };

static const struct cli_option options[] = {
	[FORMAT] = {"format", 0, NULL, "format files, as libtraceevent reads them"},
	{NULL, 0, NULL, NULL},
};

static void print_event(uint32_t index, bool format)
{
	const struct axb_tp_def *def = &axb_tp_defs[index];
	if (format) {
		printf("%s\n", axb_tp_format_text(index));
		return;
	}
	printf("%5u  %-24s", def->id, def->name);
	for (uint32_t i = 0; i < def->field_count; i++) {
		printf(" %s:%s", def->fields[i].name, def->fields[i].type);
	}
	puts("");
}

static enum cli_exit unknown_event(const char *pattern)
{
	struct axb_nearest search;
	axb_nearest_init(&search, pattern);
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		axb_nearest_offer(&search, axb_tp_defs[i].name);
	}
	return cli_fail(CLI_REFUSED, "no tracepoint matches '%s'%s%s", pattern,
		search.best[0] == '\0' ? "" : "; did you mean ", search.best);
}

static enum cli_exit run(const struct cli_args *args)
{
	const char *pattern = args->count == 0 ? "*" : args->words[0];
	uint32_t printed = 0;
	if (args->count > 1) {
		return cli_fail(CLI_USAGE, "events takes at most one name or glob");
	}
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		if (axb_glob_match(pattern, axb_tp_defs[i].name)) {
			print_event(i, args->given[FORMAT]);
			printed++;
		}
	}
	return printed != 0 ? CLI_OK : unknown_event(pattern);
}

const struct cli_command cli_events = {
	.name = "events",
	.usage = "[GLOB] [--format]",
	.help = "List tracepoints with their ids and fields.",
	.options = options,
	.repeatable = -1,
	.run = run,
};
