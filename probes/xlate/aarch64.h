/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Walks of the stage 1 tables of an AArch64 guest (EL1&0 translation regime).
 * Ref: Arm ARM DDI 0487, D8.2 (translation), D8.3 (descriptors), D8.4 (permissions); D19.2 for the
 * registers. Not looked at: GCS, permission indirection and overlays (S1PIE, S1POE), 128-bit
 * descriptors, memory tagging, E0PD; PAN and UAO, which depend on the access.
 */
#ifndef AXB_PROBES_XLATE_AARCH64_H_
#define AXB_PROBES_XLATE_AARCH64_H_

#include "probes/xlate/xlate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the guest's CPU has; axb_xlate_aarch64_cpu_of() reads it from its ID registers. */
struct axb_xlate_aarch64_cpu {
	uint8_t pa_bits; /**< PARange: 32, 36, 40, 42, 44, 48 or 52 */
	bool has_4k;     /**< TGran4, 16, 64: pages of these sizes */
	bool has_16k;
	bool has_64k;
	bool has_lpa2_4k; /**< of them, with addresses of 52 bits by TCR_EL1.DS (FEAT_LPA2) */
	bool has_lpa2_16k;
	bool has_lva;  /**< VARange: virtual addresses of 52 bits with 64K (FEAT_LVA) */
	bool has_ttst; /**< ST: TxSZ up to 48, 47 with 64K (FEAT_TTST) */
};

/** Of the ID_AA64MMFR0_EL1 and ID_AA64MMFR2_EL1 that the guest sees. */
struct axb_xlate_aarch64_cpu axb_xlate_aarch64_cpu_of(uint64_t mmfr0, uint64_t mmfr2);

/** Registers of the guest. */
struct axb_xlate_aarch64_regs {
	uint64_t sctlr; /**< SCTLR_EL1 */
	uint64_t tcr;   /**< TCR_EL1 */
	uint64_t ttbr0; /**< TTBR0_EL1 */
	uint64_t ttbr1; /**< TTBR1_EL1 */
};

/**
 * Translate @gva as data accesses do: with the guest's top-byte-ignore. The level of a fault of
 * registers, of a half that is off and of an address out of range is 0, as in the syndrome.
 * @return true with @out->gpa; false with @out->fault and how far it went.
 */
bool axb_xlate_aarch64(const struct axb_xlate_aarch64_cpu *cpu,
	const struct axb_xlate_aarch64_regs *regs, const struct axb_xlate_reader *reader,
	uint64_t gva, struct axb_xlate *out);

#ifdef __cplusplus
}
#endif

#endif
