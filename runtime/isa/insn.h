/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * One eBPF instruction as RFC 9669 section 3 encodes it, and the words for its fields. Pure data;
 * any context.
 */
#ifndef AXB_RUNTIME_ISA_INSN_H_
#define AXB_RUNTIME_ISA_INSN_H_

#include <stdint.h>

#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Basic instruction encoding, 8 bytes, little endian. Ref: RFC 9669 section 3.1. */
struct axb_insn {
	uint8_t opcode;
	uint8_t regs; /**< dst in bits 3:0, src in bits 7:4 */
	int16_t offset;
	int32_t imm;
};
AXB_STATIC_ASSERT(sizeof(struct axb_insn) == 8, "wire layout");

static inline unsigned axb_insn_dst(struct axb_insn insn)
{
	return insn.regs & 0xfu;
}

static inline unsigned axb_insn_src(struct axb_insn insn)
{
	return (unsigned)insn.regs >> 4;
}

/** Registers r0..r10; r10 is the read-only frame pointer. Ref: RFC 9669 section 2.1. */
#define AXB_REG_COUNT 11u
#define AXB_REG_FP 10u

/** Source register field of lddw (opcode 0x18). Ref: RFC 9669 section 5.4, table 12. */
enum axb_lddw_src {
	AXB_LDDW_IMM = 0,
	AXB_LDDW_MAP = 1,       /**< imm = index of the map in the program's map list */
	AXB_LDDW_MAP_VALUE = 2, /**< imm = map index, next imm = byte offset in its first value */
	AXB_LDDW_FUNC = 4,      /**< imm = relative instruction offset of a function (callbacks) */
};

/** Source register field of call (opcode 0x85). Ref: RFC 9669 section 4.3.1. */
enum axb_call_src {
	AXB_CALL_HELPER = 0, /**< imm = helper id */
	AXB_CALL_LOCAL = 1,  /**< imm = instruction offset relative to the next instruction */
	AXB_CALL_KFUNC = 2,  /**< by BTF id: not supported */
};

#ifdef __cplusplus
}
#endif

#endif
