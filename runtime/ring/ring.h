/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ring of 64-byte records with one producing CPU and one consumer. The producer may be interrupted
 * by a trap that produces too; a full ring drops and counts, never overwrites. Records become
 * visible in the order of their reservation: the reader stops at the first open one.
 */
#ifndef AXB_RUNTIME_RING_RING_H_
#define AXB_RUNTIME_RING_RING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_RING_RECORD_SIZE 64u

/** Treat as opaque. One per CPU, on cache lines of its own. */
struct axb_ring;

/** Numbers of a ring. Law: attempts = committed + discarded + dropped + open;
 * committed = delivered + pending. */
struct axb_ring_stats {
	uint64_t attempts;
	uint64_t committed;
	uint64_t discarded;
	uint64_t dropped;
	uint64_t delivered;
	uint64_t pending;
};

/** @param capacity  records, a power of two, 4 .. 2^20 (AXB_ERR_ARG otherwise). */
AXB_MUST_USE enum axb_status axb_ring_create(
	uint32_t capacity, struct axb_arena *arena, struct axb_ring **out);

/** Bytes of arena that axb_ring_create() takes. */
size_t axb_ring_memory_size(uint32_t capacity);

/** An open record: where to write, and its position. */
struct axb_ring_slot {
	void *record; /**< AXB_RING_RECORD_SIZE bytes, 64-aligned; NULL = none */
	uint64_t position;
};

/**
 * Reserve a record. Context: any, on the producing CPU only.
 * @return AXB_OK; AXB_ERR_FULL (counted as dropped).
 */
AXB_MUST_USE enum axb_status axb_ring_reserve(struct axb_ring *ring, struct axb_ring_slot *out);

/**
 * Reserve two records that follow each other without another between them, or none.
 * Context: any, on the producing CPU only.
 * @return AXB_OK; AXB_ERR_FULL (counted as two dropped).
 */
AXB_MUST_USE enum axb_status axb_ring_reserve_pair(
	struct axb_ring *ring, struct axb_ring_slot out[2]);

/** Publish (release; pairs with the acquire in axb_ring_read()). Producing CPU. */
void axb_ring_commit(struct axb_ring *ring, const struct axb_ring_slot *slot);

/** Give up: the reader skips it. Producing CPU. */
void axb_ring_discard(struct axb_ring *ring, const struct axb_ring_slot *slot);

/** Copy up to @max published records to @out and consume them. Context: thread, one consumer. */
size_t axb_ring_read(struct axb_ring *ring, void *out, size_t max);

/** Records between reader and producer: published, open and discarded ones. Context: any. */
uint64_t axb_ring_used(const struct axb_ring *ring);

/** Exact while nobody reserves or reads. Takes time in proportion to pending. Context: thread. */
void axb_ring_stats(const struct axb_ring *ring, struct axb_ring_stats *out);

#ifdef __cplusplus
}
#endif

#endif
