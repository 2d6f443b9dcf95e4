/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * How a probe gets past the instruction that it displaced: by doing in C what the instruction does
 * (simulate), or by running a copy elsewhere that jumps back by itself (slot), so that no second
 * trap is needed. What can be done neither way is refused with its reason.
 */
#ifndef AXB_PROBES_INSN_STEP_H_
#define AXB_PROBES_INSN_STEP_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why not. */
enum axb_refuse {
#define AXB_X(name, text) AXB_REFUSE_##name,
#include "probes/insn/refuse.def"
#undef AXB_X
	AXB_REFUSE_COUNT_
};

enum axb_step_kind {
	AXB_STEP_REFUSE = 0,
	AXB_STEP_SIMULATE,
	AXB_STEP_SLOT,
	AXB_STEP_SITE /**< nothing to get past: NOPs that the compiler left for a jump */
};

struct axb_step {
	uint8_t kind;   /**< enum axb_step_kind */
	uint8_t refuse; /**< enum axb_refuse; 0 unless AXB_STEP_REFUSE */
	uint8_t length; /**< of the instruction; 0 when refused for what it is */
};

/** Bytes that hold any slot, jump back included. */
#define AXB_SLOT_SIZE 48u

/** Code of a slot. A fault at slot + n for n < insn_end is a fault of the displaced instruction. */
struct axb_slot_code {
	uint8_t bytes[AXB_SLOT_SIZE];
	uint8_t size;
	uint8_t insn_end;
};

/** The reason in words; NULL for no reason. */
const char *axb_refuse_text(enum axb_refuse refuse);

#ifdef __cplusplus
}
#endif

#endif
