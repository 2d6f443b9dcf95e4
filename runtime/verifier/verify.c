/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Structural verification in passes over the instructions, each linear and without recursion:
 * fields of each instruction, subprogram starts, jump targets, reachability, call graph.
 */
#include "runtime/verifier/verify.h"

#include "codegen/gen/helpers_gen.h"
#include "runtime/base/bits.h"
#include "runtime/base/mem.h"
#include "runtime/isa/opcode.h"
#include "runtime/maps/map.h"
#include "runtime/verifier/checked.h"

/* Marks of an instruction slot. */
enum {
	SLOT_SECOND = 1,  /* second half of lddw */
	SLOT_SUBPROG = 2, /* a subprogram begins here */
	SLOT_REACHED = 4,
};

/* One verification. */
struct verification {
	struct axb_code code;
	struct axb_reject *why;
	uint8_t *marks;
	uint32_t *queue;              /* instructions whose successors are to be visited */
	uint32_t *subprog_of;         /* subprogram of each instruction */
	uint32_t *calls_to;           /* number of calls of each subprogram not yet processed */
	uint64_t *chain_bytes;        /* stack of the longest chain that ends in each subprogram */
	struct axb_subprog *subprogs; /* of the result */
	uint32_t subprog_count;
	uint32_t stack_bytes;
};

static bool refuse(struct verification *v, enum axb_reject_reason reason, uint32_t insn,
	int64_t operand0, int64_t operand1)
{
	*v->why = (struct axb_reject){reason, insn, {operand0, operand1}};
	return false;
}

/* ---- fields of one instruction ---- */

static bool check_opcode(struct verification *v, uint32_t i)
{
	struct axb_insn insn = v->code.insns[i];
	if (axb_insn_op(insn) != AXB_OP_NONE_) {
		return true;
	}
	if (axb_opcode_is_packet(insn.opcode)) {
		return refuse(v, AXB_REJECT_PACKET, i, insn.opcode, 0);
	}
	switch (axb_op_table[axb_opcode_first_op(insn.opcode)].select) {
	case AXB_SELECT_SRC:
		return refuse(v, AXB_REJECT_SELECT_SRC, i, insn.opcode, axb_insn_src(insn));
	case AXB_SELECT_OFFSET:
		return refuse(v, AXB_REJECT_SELECT_OFFSET, i, insn.opcode, insn.offset);
	case AXB_SELECT_IMM:
		return refuse(v, AXB_REJECT_SELECT_IMM, i, insn.opcode, insn.imm);
	default:
		return refuse(v, AXB_REJECT_OPCODE, i, insn.opcode, 0);
	}
}

static bool check_unused_fields(
	struct verification *v, uint32_t i, const struct axb_op_info *info, unsigned fields)
{
	struct axb_insn insn = v->code.insns[i];
	if (!(fields & AXB_FIELD_DST) && axb_insn_dst(insn) != 0) {
		return refuse(v, AXB_REJECT_UNUSED_DST, i, axb_insn_dst(insn), 0);
	}
	if (!(fields & AXB_FIELD_SRC) && info->select != AXB_SELECT_SRC &&
		axb_insn_src(insn) != 0) {
		return refuse(v, AXB_REJECT_UNUSED_SRC, i, axb_insn_src(insn), 0);
	}
	if (!(fields & AXB_FIELD_OFFSET) && info->select != AXB_SELECT_OFFSET && insn.offset != 0) {
		return refuse(v, AXB_REJECT_UNUSED_OFFSET, i, insn.offset, 0);
	}
	if (!(fields & AXB_FIELD_IMM) && info->select != AXB_SELECT_IMM && insn.imm != 0) {
		return refuse(v, AXB_REJECT_UNUSED_IMM, i, insn.imm, 0);
	}
	return true;
}

/* Does the atomic operation write its source register? (Compare-and-exchange writes r0.) */
static bool atomic_writes_src(int32_t imm)
{
	return (imm & 1) != 0 && imm != 0xf1;
}

static bool check_registers(
	struct verification *v, uint32_t i, const struct axb_op_info *info, unsigned fields)
{
	struct axb_insn insn = v->code.insns[i];
	unsigned dst = axb_insn_dst(insn);
	unsigned src = axb_insn_src(insn);
	if ((fields & AXB_FIELD_DST) && dst >= AXB_REG_COUNT) {
		return refuse(v, AXB_REJECT_REGISTER, i, dst, 0);
	}
	if ((fields & AXB_FIELD_SRC) && src >= AXB_REG_COUNT) {
		return refuse(v, AXB_REJECT_REGISTER, i, src, 0);
	}
	bool writes_fp = (fields & AXB_FIELD_WRITES_DST) && dst == AXB_REG_FP;
	if (info->form == AXB_FORM_ATOMIC && atomic_writes_src(insn.imm)) {
		writes_fp = writes_fp || src == AXB_REG_FP;
	}
	return writes_fp ? refuse(v, AXB_REJECT_WRITES_FP, i, 0, 0) : true;
}

static bool check_map(struct verification *v, uint32_t i)
{
	struct axb_insn first = v->code.insns[i];
	uint32_t offset = (uint32_t)v->code.insns[i + 1].imm;
	uint32_t index = (uint32_t)first.imm;
	if (index >= v->code.map_count) {
		return refuse(v, AXB_REJECT_MAP_INDEX, i, index, v->code.map_count);
	}
	if (axb_insn_src(first) == AXB_LDDW_MAP) {
		return offset == 0 ? true : refuse(v, AXB_REJECT_LDDW_SECOND, i, 0, 0);
	}
	const struct axb_map *map = v->code.maps[index];
	if (map->values == NULL || map->def.max_entries != 1 || map->cpu_count != 1) {
		return refuse(v, AXB_REJECT_MAP_VALUE, i, index, 0);
	}
	if (offset >= map->def.value_size) {
		return refuse(v, AXB_REJECT_MAP_OFFSET, i, offset, map->def.value_size);
	}
	return true;
}

static bool check_lddw(struct verification *v, uint32_t i)
{
	if (i + 1 >= v->code.insn_count) {
		return refuse(v, AXB_REJECT_LDDW_CUT, i, 0, 0);
	}
	struct axb_insn second = v->code.insns[i + 1];
	if (second.opcode != 0 || second.regs != 0 || second.offset != 0) {
		return refuse(v, AXB_REJECT_LDDW_SECOND, i, 0, 0);
	}
	v->marks[i + 1] |= SLOT_SECOND;
	switch (axb_insn_src(v->code.insns[i])) {
	case AXB_LDDW_IMM:
		return true;
	case AXB_LDDW_FUNC:
		return refuse(v, AXB_REJECT_LDDW_FUNC, i, 0, 0);
	default:
		return check_map(v, i);
	}
}

/* A helper without a prototype, as tests and tools bring along, is for every type. */
static bool check_helper(struct verification *v, uint32_t i, uint32_t id)
{
	const struct axb_helper_table *helpers = v->code.helpers;
	if (helpers == NULL || axb_helper_table_find(helpers, id) == NULL) {
		return refuse(v, AXB_REJECT_HELPER, i, id, 0);
	}
	const struct axb_helper_proto *proto = axb_helper_proto_by_id(id);
	if (proto != NULL && (proto->prog_types >> v->code.type & 1) == 0) {
		return refuse(v, AXB_REJECT_HELPER_TYPE, i, id, v->code.type);
	}
	return true;
}

static bool check_call(struct verification *v, uint32_t i)
{
	struct axb_insn insn = v->code.insns[i];
	switch (axb_insn_src(insn)) {
	case AXB_CALL_HELPER:
		return check_helper(v, i, (uint32_t)insn.imm);
	case AXB_CALL_KFUNC:
		return refuse(v, AXB_REJECT_KFUNC, i, insn.imm, 0);
	default:
		return true;
	}
}

static bool is_memory_access(enum axb_form form)
{
	return form == AXB_FORM_LOAD || axb_form_stores(form);
}

/* An access through r10 has a fixed place in the frame. */
static bool check_frame_access(struct verification *v, uint32_t i, enum axb_form form)
{
	struct axb_insn insn = v->code.insns[i];
	unsigned base = form == AXB_FORM_LOAD ? axb_insn_src(insn) : axb_insn_dst(insn);
	int size = (int)axb_opcode_access_size(insn.opcode);
	if (base != AXB_REG_FP) {
		return true;
	}
	if (insn.offset < -(int)AXB_STACK_MAX || insn.offset > -size) {
		return refuse(v, AXB_REJECT_STACK, i, insn.offset, size);
	}
	return true;
}

static bool check_insn(struct verification *v, uint32_t i)
{
	if (!check_opcode(v, i)) {
		return false;
	}
	const struct axb_op_info *info = &axb_op_table[axb_insn_op(v->code.insns[i])];
	enum axb_form form = (enum axb_form)info->form;
	unsigned fields = axb_form_fields(form);
	if (info->select == AXB_SELECT_SRC) {
		fields &= ~(unsigned)AXB_FIELD_SRC;
	}
	if (!check_unused_fields(v, i, info, fields) || !check_registers(v, i, info, fields)) {
		return false;
	}
	if (is_memory_access(form)) {
		return check_frame_access(v, i, form);
	}
	switch (form) {
	case AXB_FORM_LDDW:
		return check_lddw(v, i);
	case AXB_FORM_CALL:
		return check_call(v, i);
	case AXB_FORM_CALL_REG:
		return v->code.type == AXB_PROG_TYPE_RAW ? true
							 : refuse(v, AXB_REJECT_CALL_REG, i, 0, 0);
	default:
		return true;
	}
}

static bool check_insns(struct verification *v)
{
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		if (!check_insn(v, i)) {
			return false;
		}
		i += v->code.insns[i].opcode == 0x18;
	}
	return true;
}

/* ---- subprograms and jumps ---- */

static bool is_local_call(struct axb_insn insn)
{
	return axb_insn_op(insn) == AXB_OP_CALL_LOCAL;
}

static bool mark_subprogs(struct verification *v)
{
	v->marks[0] |= SLOT_SUBPROG;
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		struct axb_insn insn = v->code.insns[i];
		if ((v->marks[i] & SLOT_SECOND) || !is_local_call(insn)) {
			continue;
		}
		int64_t target = (int64_t)i + 1 + insn.imm;
		if (target < 0 || target >= v->code.insn_count) {
			return refuse(v, AXB_REJECT_CALL_OUTSIDE, i, target, v->code.insn_count);
		}
		if (v->marks[target] & SLOT_SECOND) {
			return refuse(v, AXB_REJECT_CALL_MIDDLE, i, target, 0);
		}
		v->marks[target] |= SLOT_SUBPROG;
	}
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		v->subprog_count += (v->marks[i] & SLOT_SUBPROG) != 0;
	}
	return true;
}

/* Fill the ranges of the subprograms and the subprogram of each instruction. */
static void number_subprogs(struct verification *v)
{
	uint32_t index = 0;
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		if (v->marks[i] & SLOT_SUBPROG) {
			index = i == 0 ? 0 : index + 1;
			v->subprogs[index].first = i;
		}
		v->subprogs[index].end = i + 1;
		v->subprog_of[i] = index;
	}
}

/* Does @insn jump (not call), and how far from the next instruction? */
static bool jump_distance(struct axb_insn insn, int64_t *distance)
{
	enum axb_form form = (enum axb_form)axb_op_table[axb_insn_op(insn)].form;
	if (form == AXB_FORM_JUMP_LONG) {
		*distance = insn.imm;
		return true;
	}
	*distance = insn.offset;
	return form == AXB_FORM_JUMP || axb_form_branches(form);
}

/* Does execution never go on to the instruction behind @insn? */
static bool ends_flow(struct axb_insn insn)
{
	enum axb_form form = (enum axb_form)axb_op_table[axb_insn_op(insn)].form;
	return form == AXB_FORM_EXIT || form == AXB_FORM_JUMP || form == AXB_FORM_JUMP_LONG;
}

static bool check_jump(struct verification *v, uint32_t i, int64_t distance)
{
	const struct axb_subprog *subprog = &v->subprogs[v->subprog_of[i]];
	int64_t target = (int64_t)i + 1 + distance;
	if (target < 0 || target >= v->code.insn_count) {
		return refuse(v, AXB_REJECT_JUMP_OUTSIDE, i, target, v->code.insn_count);
	}
	if (target < subprog->first || target >= subprog->end) {
		return refuse(v, AXB_REJECT_JUMP_SUBPROG, i, target, subprog->first);
	}
	if (v->marks[target] & SLOT_SECOND) {
		return refuse(v, AXB_REJECT_JUMP_MIDDLE, i, target, 0);
	}
	return true;
}

/* Jumps stay in their subprogram, and no subprogram runs over its end. */
static bool check_flow(struct verification *v)
{
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		int64_t distance;
		struct axb_insn insn = v->code.insns[i];
		if (v->marks[i] & SLOT_SECOND) {
			continue;
		}
		if (jump_distance(insn, &distance) && !check_jump(v, i, distance)) {
			return false;
		}
		uint32_t next = i + (insn.opcode == 0x18 ? 2 : 1);
		if (next < v->subprogs[v->subprog_of[i]].end || ends_flow(insn)) {
			continue;
		}
		return next == v->code.insn_count ? refuse(v, AXB_REJECT_FALLS_OFF, i, 0, 0)
						  : refuse(v, AXB_REJECT_FALLS_THROUGH, i, next, 0);
	}
	return true;
}

static void reach(struct verification *v, uint32_t i, uint32_t *queued)
{
	if (!(v->marks[i] & SLOT_REACHED)) {
		v->marks[i] |= SLOT_REACHED;
		v->queue[(*queued)++] = i;
	}
}

/* Every instruction is reached from the start of its subprogram; each is queued at most once. */
static bool check_reachable(struct verification *v)
{
	uint32_t queued = 0;
	for (uint32_t s = 0; s < v->subprog_count; s++) {
		reach(v, v->subprogs[s].first, &queued);
	}
	while (queued > 0) {
		uint32_t i = v->queue[--queued];
		struct axb_insn insn = v->code.insns[i];
		int64_t distance;
		if (jump_distance(insn, &distance)) {
			reach(v, (uint32_t)(i + 1 + distance), &queued);
		}
		if (!ends_flow(insn)) {
			reach(v, i + (insn.opcode == 0x18 ? 2 : 1), &queued);
		}
	}
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		if (!(v->marks[i] & (SLOT_REACHED | SLOT_SECOND))) {
			return refuse(v, AXB_REJECT_UNREACHABLE, i, 0, 0);
		}
	}
	return true;
}

/* ---- stack and call graph ---- */

/* Does @insn let the frame pointer out of its register, other than as base of an access? */
static bool lets_fp_escape(struct axb_insn insn)
{
	const struct axb_op_info *info = &axb_op_table[axb_insn_op(insn)];
	bool reads_src = info->select != AXB_SELECT_SRC &&
			 (axb_form_fields((enum axb_form)info->form) & AXB_FIELD_SRC) != 0;
	if (info->form == AXB_FORM_LOAD || info->form == AXB_FORM_BRANCH_REG) {
		return false;
	}
	return reads_src && axb_insn_src(insn) == AXB_REG_FP;
}

static uint32_t direct_bytes(struct axb_insn insn)
{
	enum axb_form form = (enum axb_form)axb_op_table[axb_insn_op(insn)].form;
	unsigned base = form == AXB_FORM_LOAD ? axb_insn_src(insn) : axb_insn_dst(insn);
	return is_memory_access(form) && base == AXB_REG_FP ? (uint32_t)-insn.offset : 0;
}

static void measure_frames(struct verification *v)
{
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		if (v->marks[i] & SLOT_SECOND) {
			continue;
		}
		struct axb_subprog *subprog = &v->subprogs[v->subprog_of[i]];
		uint32_t bytes = (uint32_t)axb_align_up(direct_bytes(v->code.insns[i]), 8);
		if (bytes > subprog->direct_bytes) {
			subprog->direct_bytes = bytes;
		}
		subprog->fp_escapes = subprog->fp_escapes || lets_fp_escape(v->code.insns[i]);
	}
	for (uint32_t s = 0; s < v->subprog_count; s++) {
		struct axb_subprog *subprog = &v->subprogs[s];
		subprog->stack_bytes = subprog->fp_escapes ? AXB_STACK_MAX : subprog->direct_bytes;
	}
}

/* The call at @i, of a subprogram all of whose callers are known up to here: one caller less. */
static bool count_call(struct verification *v, uint32_t i, uint32_t *queued)
{
	uint32_t from = v->subprog_of[i];
	uint32_t to = v->subprog_of[i + 1 + v->code.insns[i].imm];
	struct axb_subprog *callee = &v->subprogs[to];
	uint32_t depth = v->subprogs[from].depth + 1;
	if (depth > AXB_FRAME_MAX) {
		return refuse(v, AXB_REJECT_DEPTH, i, callee->first, depth);
	}
	if (depth > callee->depth) {
		callee->depth = depth;
	}
	uint64_t bytes = v->chain_bytes[from] + callee->stack_bytes;
	if (bytes > v->chain_bytes[to]) {
		v->chain_bytes[to] = bytes;
	}
	if (--v->calls_to[to] == 0) {
		v->queue[(*queued)++] = to;
	}
	return true;
}

/* Which call closes a circle: one back to a subprogram that no order could place either. */
static bool refuse_recursion(struct verification *v)
{
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		if ((v->marks[i] & SLOT_SECOND) || !is_local_call(v->code.insns[i])) {
			continue;
		}
		uint32_t from = v->subprog_of[i];
		uint32_t to = v->subprog_of[i + 1 + v->code.insns[i].imm];
		if (to <= from && v->calls_to[from] != 0 && v->calls_to[to] != 0) {
			return refuse(v, AXB_REJECT_RECURSION, i, v->subprogs[to].first, 0);
		}
	}
	return refuse(v, AXB_REJECT_RECURSION, 0, 0, 0);
}

/* Topological order of the call graph from the entry: no recursion, depth and stack bounded. */
static bool check_calls(struct verification *v)
{
	uint32_t queued = 0;
	uint32_t done = 0;
	for (uint32_t i = 0; i < v->code.insn_count; i++) {
		if (!(v->marks[i] & SLOT_SECOND) && is_local_call(v->code.insns[i])) {
			v->calls_to[v->subprog_of[i + 1 + v->code.insns[i].imm]]++;
		}
	}
	v->subprogs[0].depth = 1;
	v->chain_bytes[0] = v->subprogs[0].stack_bytes;
	if (v->calls_to[0] == 0) {
		v->queue[queued++] = 0;
	}
	while (queued > 0) {
		uint32_t s = v->queue[--queued];
		done++;
		if (v->chain_bytes[s] > v->stack_bytes) {
			v->stack_bytes = (uint32_t)v->chain_bytes[s];
		}
		for (uint32_t i = v->subprogs[s].first; i < v->subprogs[s].end; i++) {
			if (!(v->marks[i] & SLOT_SECOND) && is_local_call(v->code.insns[i]) &&
				!count_call(v, i, &queued)) {
				return false;
			}
		}
	}
	return done == v->subprog_count ? true : refuse_recursion(v);
}

/* ---- all of it ---- */

/* What stays: the instructions and maps of the result, copied first so that what is checked is what
 * will run, and room for as many subprograms as there can be. */
static enum axb_status alloc_result(
	const struct axb_code *code, struct axb_arena *arena, struct axb_checked **out)
{
	size_t subprogs_max = 1;
	for (uint32_t i = 0; i < code->insn_count; i++) {
		subprogs_max += is_local_call(code->insns[i]);
	}
	struct axb_checked *checked = AXB_ARENA_NEW(arena, struct axb_checked);
	struct axb_insn *insns = (struct axb_insn *)axb_arena_alloc_array(
		arena, code->insn_count, sizeof(*insns), _Alignof(uint64_t));
	struct axb_map **maps = (struct axb_map **)axb_arena_alloc_array(
		arena, code->map_count, sizeof(struct axb_map *), _Alignof(struct axb_map *));
	struct axb_subprog *subprogs = (struct axb_subprog *)axb_arena_alloc_array(
		arena, subprogs_max, sizeof(*subprogs), _Alignof(struct axb_subprog));
	if (checked == NULL || insns == NULL || maps == NULL || subprogs == NULL) {
		return AXB_ERR_NOMEM;
	}
	memcpy(insns, code->insns, code->insn_count * sizeof(*insns));
	if (code->map_count != 0) {
		memcpy((void *)maps, (const void *)code->maps,
			code->map_count * sizeof(struct axb_map *));
	}
	checked->code = *code;
	checked->code.insns = insns;
	checked->code.maps = maps;
	checked->subprogs = subprogs;
	*out = checked;
	return AXB_OK;
}

static bool alloc_scratch(struct verification *v, struct axb_arena *arena)
{
	size_t count = v->code.insn_count;
	v->chain_bytes = (uint64_t *)axb_arena_alloc_array(arena, count, 8, 8);
	v->queue = (uint32_t *)axb_arena_alloc_array(arena, count, 4, 4);
	v->subprog_of = (uint32_t *)axb_arena_alloc_array(arena, count, 4, 4);
	v->calls_to = (uint32_t *)axb_arena_alloc_array(arena, count, 4, 4);
	v->marks = (uint8_t *)axb_arena_alloc_array(arena, count, 1, 1);
	return v->marks != NULL && v->queue != NULL && v->subprog_of != NULL &&
	       v->calls_to != NULL && v->chain_bytes != NULL;
}

static bool run_passes(struct verification *v)
{
	if (!check_insns(v) || !mark_subprogs(v)) {
		return false;
	}
	number_subprogs(v);
	if (!check_flow(v) || !check_reachable(v)) {
		return false;
	}
	measure_frames(v);
	return check_calls(v);
}

static bool check_length(const struct axb_code *code, struct axb_reject *why)
{
	struct verification v = {.why = why};
	if (code->insn_count == 0) {
		return refuse(&v, AXB_REJECT_EMPTY, 0, 0, 0);
	}
	if (code->insn_count > AXB_INSN_MAX) {
		return refuse(&v, AXB_REJECT_TOO_LONG, 0, code->insn_count, AXB_INSN_MAX);
	}
	return true;
}

/* Verify the copy in @checked, with scratch memory that is given back. */
static enum axb_status verify_copy(
	struct axb_checked *checked, struct axb_arena *arena, struct axb_reject *why)
{
	size_t scratch = axb_arena_mark(arena);
	struct verification v = {
		.code = checked->code,
		.why = why,
		.subprogs = checked->subprogs,
	};
	enum axb_status st = AXB_ERR_NOMEM;
	if (alloc_scratch(&v, arena)) {
		st = run_passes(&v) ? AXB_OK : AXB_ERR_REJECTED;
	}
	axb_arena_reset(arena, scratch);
	checked->subprog_count = v.subprog_count;
	checked->stack_bytes = v.stack_bytes;
	return st;
}

enum axb_status axb_verify(const struct axb_code *code, struct axb_arena *arena,
	const struct axb_checked **out, struct axb_reject *why)
{
	size_t start = axb_arena_mark(arena);
	struct axb_checked *checked = NULL;
	if (!check_length(code, why)) {
		return AXB_ERR_REJECTED;
	}
	enum axb_status st = alloc_result(code, arena, &checked);
	if (st == AXB_OK) {
		st = verify_copy(checked, arena, why);
	}
	if (st != AXB_OK) {
		axb_arena_reset(arena, start);
		return st;
	}
	*out = checked;
	return AXB_OK;
}

const struct axb_code *axb_checked_code(const struct axb_checked *checked)
{
	return &checked->code;
}

uint32_t axb_checked_stack_bytes(const struct axb_checked *checked)
{
	return checked->stack_bytes;
}

const struct axb_subprog *axb_checked_subprog_at(const struct axb_checked *checked, uint32_t first)
{
	uint32_t low = 0;
	uint32_t high = checked->subprog_count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (checked->subprogs[mid].first == first) {
			return &checked->subprogs[mid];
		}
		if (checked->subprogs[mid].first < first) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}
