/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/isa/opcode.h"

#include <stddef.h>

const struct axb_op_info axb_op_table[AXB_OP_COUNT_] = {
#define AXB_X(name, opcode, form, select, value, mnemonic, text)                                   \
	[AXB_OP_##name] = {opcode, AXB_FORM_##form, AXB_SELECT_##select, value},
#define AXB_V AXB_X
#include "runtime/isa/opcode.def"
#undef AXB_V
#undef AXB_X
};

/* First row of each opcode byte; the further rows of that byte follow it. */
static const uint8_t first_op[256] = {
#define AXB_X(name, opcode, form, select, value, mnemonic, text) [opcode] = AXB_OP_##name,
#define AXB_V(name, opcode, form, select, value, mnemonic, text)
#include "runtime/isa/opcode.def"
#undef AXB_V
#undef AXB_X
};
AXB_STATIC_ASSERT(AXB_OP_COUNT_ <= 256, "first_op holds bytes");

static int64_t selecting_value(struct axb_insn insn, unsigned select)
{
	switch (select) {
	case AXB_SELECT_SRC:
		return axb_insn_src(insn);
	case AXB_SELECT_OFFSET:
		return insn.offset;
	case AXB_SELECT_IMM:
		return insn.imm;
	default:
		return 0;
	}
}

enum axb_op axb_insn_op(struct axb_insn insn)
{
	unsigned op = first_op[insn.opcode];
	if (op == AXB_OP_NONE_) {
		return AXB_OP_NONE_;
	}
	int64_t value = selecting_value(insn, axb_op_table[op].select);
	for (; op < AXB_OP_COUNT_ && axb_op_table[op].opcode == insn.opcode; op++) {
		if (axb_op_table[op].value == value) {
			return (enum axb_op)op;
		}
	}
	return AXB_OP_NONE_;
}

bool axb_opcode_is_known(uint8_t opcode)
{
	return first_op[opcode] != AXB_OP_NONE_;
}

bool axb_opcode_is_packet(uint8_t opcode)
{
	unsigned mode = opcode & 0xe0u;
	return (opcode & 7u) == 0 && (mode == 0x20 || mode == 0x40) && (opcode & 0x18u) != 0x18;
}

enum axb_op axb_opcode_first_op(uint8_t opcode)
{
	return (enum axb_op)first_op[opcode];
}

unsigned axb_form_fields(enum axb_form form)
{
	enum {
		D = AXB_FIELD_DST,
		W = AXB_FIELD_DST | AXB_FIELD_WRITES_DST,
		S = AXB_FIELD_SRC,
		O = AXB_FIELD_OFFSET,
		I = AXB_FIELD_IMM
	};
	static const uint8_t fields[AXB_FORM_COUNT_] = {
		[AXB_FORM_ALU_IMM] = W | I,
		[AXB_FORM_ALU_REG] = W | S,
		[AXB_FORM_ALU_UNARY] = W,
		[AXB_FORM_SWAP] = W | I,
		[AXB_FORM_JUMP] = O,
		[AXB_FORM_JUMP_LONG] = I,
		[AXB_FORM_BRANCH_IMM] = D | I | O,
		[AXB_FORM_BRANCH_REG] = D | S | O,
		[AXB_FORM_CALL] = S | I,
		[AXB_FORM_CALL_REG] = D,
		[AXB_FORM_EXIT] = 0,
		[AXB_FORM_LOAD] = W | S | O,
		[AXB_FORM_STORE_IMM] = D | O | I,
		[AXB_FORM_STORE_REG] = D | S | O,
		[AXB_FORM_ATOMIC] = D | S | O | I,
		[AXB_FORM_LDDW] = W | S | I,
	};
	return (unsigned)form < AXB_FORM_COUNT_ ? fields[form] : 0;
}
