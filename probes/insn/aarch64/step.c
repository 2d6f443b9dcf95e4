/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Arm ARM DDI 0487 C6.2 (instructions), C1.2.4 (conditions), D8.4 (BTYPE).
 */
#include "probes/insn/aarch64/step.h"

#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"

#define INSN_SIZE 4u
#define REG_ZERO 31u
#define REG_LINK 30u
#define B_OPCODE 0x14000000u
#define B_REACH (INT64_C(1) << 27)
/* BLRAA and BLRAB, among the branches that authenticate. */
#define LINKS_BIT (1u << 21)

#define PSTATE_N (UINT64_C(1) << 31)
#define PSTATE_Z (UINT64_C(1) << 30)
#define PSTATE_C (UINT64_C(1) << 29)
#define PSTATE_V (UINT64_C(1) << 28)
#define PSTATE_BTYPE (UINT64_C(3) << 10)

static enum axb_refuse refuse_by_kind(uint32_t word, enum axb_a64_kind kind)
{
	switch (kind) {
	case AXB_A64_UNALLOCATED:
		return AXB_REFUSE_UNDEFINED;
	case AXB_A64_EXCEPTION:
		return AXB_REFUSE_EXCEPTION;
	case AXB_A64_ERET:
		return AXB_REFUSE_EXCEPTION_RETURN;
	case AXB_A64_EXCLUSIVE_LOAD:
	case AXB_A64_EXCLUSIVE_STORE:
		return AXB_REFUSE_EXCLUSIVE;
	case AXB_A64_MOPS:
	case AXB_A64_SVE_MOVPRFX:
		return AXB_REFUSE_SEQUENCE;
	case AXB_A64_PAC_PC:
		return AXB_REFUSE_PC_SIGNATURE;
	case AXB_A64_BRANCH_AUTH:
		return (word & LINKS_BIT) != 0 ? AXB_REFUSE_LINK_AUTH : AXB_REFUSE_NONE;
	case AXB_A64_LDR_LITERAL_SIMD:
		return AXB_REFUSE_LITERAL_SIMD;
	case AXB_A64_TRANSACTION:
		return AXB_REFUSE_TRANSACTION;
	default:
		return AXB_REFUSE_NONE;
	}
}

/* Any exception between a load-exclusive and its store-exclusive makes the store fail. */
static bool is_in_window(const uint32_t *words, size_t index)
{
	for (size_t back = 1; back <= index && back <= AXB_A64_WINDOW_MAX; back++) {
		switch (axb_a64_classify(words[index - back])) {
		case AXB_A64_EXCLUSIVE_LOAD:
			return true;
		case AXB_A64_EXCLUSIVE_STORE:
		case AXB_A64_CLREX:
			return false;
		default:
			break;
		}
	}
	return false;
}

static bool is_behind_movprfx(const uint32_t *words, size_t index)
{
	return index != 0 && axb_a64_classify(words[index - 1]) == AXB_A64_SVE_MOVPRFX;
}

static bool is_simulated(enum axb_a64_kind kind)
{
	switch (kind) {
	case AXB_A64_NOP:
	case AXB_A64_BTI:
	case AXB_A64_ADR:
	case AXB_A64_ADRP:
	case AXB_A64_B:
	case AXB_A64_BL:
	case AXB_A64_B_COND:
	case AXB_A64_CBZ:
	case AXB_A64_TBZ:
	case AXB_A64_BR:
	case AXB_A64_BLR:
	case AXB_A64_RET:
	case AXB_A64_LDR_LITERAL:
	case AXB_A64_PRFM_LITERAL:
		return true;
	default:
		return false;
	}
}

void axb_a64_step(const uint32_t *words, size_t index, struct axb_step *out)
{
	enum axb_a64_kind kind = axb_a64_classify(words[index]);
	enum axb_refuse refuse = refuse_by_kind(words[index], kind);
	if (refuse == AXB_REFUSE_NONE && is_in_window(words, index)) {
		refuse = AXB_REFUSE_EXCLUSIVE_WINDOW;
	}
	if (refuse == AXB_REFUSE_NONE && is_behind_movprfx(words, index)) {
		refuse = AXB_REFUSE_SEQUENCE;
	}
	*out = (struct axb_step){.refuse = (uint8_t)refuse, .length = INSN_SIZE};
	if (refuse == AXB_REFUSE_NONE) {
		out->kind = is_simulated(kind) ? AXB_STEP_SIMULATE : AXB_STEP_SLOT;
	}
}

enum axb_refuse axb_a64_slot(uint32_t word, uint64_t site, uint64_t slot, struct axb_slot_code *out)
{
	int64_t back = (int64_t)(site + INSN_SIZE - (slot + INSN_SIZE));
	memset(out, 0, sizeof(*out));
	if (back < -B_REACH || back >= B_REACH) {
		return AXB_REFUSE_OPERAND;
	}
	uint32_t branch = B_OPCODE | ((uint32_t)(back >> 2) & 0x3ffffffu);
	memcpy(out->bytes, &word, sizeof(word));
	memcpy(out->bytes + INSN_SIZE, &branch, sizeof(branch));
	out->insn_end = INSN_SIZE;
	out->size = 2 * INSN_SIZE;
	return AXB_REFUSE_NONE;
}

AXB_NOPROBE_INLINE uint64_t get(const struct axb_user_pt_regs *regs, uint32_t reg)
{
	return reg == REG_ZERO ? 0 : regs->regs[reg];
}

AXB_NOPROBE_INLINE void set(struct axb_user_pt_regs *regs, uint32_t reg, uint64_t value)
{
	if (reg != REG_ZERO) {
		regs->regs[reg] = value;
	}
}

AXB_NOPROBE_INLINE bool is_condition(uint64_t pstate, uint8_t condition)
{
	bool n = (pstate & PSTATE_N) != 0;
	bool z = (pstate & PSTATE_Z) != 0;
	bool c = (pstate & PSTATE_C) != 0;
	bool v = (pstate & PSTATE_V) != 0;
	bool holds = true;
	switch (condition >> 1) {
	case 0:
		holds = z;
		break;
	case 1:
		holds = c;
		break;
	case 2:
		holds = n;
		break;
	case 3:
		holds = v;
		break;
	case 4:
		holds = c && !z;
		break;
	case 5:
		holds = n == v;
		break;
	case 6:
		holds = !z && n == v;
		break;
	default:
		return true; /* al, nv */
	}
	return holds != ((condition & 1) != 0);
}

AXB_NOPROBE_INLINE bool is_zero(const struct axb_a64_insn *insn, uint64_t value)
{
	return (insn->is_64_bit ? value : (uint32_t)value) == 0;
}

/* Where the instruction goes on. */
AXB_NOPROBE_INLINE uint64_t next_pc(
	const struct axb_a64_insn *insn, const struct axb_user_pt_regs *regs)
{
	uint64_t value = get(regs, insn->rt);
	bool is_taken = false;
	switch (insn->kind) {
	case AXB_A64_BR:
	case AXB_A64_BLR:
	case AXB_A64_RET:
		return value;
	case AXB_A64_B:
	case AXB_A64_BL:
		is_taken = true;
		break;
	case AXB_A64_B_COND:
		is_taken = is_condition(regs->pstate, insn->condition);
		break;
	case AXB_A64_CBZ:
		is_taken = is_zero(insn, value) != insn->is_negated;
		break;
	case AXB_A64_TBZ:
		is_taken = ((value >> insn->bit & 1) == 0) != insn->is_negated;
		break;
	default:
		break;
	}
	return regs->pc + (is_taken ? (uint64_t)insn->offset : INSN_SIZE);
}

AXB_NOPROBE_INLINE bool load_literal(const struct axb_a64_insn *insn, struct axb_user_pt_regs *regs,
	axb_a64_read_fn_t read, void *cookie)
{
	uint64_t address = regs->pc + (uint64_t)insn->offset;
	uint64_t value = 0;
	size_t size = insn->is_64_bit && !insn->is_negated ? 8 : 4;
	if (!read(cookie, address, &value, size)) {
		return false;
	}
	set(regs, insn->rt, insn->is_negated ? (uint64_t)(int64_t)(int32_t)value : value);
	return true;
}

AXB_NOPROBE bool axb_a64_simulate(const struct axb_a64_insn *insn, struct axb_user_pt_regs *regs,
	axb_a64_read_fn_t read, void *cookie)
{
	uint64_t next = next_pc(insn, regs);
	switch (insn->kind) {
	case AXB_A64_ADR:
		set(regs, insn->rt, regs->pc + (uint64_t)insn->offset);
		break;
	case AXB_A64_ADRP:
		set(regs, insn->rt, (regs->pc & ~UINT64_C(0xfff)) + (uint64_t)insn->offset);
		break;
	case AXB_A64_BL:
	case AXB_A64_BLR:
		set(regs, REG_LINK, regs->pc + INSN_SIZE);
		break;
	case AXB_A64_LDR_LITERAL:
		if (!load_literal(insn, regs, read, cookie)) {
			return false;
		}
		break;
	default:
		break;
	}
	regs->pc = next;
	regs->pstate &= ~PSTATE_BTYPE;
	return true;
}
