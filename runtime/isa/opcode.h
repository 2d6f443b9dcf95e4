/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The operations of eBPF as a table: which opcode byte and selecting field mean which operation,
 * and which instruction fields it uses. Verifier, engines, assembler and disassembler read the
 * same rows (opcode.def). Pure; any context.
 */
#ifndef AXB_RUNTIME_ISA_OPCODE_H_
#define AXB_RUNTIME_ISA_OPCODE_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/isa/insn.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Shape of an operation: the fields that it uses. Fields that a shape does not name are zero. */
enum axb_form {
	AXB_FORM_ALU_IMM,    /**< dst (written), imm */
	AXB_FORM_ALU_REG,    /**< dst (written), src */
	AXB_FORM_ALU_UNARY,  /**< dst (written) */
	AXB_FORM_SWAP,       /**< dst (written), imm = width */
	AXB_FORM_JUMP,       /**< offset */
	AXB_FORM_JUMP_LONG,  /**< imm = offset */
	AXB_FORM_BRANCH_IMM, /**< dst, imm, offset */
	AXB_FORM_BRANCH_REG, /**< dst, src, offset */
	AXB_FORM_CALL,       /**< src = kind, imm */
	AXB_FORM_CALL_REG,   /**< dst */
	AXB_FORM_EXIT,       /**< nothing */
	AXB_FORM_LOAD,       /**< dst (written), src, offset */
	AXB_FORM_STORE_IMM,  /**< dst, offset, imm */
	AXB_FORM_STORE_REG,  /**< dst, src, offset */
	AXB_FORM_ATOMIC,     /**< dst, src (written when fetching), offset, imm = operation */
	AXB_FORM_LDDW,       /**< dst (written), src = kind, imm of both slots */
	AXB_FORM_COUNT_
};

/** Instruction fields, as a mask. */
enum axb_field {
	AXB_FIELD_DST = 1,
	AXB_FIELD_SRC = 2,
	AXB_FIELD_OFFSET = 4,
	AXB_FIELD_IMM = 8,
	AXB_FIELD_WRITES_DST = 16, /**< the operation writes its destination register */
};

/** The field that tells the operations of one opcode byte apart. */
enum axb_select {
	AXB_SELECT_NONE,
	AXB_SELECT_SRC,
	AXB_SELECT_OFFSET,
	AXB_SELECT_IMM,
};

enum axb_op {
	AXB_OP_NONE_ = 0, /**< not an operation */
#define AXB_X(name, opcode, form, select, value, mnemonic, text) AXB_OP_##name,
#define AXB_V AXB_X
#include "runtime/isa/opcode.def"
#undef AXB_V
#undef AXB_X
	AXB_OP_COUNT_
};

/** A row of opcode.def, without its words (disasm.h has them). */
struct axb_op_info {
	uint8_t opcode;
	uint8_t form;   /**< enum axb_form */
	uint8_t select; /**< enum axb_select */
	uint8_t value;  /**< of the selecting field */
};

/** Rows by enum axb_op; row AXB_OP_NONE_ is empty. */
extern const struct axb_op_info axb_op_table[AXB_OP_COUNT_];

/** Which operation @insn is; AXB_OP_NONE_ for an unknown opcode byte or selecting value. */
enum axb_op axb_insn_op(struct axb_insn insn);

/** Is any operation encoded with this opcode byte? */
bool axb_opcode_is_known(uint8_t opcode);

/** Is it one of the obsolete packet-access opcodes (RFC 9669 section 5.5)? They are not supported.
 */
bool axb_opcode_is_packet(uint8_t opcode);

/** The first operation of an opcode byte, AXB_OP_NONE_ when there is none. */
enum axb_op axb_opcode_first_op(uint8_t opcode);

/** The fields that operations of @form use: a mask of enum axb_field. */
unsigned axb_form_fields(enum axb_form form);

/** Bytes that a load, store or atomic operation accesses; by bits 4:3 of its opcode byte. */
static inline unsigned axb_opcode_access_size(uint8_t opcode)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};
	return sizes[(opcode >> 3) & 3];
}

/** Does the operation store to memory (atomic ones included)? */
static inline bool axb_form_stores(enum axb_form form)
{
	return form == AXB_FORM_STORE_IMM || form == AXB_FORM_STORE_REG || form == AXB_FORM_ATOMIC;
}

/** Does it jump by the offset field? */
static inline bool axb_form_branches(enum axb_form form)
{
	return form == AXB_FORM_BRANCH_IMM || form == AXB_FORM_BRANCH_REG;
}

#ifdef __cplusplus
}
#endif

#endif
