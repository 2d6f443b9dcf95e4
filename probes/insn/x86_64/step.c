/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * No slot writes to the stack on behalf of the handler: CALL pushes its return address by code in
 * the slot, so an exception frame right below the interrupted stack pointer is no obstacle.
 * Ref: AMD64 APM vol. 3 (24594), Jcc, LOOPcc, CALL, JMP.
 */
#include "probes/insn/x86_64/step.h"

#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"

#define JMP_REL32_SIZE 5u
#define REG_RSP 4u

/* RFLAGS. */
#define FLAG_CARRY (1u << 0)
#define FLAG_PARITY (1u << 2)
#define FLAG_ZERO (1u << 6)
#define FLAG_SIGN (1u << 7)
#define FLAG_OVERFLOW (1u << 11)

struct emitter {
	struct axb_slot_code *code;
	uint64_t slot;
	bool is_out_of_reach;
};

static void put(struct emitter *e, const void *bytes, size_t size)
{
	memcpy(e->code->bytes + e->code->size, bytes, size);
	e->code->size = (uint8_t)(e->code->size + size);
}

static void put_byte(struct emitter *e, uint8_t byte)
{
	put(e, &byte, 1);
}

static void put_u32(struct emitter *e, uint32_t value)
{
	put(e, &value, sizeof(value));
}

static bool fits_32(int64_t value)
{
	return value == (int32_t)value;
}

/* A 32-bit displacement to @target from the end of itself and @more bytes after it. */
static void put_relative(struct emitter *e, uint64_t target, uint32_t more)
{
	int64_t distance = (int64_t)(target - (e->slot + e->code->size + 4 + more));
	e->is_out_of_reach |= !fits_32(distance);
	put_u32(e, (uint32_t)distance);
}

static void put_jump(struct emitter *e, uint64_t target)
{
	put_byte(e, 0xe9);
	put_relative(e, target, 0);
}

/* push imm32, which is sign-extended; then the upper half. Changes no flags. */
static void put_push(struct emitter *e, uint64_t value)
{
	static const uint8_t store_above_rsp[] = {0xc7, 0x44, 0x24, 0x04};
	put_byte(e, 0x68);
	put_u32(e, (uint32_t)value);
	put(e, store_above_rsp, sizeof(store_above_rsp));
	put_u32(e, (uint32_t)(value >> 32));
}

static bool uses_rsp(const struct axb_x86_insn *insn)
{
	return axb_x86_is_memory(insn) && axb_x86_rm(insn) == REG_RSP &&
	       (insn->sib & 7) == REG_RSP && (insn->rex & 1) == 0;
}

static bool is_indirect_by_rsp(const struct axb_x86_insn *insn)
{
	return insn->modrm >= 0xc0 && axb_x86_rm(insn) == REG_RSP && (insn->rex & 1) == 0;
}

/* RET and indirect branches with 66h: 16 bits for AMD, 64 for Intel (APM vol. 3, 1.2.2). */
static bool is_near_with_66(const struct axb_x86_insn *insn)
{
	bool is_near = insn->kind == AXB_X86_RET || insn->kind == AXB_X86_CALL_INDIRECT ||
		       insn->kind == AXB_X86_JMP_INDIRECT;
	return is_near && !insn->wide && (insn->prefixes & AXB_X86_PREFIX_OPERAND) != 0;
}

static enum axb_refuse refuse_by_kind(const struct axb_x86_insn *insn)
{
	switch (insn->kind) {
	case AXB_X86_FAR:
		return AXB_REFUSE_FAR;
	case AXB_X86_SYSTEM_CALL:
		return AXB_REFUSE_SYSTEM_CALL;
	case AXB_X86_INT3:
		return AXB_REFUSE_BREAKPOINT;
	case AXB_X86_INT:
	case AXB_X86_UD:
		return AXB_REFUSE_EXCEPTION;
	case AXB_X86_SHADOW:
		return insn->opcode == 0xfa ? AXB_REFUSE_NONE : AXB_REFUSE_SHADOW; /* cli */
	case AXB_X86_TRANSACTION:
		return AXB_REFUSE_TRANSACTION;
	default:
		break;
	}
	/* The slot of a CALL pushes first, which moves RSP under such an operand. */
	if (insn->kind == AXB_X86_CALL_INDIRECT && (uses_rsp(insn) || is_indirect_by_rsp(insn))) {
		return AXB_REFUSE_OPERAND;
	}
	if (is_near_with_66(insn)) {
		return AXB_REFUSE_VENDOR;
	}
	/* An EIP-relative address wraps at 4 GiB: it means something else in a slot. */
	return insn->is_rip_relative && (insn->prefixes & AXB_X86_PREFIX_ADDRESS) != 0
		       ? AXB_REFUSE_OPERAND
		       : AXB_REFUSE_NONE;
}

static enum axb_refuse refuse_by_error(enum axb_x86_error error)
{
	switch (error) {
	case AXB_X86_OK:
		return AXB_REFUSE_NONE;
	case AXB_X86_TRUNCATED:
		return AXB_REFUSE_TRUNCATED;
	case AXB_X86_VENDOR:
		return AXB_REFUSE_VENDOR;
	default:
		return AXB_REFUSE_UNDEFINED;
	}
}

static bool is_simulated(const struct axb_x86_insn *insn)
{
	switch (insn->kind) {
	case AXB_X86_NOP:
	case AXB_X86_ENDBR:
	case AXB_X86_JMP:
	case AXB_X86_JCC:
		return true;
	case AXB_X86_LOOP:
		/* With 67h the counter is ECX: rare, and the slot does it as well. */
		return (insn->prefixes & AXB_X86_PREFIX_ADDRESS) == 0;
	default:
		return false;
	}
}

void axb_x86_step(struct axb_bytes bytes, struct axb_step *out)
{
	struct axb_x86_insn insn;
	enum axb_refuse refuse = refuse_by_error(axb_x86_decode(bytes, &insn));
	*out = (struct axb_step){.refuse = (uint8_t)refuse};
	if (refuse != AXB_REFUSE_NONE) {
		return;
	}
	out->length = insn.length;
	out->refuse = (uint8_t)refuse_by_kind(&insn);
	if (out->refuse == AXB_REFUSE_NONE) {
		out->kind = is_simulated(&insn) ? AXB_STEP_SIMULATE : AXB_STEP_SLOT;
	}
}

/* The instruction itself, its RIP-relative operand made to mean the same from the slot. */
static void put_insn(
	struct emitter *e, const struct axb_x86_insn *insn, const uint8_t *bytes, uint64_t site)
{
	if (!insn->is_rip_relative) {
		put(e, bytes, insn->length);
		return;
	}
	uint32_t after = insn->length - insn->disp_offset - 4u;
	put(e, bytes, insn->disp_offset);
	put_relative(e, site + insn->length + (uint64_t)insn->disp, after);
	put(e, bytes + insn->disp_offset + 4, after);
}

/* CALL r/m: push the return address, then JMP r/m, which is /4 where CALL is /2. */
static void put_call_indirect(
	struct emitter *e, const struct axb_x86_insn *insn, const uint8_t *bytes, uint64_t site)
{
	uint8_t copy[AXB_X86_LENGTH_MAX];
	uint8_t modrm_offset = 0;
	while (bytes[modrm_offset] != 0xff) {
		modrm_offset++;
	}
	modrm_offset++;
	memcpy(copy, bytes, insn->length);
	copy[modrm_offset] = (uint8_t)((insn->modrm & 0xc7) | 4 << 3);
	put_push(e, site + insn->length);
	put_insn(e, insn, copy, site);
}

/* LOOP, JRCXZ with an ECX counter: taken goes over the way back to a second jump. */
static void put_loop(
	struct emitter *e, const struct axb_x86_insn *insn, const uint8_t *bytes, uint64_t site)
{
	put(e, bytes, insn->imm_offset);
	put_byte(e, JMP_REL32_SIZE);
	e->code->insn_end = e->code->size;
	put_jump(e, site + insn->length);
	put_jump(e, site + insn->length + (uint64_t)insn->imm);
}

enum axb_refuse axb_x86_slot(
	struct axb_bytes bytes, uint64_t site, uint64_t slot, struct axb_slot_code *out)
{
	struct axb_x86_insn insn;
	struct emitter e = {.code = out, .slot = slot};
	memset(out, 0, sizeof(*out));
	enum axb_refuse refuse = refuse_by_error(axb_x86_decode(bytes, &insn));
	if (refuse != AXB_REFUSE_NONE) {
		return refuse;
	}
	switch (insn.kind) {
	case AXB_X86_CALL:
		put_push(&e, site + insn.length);
		out->insn_end = out->size;
		put_jump(&e, site + insn.length + (uint64_t)insn.imm);
		break;
	case AXB_X86_CALL_INDIRECT:
		put_call_indirect(&e, &insn, bytes.data, site);
		out->insn_end = out->size;
		break;
	case AXB_X86_LOOP:
		put_loop(&e, &insn, bytes.data, site);
		break;
	default:
		put_insn(&e, &insn, bytes.data, site);
		out->insn_end = out->size;
		put_jump(&e, site + insn.length);
		break;
	}
	return e.is_out_of_reach ? AXB_REFUSE_OPERAND : AXB_REFUSE_NONE;
}

/* Condition @code of Jcc: the upper three bits choose, the lowest inverts. */
AXB_NOPROBE_INLINE bool is_condition(uint64_t flags, uint8_t code)
{
	bool carry = (flags & FLAG_CARRY) != 0;
	bool zero = (flags & FLAG_ZERO) != 0;
	bool less = ((flags & FLAG_SIGN) != 0) != ((flags & FLAG_OVERFLOW) != 0);
	bool holds = (flags & FLAG_OVERFLOW) != 0;
	switch (code >> 1 & 7) {
	case 1:
		holds = carry;
		break;
	case 2:
		holds = zero;
		break;
	case 3:
		holds = carry || zero;
		break;
	case 4:
		holds = (flags & FLAG_SIGN) != 0;
		break;
	case 5:
		holds = (flags & FLAG_PARITY) != 0;
		break;
	case 6:
		holds = less;
		break;
	case 7:
		holds = less || zero;
		break;
	default:
		break;
	}
	return holds != ((code & 1) != 0);
}

AXB_NOPROBE_INLINE bool is_loop_taken(uint8_t opcode, struct axb_pt_regs_x86_64 *regs)
{
	bool zero = (regs->eflags & FLAG_ZERO) != 0;
	if (opcode == 0xe3) {
		return regs->rcx == 0; /* jrcxz */
	}
	regs->rcx--;
	if (opcode == 0xe2) {
		return regs->rcx != 0; /* loop */
	}
	return regs->rcx != 0 && zero == (opcode == 0xe1); /* loope, loopne */
}

AXB_NOPROBE void axb_x86_simulate(const struct axb_x86_insn *insn, struct axb_pt_regs_x86_64 *regs)
{
	bool is_taken = false;
	switch (insn->kind) {
	case AXB_X86_JMP:
		is_taken = true;
		break;
	case AXB_X86_JCC:
		is_taken = is_condition(regs->eflags, insn->opcode & 15);
		break;
	case AXB_X86_LOOP:
		is_taken = is_loop_taken(insn->opcode, regs);
		break;
	default:
		break;
	}
	regs->rip += insn->length;
	if (is_taken) {
		regs->rip += (uint64_t)insn->imm;
	}
}
