/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf dump
 */
#include "codegen/gen/helpers_gen.h" // Generated.
#include "codegen/gen/maps_gen.h"    // Generated.
#include "platforms/host/cli/object.h"
#include "runtime/isa/disasm.h"
#include "runtime/isa/opcode.h"

#define COMMENT_COLUMN 48u

static const struct axb_object_function *function_at(
	const struct axb_object_prog *prog, uint32_t first)
{
	for (uint32_t i = 0; i < prog->function_count; i++) {
		if (prog->functions[i].first == first) {
			return &prog->functions[i];
		}
	}
	return NULL;
}

/* Where the instruction at @at goes, if it does. */
static bool target_of(const struct axb_object_prog *prog, uint32_t at, uint32_t *out, bool *call)
{
	const struct axb_insn insn = prog->insns[at];
	enum axb_op op = axb_insn_op(insn);
	int64_t delta = insn.offset;
	*call = false;
	switch (axb_op_table[op].form) {
	case AXB_FORM_JUMP:
	case AXB_FORM_BRANCH_IMM:
	case AXB_FORM_BRANCH_REG:
		break;
	case AXB_FORM_JUMP_LONG:
		delta = insn.imm;
		break;
	case AXB_FORM_CALL:
		if (axb_insn_src(insn) != AXB_CALL_LOCAL) {
			return false;
		}
		*call = true;
		delta = insn.imm;
		break;
	default:
		return false;
	}
	int64_t target = (int64_t)at + 1 + delta;
	*out = (uint32_t)target;
	return op != AXB_OP_NONE_ && target >= 0 && target < prog->insn_count;
}

/* The second slot of an lddw that is cut is not there: a copy makes it zeros. */
static uint32_t slots_at(const struct axb_object_prog *prog, uint32_t at, struct axb_insn insns[2])
{
	insns[0] = prog->insns[at];
	insns[1] = (struct axb_insn){0};
	if (axb_insn_slots(insns[0]) == 2 && at + 1 < prog->insn_count) {
		insns[1] = prog->insns[at + 1];
		return 2;
	}
	return 1;
}

/* Find the instructions that jumps go to. */
static void mark_targets(const struct axb_object_prog *prog, bool *is_label)
{
	struct axb_insn insns[2];
	for (uint32_t i = 0; i < prog->insn_count; i += slots_at(prog, i, insns)) {
		uint32_t target;
		bool call;
		if (target_of(prog, i, &target, &call) && !call) {
			is_label[target] = true;
		}
	}
}

static void put_map(
	const struct axb_object *object, const struct axb_insn insns[2], struct axb_text *text)
{
	unsigned kind = axb_insn_src(insns[0]);
	uint32_t index = (uint32_t)insns[0].imm;
	if ((kind != AXB_LDDW_MAP && kind != AXB_LDDW_MAP_VALUE) || index >= object->map_count) {
		return;
	}
	axb_text_str(text, "map ");
	axb_text_str(text, object->maps[index].name);
	if (kind == AXB_LDDW_MAP_VALUE) {
		axb_text_str(text, " + ");
		axb_text_u64(text, (uint32_t)insns[1].imm);
	}
}

/* What the instruction's numbers mean. */
static void comment(const struct axb_object *object, const struct axb_object_prog *prog,
	uint32_t at, const struct axb_insn insns[2], struct axb_text *text)
{
	uint32_t target;
	bool call;
	enum axb_op op = axb_insn_op(insns[0]);
	if (target_of(prog, at, &target, &call)) {
		const struct axb_object_function *f = call ? function_at(prog, target) : NULL;
		axb_text_str(text, f == NULL ? "-> label_" : "-> ");
		if (f == NULL) {
			axb_text_u64(text, target);
		} else {
			axb_text_str(text, f->name);
		}
	} else if (op == AXB_OP_CALL_HELPER) {
		const struct axb_helper_proto *proto =
			axb_helper_proto_by_id((uint32_t)insns[0].imm);
		axb_text_str(text, proto == NULL ? "no helper" : proto->name);
	} else if (axb_insn_slots(insns[0]) == 2) {
		put_map(object, insns, text);
	}
}

static void list(
	const struct axb_object *object, const struct axb_object_prog *prog, const bool *is_label)
{
	struct axb_insn insns[2];
	uint32_t slots;
	for (uint32_t i = 0; i < prog->insn_count; i += slots) {
		char line[256];
		char note_buffer[128];
		struct axb_text text;
		struct axb_text note;
		slots = slots_at(prog, i, insns);
		axb_text_init(&text, line, sizeof(line));
		axb_text_init(&note, note_buffer, sizeof(note_buffer));
		const struct axb_object_function *f = function_at(prog, i);
		if (f != NULL) {
			printf("%s:\n", f->name);
		}
		if (is_label[i]) {
			printf("label_%u:\n", i);
		}
		axb_text_u64_field(&text, i, -6);
		axb_text_str(&text, ": ");
		axb_insn_disasm(insns, &text);
		comment(object, prog, i, insns, &note);
		if (note.length != 0) {
			axb_text_pad_to(&text, COMMENT_COLUMN, ' ');
			axb_text_str(&text, "; ");
			axb_text_str(&text, note_buffer);
		}
		puts(line);
	}
}

enum cli_exit cli_dump(const struct cli_args *args)
{
	struct cli_object file;
	if (cli_has(args, "jit")) {
		return cli_fail(args, CLI_ENVIRONMENT, "--jit: there is no JIT yet");
	}
	enum cli_exit exit = cli_parse_object(args, &file);
	if (exit == CLI_DONE) {
		exit = cli_check_choice(args, file.object);
	}
	if (exit != CLI_DONE) {
		return exit;
	}
	const struct axb_object *object = file.object;
	for (uint32_t i = 0; i < object->map_count; i++) {
		const struct axb_map_def *def = &object->maps[i].def;
		printf("map %s: %s, key %u, value %u, %u %s\n", object->maps[i].name,
			axb_map_type_name(def->type), def->key_size, def->value_size,
			def->max_entries, def->type == AXB_MAP_TYPE_RINGBUF ? "bytes" : "entries");
	}
	for (uint32_t i = 0; i < object->prog_count; i++) {
		const struct axb_object_prog *prog = &object->progs[i];
		if (!cli_is_chosen(args, prog)) {
			continue;
		}
		bool *is_label = cli_alloc((prog->insn_count + 1) * sizeof(bool));
		if (is_label == NULL) {
			return cli_fail(args, CLI_ENVIRONMENT, "not enough memory");
		}
		printf("program %s, section %s, %u instructions, %u relocations:\n", prog->name,
			prog->section, prog->insn_count, prog->relocation_count);
		mark_targets(prog, is_label);
		list(object, prog, is_label);
	}
	return CLI_DONE;
}
