/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Maps: memory that programs, the hypervisor and readers share. One ops table per kind; semantics,
 * flags and error codes are Linux's. All memory comes from an arena at creation: no operation
 * allocates, blocks, or takes a lock that a nested trap on this CPU could wait for (a nested
 * operation on a busy bucket returns -EBUSY).
 */
#ifndef AXB_RUNTIME_MAPS_MAP_H_
#define AXB_RUNTIME_MAPS_MAP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/limits.h"
#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a program's map definition says. Sizes in bytes. */
struct axb_map_def {
	uint32_t type; /**< enum axb_map_type (codegen/gen/maps_gen.h) */
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries; /**< ringbuf: bytes of the data area, a power of two and of 4096 */
	uint32_t flags;       /**< AXB_BPF_F_*; unknown ones are refused */
};

struct axb_map_ops;

/**
 * A map. Treat as opaque, except that engines read def, values and value_stride to check and to
 * inline accesses.
 */
struct axb_map {
	const struct axb_map_ops *ops;
	struct axb_map_def def;
	char name[AXB_NAME_MAX];
	bool program_read_only; /**< .rodata: programs may not write (BPF_F_RDONLY_PROG) */
	uint8_t *values;        /**< all values, contiguous; NULL for a ringbuf */
	size_t values_size; /**< bytes at @values; every value lies at a multiple of the stride */
	uint32_t value_stride; /**< value_size rounded up to 8 */
	uint32_t cpu_count;    /**< per-CPU kinds: copies of each value; else 1 */
};

/** Why axb_map_create() refused: names the field of the definition. */
struct axb_map_error {
	const char *field; /**< static text: "type", "key_size", ... */
	uint64_t value;
};

/** Bytes of arena that axb_map_create() needs for @def on @cpu_count CPUs; 0 for a bad @def. */
size_t axb_map_memory_size(const struct axb_map_def *def, uint32_t cpu_count);

/**
 * Create an empty map (values zeroed).
 *
 * Context: boot, thread.
 * @return AXB_OK; AXB_ERR_UNSUPPORTED (kind); AXB_ERR_ARG (@why names the field);
 *   AXB_ERR_NOMEM. @why may be NULL.
 */
AXB_MUST_USE enum axb_status axb_map_create(const struct axb_map_def *def, const char *name,
	uint32_t cpu_count, struct axb_arena *arena, struct axb_map **out,
	struct axb_map_error *why);

/**
 * The operations below return what Linux's return: 0 or a negative errno (codegen/gen/maps_gen.h),
 * and pointers to values in place. Keys and values are def.key_size and def.value_size bytes.
 * Context: any. A kind without an operation returns -AXB_EOPNOTSUPP or NULL.
 */

/** The value of @key, in place; a per-CPU kind gives this CPU's. NULL when there is none. */
void *axb_map_lookup(struct axb_map *map, const void *key);

/** As axb_map_lookup() for the copy of CPU @cpu of a per-CPU kind; NULL for other kinds. */
void *axb_map_lookup_cpu(struct axb_map *map, const void *key, uint32_t cpu);

/** @flags: AXB_BPF_ANY, AXB_BPF_NOEXIST, AXB_BPF_EXIST. A per-CPU kind sets this CPU's value. */
int64_t axb_map_update(struct axb_map *map, const void *key, const void *value, uint64_t flags);

int64_t axb_map_delete(struct axb_map *map, const void *key);

/** Key after @key (NULL: the first) to @next. -AXB_ENOENT at the end. */
int64_t axb_map_next_key(struct axb_map *map, const void *key, void *next);

/** Number of entries now (array kinds: max_entries). Context: any. */
uint32_t axb_map_entry_count(const struct axb_map *map);

/** Operations refused because a nested one met a busy bucket. */
uint64_t axb_map_busy_count(const struct axb_map *map);

/* Ring-buffer maps (kind ringbuf). Producers: any context, any CPU. One consumer at a time. */

/** Room for @size bytes, 8-aligned; NULL when full (counted) or @size does not fit the ring. */
void *axb_ringbuf_reserve(struct axb_map *map, uint32_t size);

/** Publish a record that axb_ringbuf_reserve() of this map gave. */
void axb_ringbuf_submit(struct axb_map *map, void *record);

/** Give it back unpublished; the consumer never sees it (counted). */
void axb_ringbuf_discard(struct axb_map *map, void *record);

/** Reserve, copy and submit. 0, or -AXB_EAGAIN when full, -AXB_E2BIG when it can never fit. */
int64_t axb_ringbuf_output(struct axb_map *map, const void *data, uint32_t size);

/** Size that was reserved for @record. */
uint32_t axb_ringbuf_record_size(const void *record);

/**
 * Copy the oldest published record to @to of @room bytes and consume it.
 *
 * @param size  its full size, also when it did not fit and was therefore left in place.
 * @return AXB_OK; AXB_ERR_EMPTY (none, or the oldest is still open); AXB_ERR_FULL (@room too
 * small). Context: thread.
 */
AXB_MUST_USE enum axb_status axb_ringbuf_read(
	struct axb_map *map, void *to, uint32_t room, uint32_t *size);

/** Law: attempts = submitted + discarded + dropped + open. submitted = delivered + in the ring. */
struct axb_ringbuf_stats {
	uint64_t attempts;
	uint64_t submitted;
	uint64_t discarded;
	uint64_t dropped;
	uint64_t delivered;
	uint64_t available_bytes; /**< BPF_RB_AVAIL_DATA */
	uint64_t ring_bytes;      /**< BPF_RB_RING_SIZE */
	uint64_t consumer_position;
	uint64_t producer_position;
};

void axb_ringbuf_stats(const struct axb_map *map, struct axb_ringbuf_stats *out);

#ifdef __cplusplus
}
#endif

#endif
