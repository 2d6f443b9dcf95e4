/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the two array kinds share: keys are u32 indices that always exist. Private to this package.
 */
#ifndef AXB_RUNTIME_MAPS_ARRAY_KEYS_H_
#define AXB_RUNTIME_MAPS_ARRAY_KEYS_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/maps/kind.h"

#ifdef __cplusplus
extern "C" {
#endif

/** axb_map_ops.check of both. */
const char *axb_array_check(const struct axb_map_def *def);

/** axb_map_ops.next_key of both. */
int64_t axb_array_next_key(struct axb_map *map, const void *key, void *next);

/** axb_map_ops.remove of both: an array's entries cannot go away. */
int64_t axb_array_remove(struct axb_map *map, const void *key);

/** axb_map_ops.entry_count of both. */
uint32_t axb_array_entry_count(const struct axb_map *map);

/** Linux's answer to an update of index @index with @flags; 0 = go on. */
int64_t axb_array_check_update(const struct axb_map *map, uint32_t index, uint64_t flags);

static inline uint32_t axb_array_index(const void *key)
{
	uint32_t index;
	memcpy(&index, key, sizeof(index));
	return index;
}

#ifdef __cplusplus
}
#endif

#endif
