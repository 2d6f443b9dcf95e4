/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * "Did you mean": the word nearest to a mistyped one. Pure; any context.
 */
#ifndef AXB_RUNTIME_BASE_NEAREST_H_
#define AXB_RUNTIME_BASE_NEAREST_H_

#include <stdint.h>

#include "runtime/base/limits.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A search: feed it candidates, then read best. */
struct axb_nearest {
	const char *word;
	char best[AXB_NAME_MAX]; /**< "" = nothing near enough */
	uint32_t distance;       /**< of best */
};

/** Words of AXB_NAME_MAX characters and more find nothing. */
void axb_nearest_init(struct axb_nearest *search, const char *word);
/** At most a third of @candidate's characters (and at least one) may differ. */
void axb_nearest_offer(struct axb_nearest *search, const char *candidate);

/** Insertions, deletions and replacements that turn @a into @b (Levenshtein), both shorter than
 * AXB_NAME_MAX; UINT32_MAX otherwise. */
uint32_t axb_edit_distance(const char *a, const char *b);

#ifdef __cplusplus
}
#endif

#endif
