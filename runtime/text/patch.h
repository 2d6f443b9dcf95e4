/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Changing an instruction that other CPUs may be executing: which steps in which order (pure), and
 * doing them by the hooks of text.h.
 */
#ifndef AXB_RUNTIME_TEXT_PATCH_H_
#define AXB_RUNTIME_TEXT_PATCH_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest change, in bytes. */
#define AXB_PATCH_MAX 16u
#define AXB_PATCH_STEPS_MAX 6u

enum axb_patch_action {
	AXB_PATCH_WRITE, /**< axb_plat_text_write() of size bytes at offset */
	AXB_PATCH_SYNC,  /**< axb_plat_text_sync() */
	AXB_PATCH_STOP   /**< the write while all other CPUs stand still */
};

struct axb_patch_step {
	uint8_t action; /**< enum axb_patch_action */
	uint8_t offset;
	uint8_t size;
	uint8_t bytes[AXB_PATCH_MAX];
};

struct axb_patch_plan {
	struct axb_patch_step undo; /**< takes the first write back */
	uint32_t count;
	struct axb_patch_step steps[AXB_PATCH_STEPS_MAX];
};

/**
 * x86_64: a single byte is written and announced; more go behind an INT3: INT3, sync, the rest,
 * sync, the first byte, sync. Meanwhile a CPU may take the INT3: whoever handles breakpoints must
 * know the address. @return AXB_ERR_ARG for @size 0 or more than AXB_PATCH_MAX.
 * Ref: AMD64 APM vol. 2, 7.6.1 (cross-modifying code); Intel SDM vol. 3, 9.1.3.
 */
AXB_MUST_USE enum axb_status axb_patch_plan_x86_64(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out);

/**
 * aarch64, a word: may be written while others execute it only when the old and the new word are
 * both of B, BL, NOP, BRK, ISB, HVC, SMC, SVC; else all others stop meanwhile.
 * Ref: Arm ARM DDI 0487, B2.2.5.
 */
AXB_MUST_USE enum axb_status axb_patch_plan_aarch64(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out);

/**
 * Do the steps of @plan at @address. Context: thread, one at a time.
 * @return AXB_OK; AXB_ERR_FAULT when the platform refuses to write there (nothing was changed).
 */
AXB_MUST_USE enum axb_status axb_patch_apply(uint64_t address, const struct axb_patch_plan *plan);

/** Change @index of several: where and how. The same each time that it is called. */
typedef void (*axb_patch_at_fn_t)(
	void *cookie, uint32_t index, uint64_t *address, struct axb_patch_plan *plan);

/**
 * Do @count changes together: as many synchronizations as the longest of them has, and at most one
 * stop. All or none. Context: thread, one at a time.
 * @return AXB_OK; AXB_ERR_FAULT when the platform refuses one (nothing has changed).
 */
AXB_MUST_USE enum axb_status axb_patch_apply_all(
	axb_patch_at_fn_t at, void *cookie, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
