/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Inside of struct axb_checked, for the engines. Everybody else uses verify.h.
 */
#ifndef AXB_RUNTIME_VERIFIER_CHECKED_H_
#define AXB_RUNTIME_VERIFIER_CHECKED_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/verifier/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A function of the program: instructions [first, end). Subprogram 0 is the entry. */
struct axb_subprog {
	uint32_t first;
	uint32_t end;
	uint32_t stack_bytes; /**< of its frame, a multiple of 8 */
	/** Bytes of the frame that instructions name by r10 and a constant, the same rounding. */
	uint32_t direct_bytes;
	uint32_t depth;  /**< frames of the longest chain of calls that ends in it; 1 = the entry */
	bool fp_escapes; /**< r10 is copied or stored: the whole frame may be accessed */
};

struct axb_checked {
	struct axb_code code;
	uint32_t stack_bytes; /**< the most that a chain of calls can use */
	uint32_t subprog_count;
	struct axb_subprog *subprogs; /**< in order of first */
};

/** The subprogram whose first instruction is @first; NULL when none begins there. */
const struct axb_subprog *axb_checked_subprog_at(const struct axb_checked *checked, uint32_t first);

#ifdef __cplusplus
}
#endif

#endif
