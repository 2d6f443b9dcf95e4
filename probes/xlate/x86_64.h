/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Walks of the page tables of an x86 guest, in every paging mode: none, 32-bit, PAE, 4-level,
 * 5-level. Ref: AMD64 APM vol. 2, chapter 5; Intel SDM vol. 3, chapter 4. Not looked at: protection
 * keys, shadow stacks, linear address masking; SMAP, which depends on the access.
 */
#ifndef AXB_PROBES_XLATE_X86_64_H_
#define AXB_PROBES_XLATE_X86_64_H_

#include "probes/xlate/xlate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the guest's CPU has; from CPUID. */
struct axb_xlate_x86_64_cpu {
	uint8_t pa_bits; /**< 0x80000008, EAX[7:0]: at most 52 */
	bool has_1g;     /**< pages of 1 GiB; 0x80000001, EDX[26] */
	bool has_pse36;  /**< large 32-bit pages above 4 GiB; 1, EDX[17] */
};

/** Registers of the guest. */
struct axb_xlate_x86_64_regs {
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
};

/**
 * Translate the linear address @gva. Without long mode it must be below 4 GiB.
 * @return true with @out->gpa; false with @out->fault and how far it went.
 */
bool axb_xlate_x86_64(const struct axb_xlate_x86_64_cpu *cpu,
	const struct axb_xlate_x86_64_regs *regs, const struct axb_xlate_reader *reader,
	uint64_t gva, struct axb_xlate *out);

#ifdef __cplusplus
}
#endif

#endif
