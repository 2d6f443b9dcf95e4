/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A64 instructions: what of each word matters to somebody who wants to execute it elsewhere. Every
 * word has a kind. Pure. Ref: Arm ARM DDI 0487 chapter C4 (encodings), with the extensions up to
 * Armv9.5 (pointer authentication, MTE, MOPS, LSE128, SVE, SME).
 */
#ifndef AXB_PROBES_INSN_AARCH64_DECODE_H_
#define AXB_PROBES_INSN_AARCH64_DECODE_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum axb_a64_kind {
	AXB_A64_UNALLOCATED =
		0,     /**< no instruction, or UDF. Not told apart within SIMD, SVE, SME */
	AXB_A64_OTHER, /**< goes on with the next one; the same wherever it lies */
	AXB_A64_NOP,   /**< NOP and hints without effect on control: YIELD, SEV, CSDB ... */
	AXB_A64_WAIT,  /**< WFE, WFI, WFET, WFIT */
	AXB_A64_BTI,   /**< BTI: landing pad */
	AXB_A64_PAC,   /**< PACIASP and the like in hint space: PACIxSP is a landing pad */
	AXB_A64_ADR,   /**< ADR */
	AXB_A64_ADRP,
	AXB_A64_B,
	AXB_A64_BL,
	AXB_A64_B_COND, /**< B.cond, BC.cond */
	AXB_A64_CBZ,    /**< CBZ, CBNZ */
	AXB_A64_TBZ,    /**< TBZ, TBNZ */
	AXB_A64_BR,
	AXB_A64_BLR,
	AXB_A64_RET,
	AXB_A64_BRANCH_AUTH, /**< BRAA, BLRAA, RETAA ...: authenticate, then branch */
	AXB_A64_PAC_PC,      /**< sign or authenticate with the PC as modifier (PACIASPPC ...) */
	AXB_A64_LDR_LITERAL, /**< LDR W, X; LDRSW */
	AXB_A64_LDR_LITERAL_SIMD, /**< LDR S, D, Q */
	AXB_A64_PRFM_LITERAL,
	AXB_A64_EXCLUSIVE_LOAD,  /**< LDXR, LDAXR, LDXP ...: opens a window */
	AXB_A64_EXCLUSIVE_STORE, /**< STXR, STLXR, STXP ...: closes it */
	AXB_A64_CLREX,
	AXB_A64_EXCEPTION, /**< SVC, HVC, SMC, BRK, HLT, DCPS */
	AXB_A64_ERET,      /**< ERET, ERETAA, DRPS */
	AXB_A64_MRS,
	AXB_A64_MSR,         /**< MSR (register, immediate), also CFINV and the like */
	AXB_A64_SYS,         /**< SYS, SYSL, SYSP: cache, TLB, address translation ... */
	AXB_A64_BARRIER,     /**< DSB, DMB, ISB, SB */
	AXB_A64_MOPS,        /**< CPY*, SET*: one step of several that belong together */
	AXB_A64_TRANSACTION, /**< TSTART, TCOMMIT, TTEST, TCANCEL */
	AXB_A64_SIMD,        /**< SIMD and floating point data processing */
	AXB_A64_SVE,
	AXB_A64_SVE_MOVPRFX, /**< must not be parted from the next one */
	AXB_A64_SME,
	AXB_A64_KIND_COUNT_
};

/** Fields of BTI: which indirect branches may land there. */
#define AXB_A64_BTI_C 1u
#define AXB_A64_BTI_J 2u

struct axb_a64_insn {
	uint8_t kind;        /**< enum axb_a64_kind */
	bool is_64_bit;      /**< CBZ, TBZ, LDR_LITERAL: the register is X */
	bool is_negated;     /**< CBNZ, TBNZ; LDR_LITERAL: sign-extending (LDRSW) */
	uint8_t rt;          /**< register read or written: Rd, Rt, Rn of BR; Rt of MRS and MSR */
	uint8_t bit;         /**< TBZ, TBNZ: which */
	uint8_t condition;   /**< B_COND */
	uint8_t landing;     /**< AXB_A64_BTI_*: PACIxSP and BTI */
	int64_t offset;      /**< to the address of the instruction; ADRP: to its page */
	bool is_pc_relative; /**< offset counts */
};

/** Context: any. */
enum axb_a64_kind axb_a64_classify(uint32_t word);

/** Decode @word whole. Context: any. */
void axb_a64_decode(uint32_t word, struct axb_a64_insn *out);

/** "b.cond", "unallocated" ...; NULL for no kind. */
const char *axb_a64_kind_name(enum axb_a64_kind kind);

#ifdef __cplusplus
}
#endif

#endif
