/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Getting past a displaced A64 instruction. Pure.
 */
#ifndef AXB_PROBES_INSN_AARCH64_STEP_H_
#define AXB_PROBES_INSN_AARCH64_STEP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/insn/aarch64/decode.h"
#include "probes/insn/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How to get past words[@index] of a function of at least @index + 1 words; the words before it
 * tell whether it is in an exclusive window or behind MOVPRFX. Context: any.
 */
void axb_a64_step(const uint32_t *words, size_t index, struct axb_step *out);

/** Words before the instruction that axb_a64_step() looks at, at most: the longest window. */
#define AXB_A64_WINDOW_MAX 16u

/**
 * The code for an AXB_STEP_SLOT instruction @word at @site, to lie at @slot.
 * @return AXB_REFUSE_NONE; AXB_REFUSE_OPERAND when @site is further than 128 MiB from @slot.
 */
enum axb_refuse axb_a64_slot(
	uint32_t word, uint64_t site, uint64_t slot, struct axb_slot_code *out);

/** Reads @size bytes, 4 or 8, of the memory that the instruction sees, zero-extended.
 * @return false when it cannot. */
typedef bool (*axb_a64_read_fn_t)(void *cookie, uint64_t address, uint64_t *to, size_t size);

/**
 * Do what the AXB_STEP_SIMULATE instruction @insn does, at regs->pc. Writes pc, x0 .. x30 and
 * PSTATE.BTYPE, which becomes 0; an indirect branch thus lands anywhere. Calls nothing but @read
 * (AXB_NOPROBE).
 * @return false when a literal could not be read; nothing has changed then.
 */
bool axb_a64_simulate(const struct axb_a64_insn *insn, struct axb_user_pt_regs *regs,
	axb_a64_read_fn_t read, void *cookie);

#ifdef __cplusplus
}
#endif

#endif
