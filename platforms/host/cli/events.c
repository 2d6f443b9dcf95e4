/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf events
 */
#include "codegen/gen/formats_gen.h" // Generated.
#include "platforms/host/cli/cli.h"
#include "platforms/host/cli/json.h"
#include "runtime/base/mem.h"
#include "runtime/base/nearest.h"
#include "runtime/trace/tp_core.h"

static void print_row(const struct axb_tp_def *def)
{
	printf("%-6u %-24s", def->id, def->name);
	for (uint32_t i = 0; i < def->field_count; i++) {
		printf(" %s:%s", def->fields[i].name, def->fields[i].type);
		if (def->fields[i].display == AXB_TP_DISPLAY_STRING) {
			printf("[%u]", def->fields[i].size);
		}
	}
	putchar('\n');
}

static void print_json(const struct axb_tp_def *def)
{
	json_line();
	json_text("tracepoint", def->name);
	json_u64("id", def->id);
	json_u64("ctx_size", def->ctx_size);
	json_open("fields", '{');
	for (uint32_t i = 0; i < def->field_count; i++) {
		const struct axb_tp_field *field = &def->fields[i];
		json_open(field->name, '{');
		json_text("type", field->type);
		json_u64("offset", field->offset);
		json_u64("size", field->size);
		json_close('}');
	}
	json_close('}');
	json_line_end();
}

enum cli_exit cli_events(const struct cli_args *args)
{
	const char *pattern = args->word_count > 0 ? args->words[0] : "*";
	bool format = cli_has(args, "format");
	bool json = cli_has(args, "json");
	struct axb_nearest nearest;
	uint32_t shown = 0;
	axb_nearest_init(&nearest, pattern);
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		const struct axb_tp_def *def = &axb_tp_defs[i];
		axb_nearest_offer(&nearest, def->name);
		if (!axb_glob_match(pattern, def->name)) {
			continue;
		}
		if (format) {
			printf("%s%s", shown == 0 ? "" : "\n", axb_tp_format_text(i));
		} else if (json) {
			print_json(def);
		} else {
			if (shown == 0) {
				printf("%-6s %-24s %s\n", "ID", "NAME", "FIELDS");
			}
			print_row(def);
		}
		shown++;
	}
	if (shown == 0) {
		bool near = nearest.best[0] != '\0';
		return cli_fail(args, CLI_REFUSED, "no tracepoint matches '%s'%s%s%s", pattern,
			near ? "; did you mean '" : "", nearest.best, near ? "'?" : "");
	}
	return CLI_DONE;
}
