/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Bump allocator over memory that the caller gives. Never grows, frees only back to a mark.
 * Context: boot, thread; one user at a time.
 */
#ifndef AXB_RUNTIME_BASE_ARENA_H_
#define AXB_RUNTIME_BASE_ARENA_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Treat as opaque. */
struct axb_arena {
	uint8_t *base_;
	size_t size_;
	size_t used_;
	size_t peak_;
};

/** Use @size bytes at @memory; the memory must outlive the arena. */
void axb_arena_init(struct axb_arena *arena, void *memory, size_t size);

/**
 * Zeroed memory of @size bytes, aligned to @align (a power of two).
 * @return NULL when it does not fit (nothing changed). Size 0 gives a valid pointer.
 */
void *axb_arena_alloc(struct axb_arena *arena, size_t size, size_t align);

/** axb_arena_alloc() of @count elements; NULL also when the product wraps. */
void *axb_arena_alloc_array(struct axb_arena *arena, size_t count, size_t size, size_t align);

/** Position to which axb_arena_reset() returns. */
size_t axb_arena_mark(const struct axb_arena *arena);

/** Free all that was allocated since @mark was taken. */
void axb_arena_reset(struct axb_arena *arena, size_t mark);

/** Bytes still free, before alignment. */
size_t axb_arena_free_bytes(const struct axb_arena *arena);

/** The most bytes that were ever in use. */
size_t axb_arena_peak_bytes(const struct axb_arena *arena);

/** Allocate one object of @type; NULL when it does not fit. */
#define AXB_ARENA_NEW(arena, type) ((type *)axb_arena_alloc((arena), sizeof(type), _Alignof(type)))

#ifdef __cplusplus
}
#endif

#endif
