/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * x86 instructions in 64-bit mode: how long each is, where its parts lie, and what of it matters to
 * somebody who wants to execute it elsewhere. Knows legacy, VEX, EVEX, XOP and 3DNow! encodings.
 * Pure. Ref: AMD64 APM vol. 3 (24594) chapters 1 and appendix A; Intel SDM vol. 2 chapter 2 and
 * appendix A.
 */
#ifndef AXB_PROBES_INSN_X86_64_DECODE_H_
#define AXB_PROBES_INSN_X86_64_DECODE_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest instruction, in bytes. */
#define AXB_X86_LENGTH_MAX 15u

enum axb_x86_error {
	AXB_X86_OK = 0,
	AXB_X86_TRUNCATED, /**< it goes on after the bytes given */
	AXB_X86_TOO_LONG,  /**< more than AXB_X86_LENGTH_MAX bytes */
	AXB_X86_UNDEFINED, /**< no instruction in 64-bit mode */
	AXB_X86_VENDOR     /**< AMD and Intel disagree about its length (66h and a near branch) */
};

/** How it is encoded. */
enum axb_x86_encoding { AXB_X86_LEGACY = 0, AXB_X86_VEX, AXB_X86_EVEX, AXB_X86_XOP, AXB_X86_3DNOW };

/** Opcode maps; VEX, EVEX and XOP number theirs themselves (mmmmm). */
enum axb_x86_map {
	AXB_X86_MAP_PRIMARY = 0,
	AXB_X86_MAP_0F = 1,
	AXB_X86_MAP_0F38 = 2,
	AXB_X86_MAP_0F3A = 3
};

/** What it does to the flow of control and to state that a probe touches. */
enum axb_x86_kind {
	AXB_X86_OTHER = 0,     /**< goes on with the next one; the same wherever it lies */
	AXB_X86_NOP,           /**< 90, 0F 1F, and hints that are reserved as NOPs */
	AXB_X86_ENDBR,         /**< ENDBR64 */
	AXB_X86_JMP,           /**< JMP rel */
	AXB_X86_JCC,           /**< Jcc rel */
	AXB_X86_LOOP,          /**< LOOPcc, JRCXZ rel */
	AXB_X86_CALL,          /**< CALL rel */
	AXB_X86_JMP_INDIRECT,  /**< JMP r/m */
	AXB_X86_CALL_INDIRECT, /**< CALL r/m */
	AXB_X86_RET,           /**< RET, RET imm16 */
	AXB_X86_FAR,           /**< far CALL, JMP, RET; IRET */
	AXB_X86_SYSTEM_CALL,   /**< SYSCALL, SYSRET, SYSENTER, SYSEXIT */
	AXB_X86_INT3,          /**< CC */
	AXB_X86_INT,           /**< INT n, INT1 */
	AXB_X86_UD,            /**< UD0, UD1, UD2 */
	AXB_X86_FLAGS,         /**< PUSHF, POPF: sees or sets RFLAGS.TF and IF */
	AXB_X86_SHADOW,        /**< STI, CLI, MOV SS, POP SS: changes what may interrupt next */
	AXB_X86_TRANSACTION,   /**< XBEGIN, XABORT */
	AXB_X86_SYSTEM /**< HLT, port and MSR access, descriptor tables, CR and DR, SVM ... */
};

/** Prefixes that were there. */
#define AXB_X86_PREFIX_OPERAND (1u << 0) /**< 66 */
#define AXB_X86_PREFIX_ADDRESS (1u << 1) /**< 67 */
#define AXB_X86_PREFIX_LOCK (1u << 2)    /**< F0 */
#define AXB_X86_PREFIX_REPNE (1u << 3)   /**< F2 */
#define AXB_X86_PREFIX_REP (1u << 4)     /**< F3 */
#define AXB_X86_PREFIX_SEGMENT (1u << 5) /**< 26, 2E, 36, 3E, 64, 65 */

struct axb_x86_insn {
	uint8_t length;
	uint8_t encoding; /**< enum axb_x86_encoding */
	uint8_t map;
	uint8_t opcode;
	uint8_t kind; /**< enum axb_x86_kind */
	uint8_t prefixes;
	uint8_t rex;    /**< 40 .. 4F, or 0 */
	bool wide;      /**< REX.W, VEX.W */
	bool has_modrm; /**< modrm and its parts are valid */
	uint8_t modrm;
	uint8_t sib; /**< 0 when there is none */
	/* Where fields lie in the instruction; size 0 = there is none. Little endian. */
	uint8_t disp_offset;
	uint8_t disp_size; /**< 1, 4; 8 = an absolute address (A0 .. A3) */
	uint8_t imm_offset;
	uint8_t imm_size;     /**< of all immediates together; of rel in branches */
	bool is_rip_relative; /**< disp is relative to the next instruction */
	bool is_relative;     /**< imm is: the target of a branch */
	int64_t disp;         /**< sign-extended */
	int64_t imm; /**< sign-extended; of two immediates (ENTER, EXTRQ) the bytes as they lie */
};

/**
 * Decode the instruction at the start of @bytes. *@out is complete for AXB_X86_OK only.
 * Context: any.
 */
enum axb_x86_error axb_x86_decode(struct axb_bytes bytes, struct axb_x86_insn *out);

/** ModRM.reg and ModRM.rm without the extension bits of REX. */
static inline uint8_t axb_x86_reg(const struct axb_x86_insn *insn)
{
	return insn->modrm >> 3 & 7;
}

static inline uint8_t axb_x86_rm(const struct axb_x86_insn *insn)
{
	return insn->modrm & 7;
}

/** Is the ModRM operand in memory? */
static inline bool axb_x86_is_memory(const struct axb_x86_insn *insn)
{
	return insn->has_modrm && insn->modrm < 0xc0;
}

#ifdef __cplusplus
}
#endif

#endif
