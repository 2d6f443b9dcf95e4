/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * From checked instructions to operations. Nothing here is trusted to be clever: a region hint that
 * is wrong costs a slow check, never a wrong access.
 */
#include "runtime/base/bits.h"
#include "runtime/base/mem.h"
#include "runtime/interp/engine.h"
#include "runtime/isa/opcode.h"
#include "runtime/maps/map.h"

struct predecoder {
	const struct axb_checked *checked;
	const struct axb_predecode_config *config;
	struct axb_iop *ops;
	struct axb_call_site *sites;
	uint32_t site_count;
	const struct axb_subprog *subprog; /* that of the current instruction */
	uint8_t hints[AXB_REG_COUNT];      /* region each register probably points to */
	uint8_t next_hint;
	uint8_t region_count;
};

/* ---- region hints: a walk in order of address, blind to control flow ---- */

static void reset_hints(struct predecoder *p)
{
	memset(p->hints, AXB_REGION_ANY, sizeof(p->hints));
	p->hints[AXB_REG_FP] = AXB_REGION_STACK;
	if (p->subprog->first == 0) {
		p->hints[1] = AXB_REGION_CTX;
	}
}

/* A region for the pointers that one instruction makes. */
static uint8_t new_hint(struct predecoder *p)
{
	uint8_t hint = p->next_hint;
	p->next_hint = hint + 1 == AXB_REGION_COUNT ? AXB_REGION_FIRST_POINTER : hint + 1;
	return hint;
}

static uint16_t use_region(struct predecoder *p, uint8_t hint)
{
	if (hint >= p->region_count) {
		p->region_count = (uint8_t)(hint + 1);
	}
	return (uint16_t)(offsetof(struct axb_run, regions) + hint * sizeof(struct axb_region));
}

static void update_hints(struct predecoder *p, struct axb_insn insn, enum axb_op op)
{
	unsigned dst = axb_insn_dst(insn);
	unsigned src = axb_insn_src(insn);
	switch (op) {
	case AXB_OP_MOV64_REG:
		p->hints[dst] = p->hints[src];
		break;
	case AXB_OP_ADD64_REG:
		if (p->hints[dst] == AXB_REGION_ANY) {
			p->hints[dst] = p->hints[src];
		}
		break;
	case AXB_OP_LDDW_MAP_VALUE:
		p->hints[dst] = new_hint(p);
		break;
	case AXB_OP_CALL_HELPER:
	case AXB_OP_CALL_LOCAL:
	case AXB_OP_CALLX:
		memset(p->hints, AXB_REGION_ANY, 6);
		break;
	default:
		if (axb_op_table[op].form == AXB_FORM_LOAD || op == AXB_OP_MOV64_IMM ||
			axb_op_table[op].form == AXB_FORM_LDDW) {
			p->hints[dst] = AXB_REGION_ANY;
		}
		break;
	}
}

/* ---- operations ---- */

static const void *handler_of(const struct predecoder *p, unsigned handler)
{
	return p->config->handlers[handler];
}

static uint8_t register_offset(unsigned reg)
{
	return (uint8_t)(offsetof(struct axb_run, regs) + reg * sizeof(uint64_t));
}

static unsigned frame_handler(enum axb_op op)
{
	static const uint16_t handlers[AXB_OP_COUNT_] = {
		[AXB_OP_LDXB] = AXB_HANDLER_FRAME_LDXB,
		[AXB_OP_LDXH] = AXB_HANDLER_FRAME_LDXH,
		[AXB_OP_LDXW] = AXB_HANDLER_FRAME_LDXW,
		[AXB_OP_LDXDW] = AXB_HANDLER_FRAME_LDXDW,
		[AXB_OP_LDXSB] = AXB_HANDLER_FRAME_LDXSB,
		[AXB_OP_LDXSH] = AXB_HANDLER_FRAME_LDXSH,
		[AXB_OP_LDXSW] = AXB_HANDLER_FRAME_LDXSW,
		[AXB_OP_STB] = AXB_HANDLER_FRAME_STB,
		[AXB_OP_STH] = AXB_HANDLER_FRAME_STH,
		[AXB_OP_STW] = AXB_HANDLER_FRAME_STW,
		[AXB_OP_STDW] = AXB_HANDLER_FRAME_STDW,
		[AXB_OP_STXB] = AXB_HANDLER_FRAME_STXB,
		[AXB_OP_STXH] = AXB_HANDLER_FRAME_STXH,
		[AXB_OP_STXW] = AXB_HANDLER_FRAME_STXW,
		[AXB_OP_STXDW] = AXB_HANDLER_FRAME_STXDW,
	};
	return handlers[op];
}

static unsigned back_handler(enum axb_op op)
{
	static const uint16_t handlers[AXB_OP_COUNT_] = {
#define AXB_X(name) [AXB_OP_##name] = AXB_HANDLER_BACK_##name,
		AXB_HANDLER_BACK_LIST(AXB_X)
#undef AXB_X
			[AXB_OP_JA32] = AXB_HANDLER_BACK_JA,
	};
	return handlers[op];
}

static void set_access(
	struct predecoder *p, struct axb_iop *o, struct axb_insn insn, enum axb_op op)
{
	enum axb_form form = (enum axb_form)axb_op_table[op].form;
	unsigned base = form == AXB_FORM_LOAD ? axb_insn_src(insn) : axb_insn_dst(insn);
	o->value = insn.offset;
	if (form == AXB_FORM_ATOMIC) {
		o->imm = insn.opcode; /* tells the fault handler the size */
	} else if (base == AXB_REG_FP) {
		/* axb_verify() has seen that the access lies in the frame. */
		o->handler = handler_of(p, frame_handler(op));
		return;
	}
	o->extra = use_region(p, p->hints[base]);
}

static void set_jump(struct predecoder *p, struct axb_iop *o, enum axb_op op, int64_t distance)
{
	o->target = o + 1 + distance;
	if (distance < 0) {
		o->handler = handler_of(p, back_handler(op));
	}
}

static bool takes_scalars_only(const struct axb_helper_proto *proto)
{
	if (proto == NULL) {
		return true;
	}
	for (unsigned i = 0; i < AXB_HELPER_ARG_MAX; i++) {
		if (proto->args[i] != AXB_ARG_NONE && proto->args[i] != AXB_ARG_SCALAR &&
			proto->args[i] != AXB_ARG_CONST_SCALAR) {
			return false;
		}
	}
	return proto->ret == AXB_RET_SCALAR;
}

static void set_helper_call(struct predecoder *p, struct axb_iop *o, struct axb_insn insn)
{
	struct axb_call_site *site = &p->sites[p->site_count++];
	site->id = (uint32_t)insn.imm;
	site->fn = axb_helper_table_find(p->checked->code.helpers, site->id);
	site->proto = axb_helper_proto_by_id(site->id);
	o->call = site;
	if (p->config->trusted || takes_scalars_only(site->proto)) {
		o->handler = handler_of(p, AXB_HANDLER_CALL_SCALARS);
		return;
	}
	if (site->proto->ret == AXB_RET_MAP_VALUE_OR_NULL ||
		site->proto->ret == AXB_RET_RINGBUF_RECORD_OR_NULL) {
		p->hints[0] = new_hint(p);
		site->region = use_region(p, p->hints[0]);
	}
}

static void set_local_call(struct predecoder *p, struct axb_iop *o, struct axb_insn insn)
{
	uint32_t first = (uint32_t)(o - p->ops + 1 + insn.imm);
	const struct axb_subprog *callee = axb_checked_subprog_at(p->checked, first);
	o->target = p->ops + first;
	o->imm = (int32_t)callee->stack_bytes;
	o->extra = (uint16_t)callee->direct_bytes;
}

static void set_exit(struct predecoder *p, struct axb_iop *o)
{
	if (p->subprog->first == 0) {
		return;
	}
	o->handler = handler_of(p, AXB_HANDLER_EXIT_SUBPROG);
	o->imm = p->subprog->fp_escapes;
	o->value = (o + 1 - (p->ops + p->subprog->first)) * (int64_t)sizeof(*o);
}

static void set_lddw(struct predecoder *p, struct axb_iop *o, const struct axb_insn *insn)
{
	uint32_t low = (uint32_t)insn[0].imm;
	uint32_t high = (uint32_t)insn[1].imm;
	switch (axb_insn_src(*insn)) {
	case AXB_LDDW_MAP:
		o->value = (int64_t)(uintptr_t)p->checked->code.maps[low];
		break;
	case AXB_LDDW_MAP_VALUE:
		o->value = (int64_t)((uintptr_t)p->checked->code.maps[low]->values + high);
		break;
	default:
		o->value = (int64_t)((uint64_t)high << 32 | low);
		break;
	}
}

static void predecode_insn(struct predecoder *p, uint32_t i)
{
	const struct axb_insn *insn = &p->checked->code.insns[i];
	struct axb_iop *o = &p->ops[i];
	enum axb_op op = axb_insn_op(*insn);
	enum axb_form form = (enum axb_form)axb_op_table[op].form;
	o->handler = handler_of(p, op);
	o->dst = register_offset(axb_insn_dst(*insn));
	o->src = register_offset(axb_insn_src(*insn));
	o->imm = insn->imm;
	o->value = insn->imm;
	update_hints(p, *insn, op);
	switch (form) {
	case AXB_FORM_JUMP:
	case AXB_FORM_BRANCH_IMM:
	case AXB_FORM_BRANCH_REG:
		set_jump(p, o, op, insn->offset);
		break;
	case AXB_FORM_JUMP_LONG:
		set_jump(p, o, op, insn->imm);
		break;
	case AXB_FORM_CALL:
		if (op == AXB_OP_CALL_HELPER) {
			set_helper_call(p, o, *insn);
		} else {
			set_local_call(p, o, *insn);
		}
		break;
	case AXB_FORM_EXIT:
		set_exit(p, o);
		break;
	case AXB_FORM_LOAD:
	case AXB_FORM_STORE_IMM:
	case AXB_FORM_STORE_REG:
	case AXB_FORM_ATOMIC:
		set_access(p, o, *insn, op);
		break;
	case AXB_FORM_LDDW:
		set_lddw(p, o, insn);
		break;
	default:
		break;
	}
}

/* ---- fusion: an operation that does the next one too, which stays for jumps to it ---- */

static unsigned moved_handler(enum axb_op op)
{
	static const uint16_t handlers[AXB_OP_COUNT_] = {
#define AXB_X(name, bits)                                                                          \
	[AXB_OP_##name##bits##_IMM] = AXB_HANDLER_MOVED_##name##bits##_IMM,                        \
	[AXB_OP_##name##bits##_REG] = AXB_HANDLER_MOVED_##name##bits##_REG,
		AXB_HANDLER_MOVED_LIST(AXB_X)
#undef AXB_X
	};
	return handlers[op];
}

static unsigned indexed_handler(enum axb_op op)
{
	static const uint16_t handlers[AXB_OP_COUNT_] = {
#define AXB_X(name) [AXB_OP_##name] = AXB_HANDLER_INDEXED_##name,
		AXB_HANDLER_INDEXED_LIST(AXB_X)
#undef AXB_X
	};
	return handlers[op];
}

/* "a = b; a = a op c" at @i: also with a 64-bit move before a 32-bit operation, which does not see
 * the upper half. */
static bool fuse_move(struct predecoder *p, uint32_t i)
{
	const struct axb_insn *insn = &p->checked->code.insns[i];
	struct axb_iop *o = &p->ops[i];
	enum axb_op move = axb_insn_op(insn[0]);
	enum axb_op op = axb_insn_op(insn[1]);
	bool is_reg = axb_op_table[op].form == AXB_FORM_ALU_REG;
	bool is_narrow = (axb_op_table[op].opcode & 7) == 4;
	unsigned dst = axb_insn_dst(insn[0]);
	if (moved_handler(op) == 0 || axb_insn_dst(insn[1]) != dst ||
		(is_reg && axb_insn_src(insn[1]) == dst) ||
		!(move == AXB_OP_MOV64_REG || (move == AXB_OP_MOV32_REG && is_narrow))) {
		return false;
	}
	o->handler = handler_of(p, moved_handler(op));
	o->value = insn[1].imm;
	o->extra = register_offset(axb_insn_src(insn[1]));
	return true;
}

/* "a = b; a += c; d = *(a + offset)" at @i, of which the first two are fused already. */
static void fuse_indexed_load(struct predecoder *p, uint32_t i)
{
	const struct axb_insn *insn = &p->checked->code.insns[i];
	struct axb_iop *o = &p->ops[i];
	unsigned handler = indexed_handler(axb_insn_op(insn[2]));
	if (handler == 0 || axb_insn_op(insn[0]) != AXB_OP_MOV64_REG ||
		axb_insn_op(insn[1]) != AXB_OP_ADD64_REG ||
		axb_insn_src(insn[2]) != axb_insn_dst(insn[0])) {
		return;
	}
	o->handler = handler_of(p, handler);
	o->imm = register_offset(axb_insn_src(insn[1])) | register_offset(axb_insn_dst(insn[2]))
								  << 8;
	o->value = insn[2].offset;
	o->extra = p->ops[i + 2].extra;
}

static void fuse_subprog(struct predecoder *p)
{
	for (uint32_t i = p->subprog->first; i + 1 < p->subprog->end; i++) {
		if (fuse_move(p, i) && i + 2 < p->subprog->end) {
			fuse_indexed_load(p, i);
		}
		i += p->checked->code.insns[i].opcode == 0x18;
	}
}

static void predecode_subprog(struct predecoder *p, const struct axb_subprog *subprog)
{
	p->subprog = subprog;
	reset_hints(p);
	for (uint32_t i = subprog->first; i < subprog->end; i++) {
		predecode_insn(p, i);
		i += p->checked->code.insns[i].opcode == 0x18;
	}
	fuse_subprog(p);
}

static uint32_t count_helper_calls(const struct axb_code *code)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < code->insn_count; i++) {
		count += axb_insn_op(code->insns[i]) == AXB_OP_CALL_HELPER;
	}
	return count;
}

enum axb_status axb_predecode(const struct axb_checked *checked,
	const struct axb_predecode_config *config, struct axb_arena *arena,
	const struct axb_interp **out)
{
	size_t start = axb_arena_mark(arena);
	struct predecoder p = {
		.checked = checked, .config = config, .next_hint = AXB_REGION_FIRST_POINTER};
	struct axb_interp *interp = AXB_ARENA_NEW(arena, struct axb_interp);
	p.ops = (struct axb_iop *)axb_arena_alloc_array(
		arena, checked->code.insn_count, sizeof(*p.ops), AXB_CACHE_LINE);
	p.sites = (struct axb_call_site *)axb_arena_alloc_array(arena,
		count_helper_calls(&checked->code), sizeof(*p.sites),
		_Alignof(struct axb_call_site));
	if (interp == NULL || p.ops == NULL || p.sites == NULL) {
		axb_arena_reset(arena, start);
		return AXB_ERR_NOMEM;
	}
	for (uint32_t s = 0; s < checked->subprog_count; s++) {
		predecode_subprog(&p, &checked->subprogs[s]);
	}
	*interp = (struct axb_interp){
		.checked = checked,
		.ops = p.ops,
		.enter = config->enter,
		.fuel_bytes = (int64_t)AXB_FUEL_DEFAULT * (int64_t)sizeof(struct axb_iop),
		.entry = checked->subprogs[0],
		.is_raw = checked->code.type == AXB_PROG_TYPE_RAW,
		.trusted = config->trusted,
		.region_count = p.region_count,
	};
	*out = interp;
	return AXB_OK;
}
