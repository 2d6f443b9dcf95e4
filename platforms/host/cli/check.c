/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf check
 */
#define _DEFAULT_SOURCE
#include <string.h>

#include "codegen/gen/maps_gen.h" // Generated.
#include "platforms/host/cli/object.h"
#include "platforms/host/host.h"
#include "runtime/base/mem.h"
#include "runtime/elf/line.h"
#include "runtime/helpers/helpers.h"
#include "runtime/isa/disasm.h"
#include "runtime/isa/opcode.h"
#include "runtime/maps/map.h"

#define DEF_NUMBERS 3u

/* Texts of an object go to a terminal only as printable characters. */
static void put_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		fputc(*text >= ' ' && *text <= '~' ? *text : ' ', stderr);
	}
}

static void print_source(struct cli_object *file, const struct axb_object_prog *prog, uint32_t insn)
{
	struct axb_source_line line;
	if (!axb_object_source_line(cli_bytes(file->file), prog, insn, &file->arena, &line)) {
		return;
	}
	const char *base = strrchr(line.file, '/');
	fputs("  ", stderr);
	put_printable(base == NULL ? line.file : base + 1);
	fprintf(stderr, ":%u:%u: ", line.line, line.column);
	put_printable(line.text + strspn(line.text, " \t"));
	fputc('\n', stderr);
}

static void print_rejection(
	const char *name, const struct axb_code *code, const struct axb_reject *why)
{
	char buffer[256];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_reject_explain(why, &text);
	fprintf(stderr, "%s: rejected: %s\n", name, buffer);
	if (why->insn < code->insn_count) {
		/* Both slots of an lddw, also where the second is missing. */
		struct axb_insn insns[2] = {{0}, {0}};
		insns[0] = code->insns[why->insn];
		if (why->insn + 1 < code->insn_count) {
			insns[1] = code->insns[why->insn + 1];
		}
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_insn_disasm(insns, &text);
		fprintf(stderr, "  %u: %s\n", why->insn, buffer);
	}
}

/* Each helper and map that the program names, where it first does. */
static void print_uses(const struct axb_code *code)
{
	for (uint32_t i = 0; i < code->insn_count; i += axb_insn_slots(code->insns[i])) {
		struct axb_insn insn = code->insns[i];
		enum axb_op op = axb_insn_op(insn);
		bool names_map = axb_insn_slots(insn) == 2 && axb_insn_src(insn) != AXB_LDDW_IMM;
		if (op == AXB_OP_CALL_HELPER) {
			const struct axb_helper_proto *proto =
				axb_helper_proto_by_id((uint32_t)insn.imm);
			printf("  %u: calls %s\n", i, proto == NULL ? "?" : proto->name);
		} else if (op == AXB_OP_CALL_LOCAL) {
			printf("  %u: calls the function at %lld\n", i,
				(long long)i + 1 + insn.imm);
		} else if (names_map && (uint32_t)insn.imm < code->map_count) {
			printf("  %u: map %s\n", i, code->maps[insn.imm]->name);
		}
	}
}

static enum cli_exit verify(const struct cli_args *args, const char *name,
	const struct axb_code *code, struct axb_arena *arena, struct axb_reject *why)
{
	const struct axb_checked *checked;
	size_t mark = axb_arena_mark(arena);
	enum axb_status st = axb_verify(code, arena, &checked, why);
	if (st == AXB_ERR_REJECTED) {
		(void)fflush(stdout);
		print_rejection(name, code, why);
		return CLI_REFUSED;
	}
	if (st != AXB_OK) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", name, axb_status_text(st));
	}
	printf("%s: accepted (%s, %u instructions, %u bytes of stack)\n", name,
		cli_prog_type_name(code->type), code->insn_count, axb_checked_stack_bytes(checked));
	if (cli_has(args, "verbose")) {
		print_uses(code);
	}
	axb_arena_reset(arena, mark);
	return CLI_DONE;
}

static enum cli_exit create_map(const struct cli_args *args, const struct axb_map_def *def,
	const char *name, struct axb_arena *arena, struct axb_map **out)
{
	struct axb_map_error why = {.field = "", .value = 0};
	enum axb_status st = axb_map_create(def, name, axb_plat_cpu_count(), arena, out, &why);
	if (st == AXB_ERR_NOMEM) {
		return cli_fail(args, CLI_ENVIRONMENT, "map %s: %s", name, axb_status_text(st));
	}
	if (st != AXB_OK) {
		return cli_fail(args, CLI_REFUSED, "map %s: %s %llu is not possible", name,
			why.field, (unsigned long long)why.value);
	}
	return CLI_DONE;
}

static enum cli_exit check_object(const struct cli_args *args)
{
	static struct axb_map *maps[AXB_OBJECT_MAP_MAX];
	struct cli_object file;
	enum cli_exit worst = cli_parse_object(args, &file);
	if (worst == CLI_DONE) {
		worst = cli_check_choice(args, file.object);
	}
	for (uint32_t i = 0; worst == CLI_DONE && i < file.object->map_count; i++) {
		const struct axb_object_map *map = &file.object->maps[i];
		worst = create_map(args, &map->def, map->name, &file.arena, &maps[i]);
	}
	if (worst != CLI_DONE) {
		return worst;
	}
	const struct axb_object *object = file.object;
	for (uint32_t i = 0; i < object->prog_count; i++) {
		const struct axb_object_prog *prog = &object->progs[i];
		const struct axb_code code = {
			.insns = prog->insns,
			.insn_count = prog->insn_count,
			.type = prog->type,
			.maps = maps,
			.map_count = object->map_count,
			.helpers = &axb_helpers_standard,
		};
		if (!cli_is_chosen(args, prog)) {
			continue;
		}
		struct axb_reject why = {0};
		enum cli_exit exit = verify(args, prog->name, &code, &file.arena, &why);
		if (exit == CLI_REFUSED) {
			print_source(&file, prog, why.insn);
		}
		worst = exit > worst ? exit : worst;
	}
	return worst;
}

/* "hash:4:8:16": a type by name or number, then the sizes. */
static bool parse_map(const char *text, struct axb_map_def *out)
{
	char copy[128];
	char *rest = copy;
	uint64_t numbers[DEF_NUMBERS];
	uint64_t type;
	memset(out, 0, sizeof(*out));
	if (!axb_strcpy(copy, sizeof(copy), text)) {
		return false;
	}
	const char *name = strsep(&rest, ":");
	for (uint32_t i = 0; i < DEF_NUMBERS; i++) {
		const char *word = strsep(&rest, ":");
		if (word == NULL || !cli_number(word, &numbers[i]) || numbers[i] > UINT32_MAX) {
			return false;
		}
	}
	for (uint32_t i = 0; i < AXB_MAP_TYPE_COUNT_; i++) {
		bool known = strcmp(axb_map_type_name(i), "unknown") != 0;
		if ((known && strcmp(axb_map_type_name(i), name) == 0) ||
			(cli_number(name, &type) && type == i)) {
			*out = (struct axb_map_def){
				.type = i,
				.key_size = (uint32_t)numbers[0],
				.value_size = (uint32_t)numbers[1],
				.max_entries = (uint32_t)numbers[2],
			};
			return rest == NULL;
		}
	}
	return false;
}

static enum cli_exit make_maps(const struct cli_args *args, struct axb_arena *arena,
	struct axb_map **maps, uint32_t *count)
{
	const char *text;
	for (*count = 0; (text = cli_value_at(args, "map", *count)) != NULL; ++*count) {
		struct axb_map_def def;
		if (*count == AXB_PROG_MAP_MAX) {
			return cli_usage(args, "more than %u maps", (unsigned)AXB_PROG_MAP_MAX);
		}
		if (!parse_map(text, &def)) {
			return cli_usage(args, "--map %s: not TYPE:KEY:VALUE:ENTRIES", text);
		}
		enum cli_exit exit = create_map(args, &def, text, arena, &maps[*count]);
		if (exit != CLI_DONE) {
			return exit;
		}
	}
	return CLI_DONE;
}

static enum cli_exit check_raw(const struct cli_args *args)
{
	static struct axb_map *maps[AXB_PROG_MAP_MAX];
	struct axb_arena arena;
	struct axb_code code = {
		.type = AXB_PROG_TYPE_TRACEPOINT,
		.maps = maps,
		.helpers = &axb_helpers_standard,
	};
	const char *type = cli_value(args, "type");
	if (type != NULL && !cli_prog_type(type, &code.type)) {
		return cli_usage(args,
			"there is no program type '%s' (raw tracepoint hprobe hretprobe kprobe "
			"kretprobe)",
			type);
	}
	if (!cli_arena(&arena)) {
		return cli_fail(args, CLI_ENVIRONMENT, "no memory");
	}
	enum cli_exit exit = make_maps(args, &arena, maps, &code.map_count);
	if (exit == CLI_DONE) {
		exit = cli_read_raw(args, &code.insns, &code.insn_count);
	}
	struct axb_reject why;
	return exit == CLI_DONE ? verify(args, "raw", &code, &arena, &why) : exit;
}

enum cli_exit cli_check(const struct cli_args *args)
{
	bool raw = cli_has(args, "raw");
	if (raw && args->word_count != 0) {
		return cli_usage(args, "--raw reads stdin, what is '%s' for?", args->words[0]);
	}
	if (!raw && args->word_count == 0) {
		return cli_usage(args, "which object?");
	}
	if (!raw && (cli_has(args, "type") || cli_has(args, "map"))) {
		return cli_usage(args, "--type and --map are for --raw");
	}
	return raw ? check_raw(args) : check_object(args);
}
