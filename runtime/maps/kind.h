/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What a kind of map supplies, and what kinds share. Private to this package: everybody else uses
 * map.h. A new kind is one file with one ops table, named in the list in map.c.
 */
#ifndef AXB_RUNTIME_MAPS_KIND_H_
#define AXB_RUNTIME_MAPS_KIND_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/atomic.h"
#include "runtime/base/bits.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/maps/map.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Operations may be NULL: map.c then answers as map.h says. Every other member is mandatory. */
struct axb_map_ops {
	uint32_t type;
	uint32_t flags; /**< creation flags that the kind knows */
	bool per_cpu;
	/** Name of the first field of @def that is wrong; NULL = none. */
	const char *(*check)(const struct axb_map_def *def);
	/** Bytes of the one block that holds the map; 0 = more than a size_t can say. */
	size_t (*size)(const struct axb_map_def *def, uint32_t cpu_count);
	/** Make the map in @block: zeroed, cache-line aligned, size() bytes. The caller fills the
	 * members of struct axb_map that all kinds have in common before. */
	void (*init)(struct axb_map *map);
	void *(*lookup)(struct axb_map *map, const void *key);
	void *(*lookup_cpu)(struct axb_map *map, const void *key, uint32_t cpu);
	int64_t (*update)(struct axb_map *map, const void *key, const void *value, uint64_t flags);
	int64_t (*remove)(struct axb_map *map, const void *key);
	int64_t (*next_key)(struct axb_map *map, const void *key, void *next);
	uint32_t (*entry_count)(const struct axb_map *map);
	uint64_t (*busy_count)(const struct axb_map *map);
};

extern const struct axb_map_ops axb_map_array_ops;
extern const struct axb_map_ops axb_map_percpu_array_ops;
extern const struct axb_map_ops axb_map_hash_ops;
extern const struct axb_map_ops axb_map_ringbuf_ops;

/** Where the parts of a map lie in its block: add them one by one. */
struct axb_map_layout {
	size_t size;
	bool wrapped;
};

/** Offset of @count elements of @size bytes, cache-line aligned. */
static inline size_t axb_map_layout_add(struct axb_map_layout *l, size_t count, size_t size)
{
	size_t offset = l->size;
	size_t bytes = 0;
	size_t end = 0;
	if (!axb_mul_size(count, size, &bytes) || !axb_add_size(offset, bytes, &end) ||
		!axb_add_size(end, AXB_CACHE_LINE - 1, &end)) {
		l->wrapped = true;
		return 0;
	}
	l->size = end & ~(size_t)(AXB_CACHE_LINE - 1);
	return offset;
}

/**
 * Copy a value to @to (8-aligned) in relaxed 8-byte stores: programs on other CPUs may read it
 * meanwhile, and must not see half of a counter.
 */
static inline void axb_map_copy_value(uint8_t *to, const uint8_t *from, uint32_t size)
{
	uint32_t at = 0;
	for (; size - at >= sizeof(uint64_t); at += (uint32_t)sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, from + at, sizeof(word));
		axb_store_relaxed((uint64_t *)(to + at), word);
	}
	if (size - at >= sizeof(uint32_t)) {
		uint32_t word;
		memcpy(&word, from + at, sizeof(word));
		axb_store_relaxed((uint32_t *)(to + at), word);
		at += (uint32_t)sizeof(word);
	}
	for (; at < size; at++) {
		axb_store_relaxed(to + at, from[at]);
	}
}

#ifdef __cplusplus
}
#endif

#endif
