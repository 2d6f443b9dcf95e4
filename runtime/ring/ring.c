/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 *    position   0 ......... tail ............ head ...........>   never wraps (64 bits)
 *               consumed     | committed, open,  |  free
 *                            | discarded         |
 *
 * The producing CPU moves head by compare and exchange: a trap that reserves between the load and
 * the exchange makes the exchange fail, and what it reserved lies behind. A record is closed by
 * writing its position into its state word, so a word of an earlier lap never looks closed, and
 * neither side has to clear anything. Only the reader writes tail.
 *
 *    state word: 2 * position + 2 = committed, + 3 = discarded, else open or free
 */
#include "runtime/ring/ring.h"

#include "runtime/base/atomic.h"
#include "runtime/base/bits.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

struct axb_ring {
	/* Constant. */
	uint64_t *states;
	uint8_t *records;
	uint64_t mask;
	/* Written by the producing CPU. */
	AXB_ALIGNED(AXB_CACHE_LINE) uint64_t head;
	uint64_t dropped;
	/* Written by the reader. */
	AXB_ALIGNED(AXB_CACHE_LINE) uint64_t tail;
	uint64_t delivered;
	uint64_t skipped;
};

static uint64_t committed_word(uint64_t position)
{
	return 2 * position + 2;
}

static uint64_t discarded_word(uint64_t position)
{
	return 2 * position + 3;
}

static bool is_capacity(uint32_t capacity)
{
	return axb_is_pow2(capacity) && capacity >= AXB_RING_RECORDS_MIN &&
	       capacity <= AXB_RING_RECORDS_MAX;
}

/** Bytes of the state words: whole cache lines. */
static size_t states_size(uint32_t capacity)
{
	return (size_t)axb_align_up(capacity * sizeof(uint64_t), AXB_CACHE_LINE);
}

size_t axb_ring_memory_size(uint32_t capacity)
{
	if (!is_capacity(capacity)) {
		return 0;
	}
	return AXB_CACHE_LINE - 1 + sizeof(struct axb_ring) + states_size(capacity) +
	       (size_t)capacity * AXB_RING_RECORD_SIZE;
}

enum axb_status axb_ring_create(uint32_t capacity, struct axb_arena *arena, struct axb_ring **out)
{
	if (!is_capacity(capacity)) {
		return AXB_ERR_ARG;
	}
	size_t size = axb_ring_memory_size(capacity) - (AXB_CACHE_LINE - 1);
	struct axb_ring *ring = axb_arena_alloc(arena, size, AXB_CACHE_LINE);
	if (ring == NULL) {
		return AXB_ERR_NOMEM;
	}
	void *states = ring + 1;
	ring->states = states;
	ring->records = (uint8_t *)states + states_size(capacity);
	ring->mask = (uint64_t)capacity - 1;
	*out = ring;
	return AXB_OK;
}

static void *record_at(const struct axb_ring *ring, uint64_t position)
{
	return ring->records + (position & ring->mask) * AXB_RING_RECORD_SIZE;
}

static uint64_t *state_at(const struct axb_ring *ring, uint64_t position)
{
	return &ring->states[position & ring->mask];
}

/** Move head over @count records; false when they do not fit. */
static bool claim(struct axb_ring *ring, uint64_t count, uint64_t *position)
{
	for (uint32_t i = 0; i < AXB_RING_RETRY_MAX; i++) {
		/* Tail first: it never passes head. Acquire; pairs with the release in
		 * axb_ring_read(): the reader is done with the records that are written next. */
		uint64_t tail = axb_load_acquire(&ring->tail);
		uint64_t head = axb_load_relaxed(&ring->head);
		uint64_t used = head - tail;
		if (used > ring->mask || ring->mask + 1 - used < count) {
			return false;
		}
		/* Relaxed: what competes is a trap on this CPU. */
		if (axb_compare_exchange_relaxed(&ring->head, &head, head + count)) {
			*position = head;
			return true;
		}
	}
	return false;
}

static enum axb_status reserve(struct axb_ring *ring, uint32_t count, struct axb_ring_slot *out)
{
	uint64_t position;
	if (!claim(ring, count, &position)) {
		(void)axb_fetch_add_relaxed(&ring->dropped, count);
		return AXB_ERR_FULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		out[i].record = record_at(ring, position + i);
		out[i].position = position + i;
	}
	return AXB_OK;
}

enum axb_status axb_ring_reserve(struct axb_ring *ring, struct axb_ring_slot *out)
{
	return reserve(ring, 1, out);
}

enum axb_status axb_ring_reserve_pair(struct axb_ring *ring, struct axb_ring_slot out[2])
{
	return reserve(ring, 2, out);
}

void axb_ring_commit(struct axb_ring *ring, const struct axb_ring_slot *slot)
{
	/* Release; pairs with the acquire in axb_ring_read(). */
	axb_store_release(state_at(ring, slot->position), committed_word(slot->position));
}

void axb_ring_discard(struct axb_ring *ring, const struct axb_ring_slot *slot)
{
	axb_store_release(state_at(ring, slot->position), discarded_word(slot->position));
}

size_t axb_ring_read(struct axb_ring *ring, void *out, size_t max)
{
	uint8_t *to = out;
	uint64_t first = axb_load_relaxed(&ring->tail);
	uint64_t tail = first;
	size_t count = 0;
	while (count < max && tail - first <= ring->mask) {
		/* Acquire; pairs with the release in axb_ring_commit(). */
		uint64_t word = axb_load_acquire(state_at(ring, tail));
		if (word == committed_word(tail)) {
			memcpy(to + count * AXB_RING_RECORD_SIZE, record_at(ring, tail),
				AXB_RING_RECORD_SIZE);
			count++;
		} else if (word != discarded_word(tail)) {
			break;
		}
		tail++;
	}
	axb_store_relaxed(&ring->delivered, axb_load_relaxed(&ring->delivered) + count);
	axb_store_relaxed(
		&ring->skipped, axb_load_relaxed(&ring->skipped) + (tail - first - count));
	/* Release; pairs with the acquire in claim(). */
	axb_store_release(&ring->tail, tail);
	return count;
}

/** Producer and reader may go on between the loads of the two; what makes no sense is 0. */
static uint64_t used_from(const struct axb_ring *ring, uint64_t tail, uint64_t head)
{
	return head - tail <= ring->mask + 1 ? head - tail : 0;
}

uint64_t axb_ring_used(const struct axb_ring *ring)
{
	uint64_t tail = axb_load_acquire(&ring->tail);
	return used_from(ring, tail, axb_load_acquire(&ring->head));
}

void axb_ring_stats(const struct axb_ring *ring, struct axb_ring_stats *out)
{
	uint64_t tail = axb_load_acquire(&ring->tail);
	uint64_t head = axb_load_acquire(&ring->head);
	uint64_t used = used_from(ring, tail, head);
	memset(out, 0, sizeof(*out));
	for (uint64_t position = tail; position < tail + used; position++) {
		uint64_t word = axb_load_acquire(state_at(ring, position));
		out->pending += word == committed_word(position);
		out->discarded += word == discarded_word(position);
	}
	out->delivered = axb_load_relaxed(&ring->delivered);
	out->discarded += axb_load_relaxed(&ring->skipped);
	out->dropped = axb_load_relaxed(&ring->dropped);
	out->committed = out->delivered + out->pending;
	out->attempts = head + out->dropped;
}
