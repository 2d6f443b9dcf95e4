/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What both walkers do alike.
 */
#ifndef AXB_PROBES_XLATE_INTERNAL_H_
#define AXB_PROBES_XLATE_INTERNAL_H_

#include "probes/xlate/xlate.h"

/** Bits @low and up to, but not including, @high; both at most 63. */
static inline uint64_t xlate_bits(uint32_t high, uint32_t low)
{
	return ((UINT64_C(1) << high) - 1) & ~((UINT64_C(1) << low) - 1);
}

/** @return false, for the end of a walk. */
static inline bool xlate_fail(struct axb_xlate *out, enum axb_xlate_fault fault)
{
	out->fault = (uint8_t)fault;
	return false;
}

/** Read the entry at @gpa and note the step. @return false when it cannot be read. */
static inline bool xlate_read(const struct axb_xlate_reader *reader, uint64_t gpa, int8_t level,
	struct axb_xlate *out, uint64_t *entry)
{
	out->level = level;
	if (!reader->read(reader->cookie, gpa, entry)) {
		return xlate_fail(out, AXB_XLATE_UNREADABLE);
	}
	out->steps[out->step_count++] =
		(struct axb_xlate_step){.gpa = gpa, .entry = *entry, .level = level};
	return true;
}

#endif
