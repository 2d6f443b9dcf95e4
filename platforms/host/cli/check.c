/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf check: what a load would say, for an object or for raw instructions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platforms/host/cli/load.h"
#include "platforms/host/hooks.h"
#include "runtime/base/arena.h"
#include "runtime/base/text.h"
#include "runtime/helpers/helpers.h"
#include "runtime/isa/disasm.h"
#include "runtime/maps/map.h"
#include "runtime/verifier/verify.h"

enum { PROG, RAW, TYPE, MAP, VERBOSE };

static const struct cli_option options[] = {
	[PROG] = {"prog", 0, "NAME", "only this program"},
	[RAW] = {"raw", 0, NULL, "instructions as hexadecimal bytes on standard input"},
	[TYPE] = {"type", 0, "T", "program type of --raw (default tracepoint)"},
	[MAP] = {"map", 0, "TYPE:KEY:VALUE:ENTRIES", "a map for --raw; lddw with src 1 names it"},
	[VERBOSE] = {"verbose", 'v', NULL, "say more about what is accepted"},
	{NULL, 0, NULL, NULL},
};

static void print_reject(
	const char *name, const struct axb_insn *insns, const struct axb_reject *why)
{
	char text[256];
	struct axb_text t;
	axb_text_init(&t, text, sizeof(text));
	axb_reject_explain(why, &t);
	cli_fail(CLI_REFUSED, "%s: %s", name, text);
	axb_text_init(&t, text, sizeof(text));
	axb_insn_disasm(&insns[why->insn], &t);
	fprintf(stderr, "  %u: %s\n", why->insn, text);
}

/* A wide instruction needs its second half to be printed. */
static bool can_print(const struct axb_insn *insns, uint32_t count, uint32_t at)
{
	return at < count && at + axb_insn_slots(insns[at]) <= count;
}

static enum cli_exit verify(
	const char *name, const struct axb_code *code, struct axb_arena *arena, bool verbose)
{
	const struct axb_checked *checked = NULL;
	struct axb_reject why;
	enum axb_status st = axb_verify(code, arena, &checked, &why);
	if (st == AXB_ERR_REJECTED) {
		if (can_print(code->insns, code->insn_count, why.insn)) {
			print_reject(name, code->insns, &why);
			return CLI_REFUSED;
		}
		char text[256];
		struct axb_text t;
		axb_text_init(&t, text, sizeof(text));
		axb_reject_explain(&why, &t);
		return cli_fail(CLI_REFUSED, "%s: %s", name, text);
	}
	if (st != AXB_OK) {
		return cli_fail(CLI_REFUSED, "%s: %s", name, axb_status_text(st));
	}
	printf("%s: accepted (structure)", name);
	if (verbose) {
		printf(", %u instructions, %u bytes of stack", code->insn_count,
			axb_checked_stack_bytes(checked));
	}
	puts("");
	return CLI_OK;
}

static enum cli_exit make_map(const char *text, struct axb_arena *arena, struct axb_map **out)
{
	struct axb_map_def def = {0, 0, 0, 0, 0};
	struct axb_map_error why = {NULL, 0};
	char extra;
	if (sscanf(text, "%u:%u:%u:%u%c", &def.type, &def.key_size, &def.value_size,
		    &def.max_entries, &extra) != 4) {
		return cli_fail(CLI_USAGE, "--map %s: not TYPE:KEY:VALUE:ENTRIES in numbers", text);
	}
	enum axb_status st = axb_map_create(&def, text, AXB_HOST_CPU_COUNT, arena, out, &why);
	if (st != AXB_OK) {
		return cli_fail(CLI_REFUSED, "--map %s: %s (%s)", text, axb_status_text(st),
			why.field == NULL ? "definition" : why.field);
	}
	return CLI_OK;
}

static enum cli_exit check_raw(const struct cli_args *args)
{
	struct axb_map *maps[CLI_REPEAT_MAX];
	struct axb_insn *insns = NULL;
	struct axb_arena arena;
	struct axb_code code = {.type = AXB_PROG_TYPE_TRACEPOINT, .helpers = &axb_helpers_standard};
	void *memory = cli_memory();
	if (memory == NULL) {
		return CLI_ENVIRONMENT;
	}
	if (args->given[TYPE] && !cli_prog_type(args->value[TYPE], &code.type)) {
		return cli_fail(CLI_USAGE, "--type %s: no such program type", args->value[TYPE]);
	}
	axb_arena_init(&arena, memory, CLI_MEMORY_SIZE);
	for (int i = 0; i < args->repeated_count; i++) {
		enum cli_exit status = make_map(args->repeated[i], &arena, &maps[i]);
		if (status != CLI_OK) {
			return status;
		}
	}
	enum cli_exit status = cli_read_raw(&insns, &code.insn_count);
	if (status != CLI_OK) {
		return status;
	}
	code.insns = insns;
	code.maps = maps;
	code.map_count = (uint32_t)args->repeated_count;
	status = verify("raw", &code, &arena, args->given[VERBOSE]);
	free(insns);
	free(memory);
	return status;
}

static enum cli_exit make_maps(
	const struct axb_object *object, struct axb_arena *arena, struct axb_map **maps)
{
	for (uint32_t i = 0; i < object->map_count; i++) {
		struct axb_map_error why = {NULL, 0};
		enum axb_status st = axb_map_create(&object->maps[i].def, object->maps[i].name,
			AXB_HOST_CPU_COUNT, arena, &maps[i], &why);
		if (st != AXB_OK) {
			return cli_fail(CLI_REFUSED, "map %s: %s (%s)", object->maps[i].name,
				axb_status_text(st), why.field == NULL ? "memory" : why.field);
		}
	}
	return CLI_OK;
}

static enum cli_exit check_progs(const struct axb_object *object, const char *only, bool verbose)
{
	struct axb_map *maps[AXB_OBJECT_MAP_MAX];
	struct axb_arena arena;
	bool found = false;
	void *memory = cli_memory();
	if (memory == NULL) {
		return CLI_ENVIRONMENT;
	}
	axb_arena_init(&arena, memory, CLI_MEMORY_SIZE);
	enum cli_exit status = make_maps(object, &arena, maps);
	for (uint32_t i = 0; i < object->prog_count && status != CLI_ENVIRONMENT; i++) {
		const struct axb_object_prog *prog = &object->progs[i];
		if (only != NULL && strcmp(only, prog->name) != 0) {
			continue;
		}
		const struct axb_code code = {prog->insns, prog->insn_count, prog->type, maps,
			object->map_count, &axb_helpers_standard};
		found = true;
		if (verify(prog->name, &code, &arena, verbose) != CLI_OK) {
			status = CLI_REFUSED;
		}
	}
	free(memory);
	if (!found) {
		return cli_fail(CLI_REFUSED, "the object has no program '%s'", only);
	}
	return status;
}

static enum cli_exit run(const struct cli_args *args)
{
	const struct axb_object *object = NULL;
	uint8_t *bytes = NULL;
	if (args->given[RAW]) {
		return args->count == 0 ? check_raw(args)
					: cli_fail(CLI_USAGE, "check --raw takes no file");
	}
	if (args->count != 1) {
		return cli_fail(CLI_USAGE, "check takes one file");
	}
	enum cli_exit status = cli_parse_object(args->words[0], &bytes, &object);
	if (status == CLI_OK) {
		status = check_progs(object, args->value[PROG], args->given[VERBOSE]);
	}
	free(bytes);
	return status;
}

const struct cli_command cli_check = {
	.name = "check",
	.usage = "FILE.bpf.o [--prog NAME] [-v] | --raw [--type T] [--map M]...",
	.help = "Verify an object or raw instructions, and say why one is refused.",
	.options = options,
	.repeatable = MAP,
	.run = run,
};
