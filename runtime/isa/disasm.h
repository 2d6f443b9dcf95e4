/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Instructions as text, in the words of llvm-objdump: `r1 = *(u64 *)(r2 + 8)`. Pure; any context.
 */
#ifndef AXB_RUNTIME_ISA_DISASM_H_
#define AXB_RUNTIME_ISA_DISASM_H_

#include <stdint.h>

#include "runtime/base/text.h"
#include "runtime/isa/insn.h"
#include "runtime/isa/opcode.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Append the text of one instruction; what is not one reads ".insn 0x..." with its 8 bytes.
 *
 * @param insn  for lddw, the first of its two slots; the second is read too.
 */
void axb_insn_disasm(const struct axb_insn *insn, struct axb_text *out);

/** Name of a row of opcode.def ("ADD64_IMM"); "?" for a value outside the enum. */
const char *axb_op_name(enum axb_op op);

/** Mnemonic of the test assembler ("add"); "?" for a value outside the enum. */
const char *axb_op_mnemonic(enum axb_op op);

/** Slots that the instruction at @insn takes: 2 for lddw, else 1. */
static inline uint32_t axb_insn_slots(struct axb_insn insn)
{
	return insn.opcode == 0x18 ? 2 : 1;
}

#ifdef __cplusplus
}
#endif

#endif
