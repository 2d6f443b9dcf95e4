/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Getting past a displaced x86_64 instruction. Pure.
 */
#ifndef AXB_PROBES_INSN_X86_64_STEP_H_
#define AXB_PROBES_INSN_X86_64_STEP_H_

#include <stdbool.h>
#include <stdint.h>

#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/insn/step.h"
#include "probes/insn/x86_64/decode.h"
#include "runtime/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How to get past the instruction at the start of @bytes. Context: any. */
void axb_x86_step(struct axb_bytes bytes, struct axb_step *out);

/**
 * The code for an AXB_STEP_SLOT instruction at @site, to lie at @slot.
 * CALL pushes the address after @site; RIP-relative operands are adjusted.
 * @return AXB_REFUSE_NONE; AXB_REFUSE_OPERAND when an operand or the way back is further than 2
 * GiB.
 */
enum axb_refuse axb_x86_slot(
	struct axb_bytes bytes, uint64_t site, uint64_t slot, struct axb_slot_code *out);

/**
 * Do what the AXB_STEP_SIMULATE instruction @insn does, which regs->rip points at. It touches rip,
 * and LOOP rcx; no memory. Calls nothing (AXB_NOPROBE).
 */
void axb_x86_simulate(const struct axb_x86_insn *insn, struct axb_pt_regs_x86_64 *regs);

#ifdef __cplusplus
}
#endif

#endif
