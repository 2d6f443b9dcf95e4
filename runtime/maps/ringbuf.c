/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Kind ringbuf: records of any size, many producers, one consumer.
 *
 *   record: u32 header, u32 0, payload (8-aligned)      header: BUSY | DISCARD | PAD | WRITTEN |
 * size
 *
 * Rules:
 * - Positions only grow; position & mask is the offset in the data area. A producer claims space by
 *   moving the producer position; nested and concurrent producers get the space behind it.
 * - Free space is zero, because the consumer zeroes what it has consumed before it moves its
 *   position. A header of zero therefore means "claimed, header not yet written".
 * - The consumer stops at the first record that is zero or BUSY.
 * - A record is contiguous: one that would cross the end of the area begins at offset 0 again, and
 *   a PAD record fills the gap. Pads are neither counted nor delivered. A record of more than half
 *   the area may find room nowhere although the ring is empty; then the pad alone goes in, so that
 *   the record fits once the consumer has run.
 * - The positions are ours: no reader outside can write them.
 * Ref: Linux kernel/bpf/ringbuf.c for sizes and bits.
 */
#include "runtime/hooks/core.h"
#include "runtime/maps/kind.h"

#define HEADER_SIZE 8u
#define BUSY (1u << 31)
#define DISCARD (1u << 30)
#define PAD (1u << 29)
#define WRITTEN (1u << 28) /* every header has it: one of size 0 differs from free space */
#define SIZE_MASK (WRITTEN - 1)

AXB_STATIC_ASSERT(AXB_RINGBUF_BYTES_MAX <= WRITTEN, "a record's size fits beside the bits");

/* Padded on purpose: the two sides do not share a cache line.
 * NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct ringbuf {
	struct axb_map map;
	uint8_t *data;
	uint32_t mask;
	/* What the consumer writes. */
	uint64_t consumer AXB_ALIGNED(AXB_CACHE_LINE);
	uint64_t delivered;
	/* What producers write. */
	uint64_t producer AXB_ALIGNED(AXB_CACHE_LINE);
	uint64_t attempts;
	uint64_t submitted;
	uint64_t discarded;
	uint64_t dropped;
};

static const char *ringbuf_check(const struct axb_map_def *def)
{
	if (def->key_size != 0) {
		return "key_size";
	}
	if (def->value_size != 0) {
		return "value_size";
	}
	if (!axb_is_pow2(def->max_entries) || def->max_entries < AXB_RINGBUF_GRANULE ||
		def->max_entries > AXB_RINGBUF_BYTES_MAX) {
		return "max_entries";
	}
	return NULL;
}

struct layout {
	size_t data;
	size_t total;
};

static struct layout lay_out(const struct axb_map_def *def)
{
	struct axb_map_layout l = {0, false};
	struct layout at;
	(void)axb_map_layout_add(&l, 1, sizeof(struct ringbuf));
	at.data = axb_map_layout_add(&l, def->max_entries, 1);
	at.total = l.wrapped ? 0 : l.size;
	return at;
}

static size_t ringbuf_size(const struct axb_map_def *def, uint32_t cpu_count)
{
	(void)cpu_count;
	return lay_out(def).total;
}

static void ringbuf_init(struct axb_map *map)
{
	struct ringbuf *r = (struct ringbuf *)map;
	r->data = (uint8_t *)map + lay_out(&map->def).data;
	r->mask = map->def.max_entries - 1;
}

const struct axb_map_ops axb_map_ringbuf_ops = {
	.type = AXB_MAP_TYPE_RINGBUF,
	.check = ringbuf_check,
	.size = ringbuf_size,
	.init = ringbuf_init,
};

static struct ringbuf *ringbuf_of(struct axb_map *map)
{
	return map->ops == &axb_map_ringbuf_ops ? (struct ringbuf *)map : NULL;
}

static uint32_t *header_at(const struct ringbuf *r, uint64_t position)
{
	return (uint32_t *)(r->data + (position & r->mask));
}

/** Bytes that a record of @size bytes takes. */
static uint64_t record_bytes(uint32_t size)
{
	return axb_align_up((uint64_t)size + HEADER_SIZE, HEADER_SIZE);
}

static bool can_ever_fit(const struct ringbuf *r, uint32_t size)
{
	return record_bytes(size) <= (uint64_t)r->mask + 1;
}

/** Move the producer position from @from over @pad and @bytes, and write the pad's header. */
static bool claim(struct ringbuf *r, uint64_t from, uint64_t pad, uint64_t bytes)
{
	uint64_t expected = from;
	if (!axb_compare_exchange_acq_rel(&r->producer, &expected, from + pad + bytes)) {
		return false;
	}
	if (pad != 0) {
		/* Release; pairs with the acquire in axb_ringbuf_read(). */
		axb_store_release(
			header_at(r, from), PAD | WRITTEN | (uint32_t)(pad - HEADER_SIZE));
	}
	return true;
}

/** Claim @bytes in one piece; false when there is no room. */
static bool claim_record(struct ringbuf *r, uint64_t bytes, uint64_t *position)
{
	uint64_t ring = (uint64_t)r->mask + 1;
	for (uint32_t i = 0; i < AXB_MAP_RETRY_MAX; i++) {
		/* The consumer's position first: it never passes the producer's. Acquire; pairs
		 * with the release in consume(): what is free then is zero. */
		uint64_t consumer = axb_load_acquire(&r->consumer);
		uint64_t producer = axb_load_relaxed(&r->producer);
		uint64_t to_end = ring - (producer & r->mask);
		uint64_t pad = bytes > to_end ? to_end : 0;
		uint64_t used = producer - consumer;
		if (used + pad + bytes <= ring) {
			if (claim(r, producer, pad, bytes)) {
				*position = producer + pad;
				return true;
			}
		} else if (axb_load_relaxed(&r->consumer) == consumer) {
			if (bytes <= ring / 2 || pad == 0 || used + pad > ring) {
				return false;
			}
			(void)claim(r, producer, pad, 0);
		}
	}
	return false;
}

static uint8_t *reserve(struct ringbuf *r, uint32_t size)
{
	uint64_t position = 0;
	(void)axb_fetch_add_relaxed(&r->attempts, 1);
	if (!claim_record(r, record_bytes(size), &position)) {
		(void)axb_fetch_add_relaxed(&r->dropped, 1);
		return NULL;
	}
	axb_store_release(header_at(r, position), BUSY | WRITTEN | size);
	return r->data + (position & r->mask) + HEADER_SIZE;
}

void *axb_ringbuf_reserve(struct axb_map *map, uint32_t size)
{
	struct ringbuf *r = ringbuf_of(map);
	return r == NULL || !can_ever_fit(r, size) ? NULL : reserve(r, size);
}

/** Close the open record @record; a pointer that is none is ignored. */
static void close_record(struct axb_map *map, void *record, uint32_t bit)
{
	struct ringbuf *r = ringbuf_of(map);
	if (r == NULL) {
		return;
	}
	uintptr_t offset = (uintptr_t)record - (uintptr_t)r->data;
	if (offset < HEADER_SIZE || offset > r->mask + 1 || offset % HEADER_SIZE != 0) {
		return;
	}
	uint32_t *header = header_at(r, offset - HEADER_SIZE);
	uint32_t value = axb_load_relaxed(header);
	if ((value & BUSY) == 0) {
		return;
	}
	/* Counted before it is published, so that delivered never passes submitted. */
	(void)axb_fetch_add_relaxed(bit == DISCARD ? &r->discarded : &r->submitted, 1);
	/* Release; pairs with the acquire in axb_ringbuf_read(). */
	axb_store_release(header, (value & ~BUSY) | bit);
}

void axb_ringbuf_submit(struct axb_map *map, void *record)
{
	close_record(map, record, 0);
}

void axb_ringbuf_discard(struct axb_map *map, void *record)
{
	close_record(map, record, DISCARD);
}

int64_t axb_ringbuf_output(struct axb_map *map, const void *data, uint32_t size)
{
	struct ringbuf *r = ringbuf_of(map);
	if (r == NULL) {
		return -AXB_EOPNOTSUPP;
	}
	if (!can_ever_fit(r, size)) {
		return -AXB_E2BIG;
	}
	uint8_t *record = reserve(r, size);
	if (record == NULL) {
		return -AXB_EAGAIN;
	}
	if (size != 0) {
		memcpy(record, data, size);
	}
	close_record(map, record, 0);
	return 0;
}

uint32_t axb_ringbuf_record_size(const void *record)
{
	const uint8_t *header = (const uint8_t *)record - HEADER_SIZE;
	return axb_load_relaxed((const uint32_t *)header) & SIZE_MASK;
}

/** Zero @bytes of consumed records and give them back. */
static void consume(struct ringbuf *r, uint64_t position, uint64_t bytes)
{
	memset(header_at(r, position), 0, (size_t)bytes);
	/* Release; pairs with the acquire in claim_record(). */
	axb_store_release(&r->consumer, position + bytes);
}

enum axb_status axb_ringbuf_read(struct axb_map *map, void *to, uint32_t room, uint32_t *size)
{
	struct ringbuf *r = ringbuf_of(map);
	if (r == NULL) {
		return AXB_ERR_UNSUPPORTED;
	}
	for (uint32_t i = 0; i <= r->mask / HEADER_SIZE; i++) {
		uint64_t position = axb_load_relaxed(&r->consumer);
		if (position == axb_load_acquire(&r->producer)) {
			return AXB_ERR_EMPTY;
		}
		/* Acquire; pairs with the releases in reserve(), claim() and close_record(). */
		uint32_t header = axb_load_acquire(header_at(r, position));
		uint32_t length = header & SIZE_MASK;
		uint64_t bytes = record_bytes(length);
		if (header == 0 || (header & BUSY) != 0) {
			return AXB_ERR_EMPTY;
		}
		AXB_CHECK((position & r->mask) + bytes <= (uint64_t)r->mask + 1);
		if ((header & (DISCARD | PAD)) == 0) {
			*size = length;
			if (length > room) {
				return AXB_ERR_FULL;
			}
			if (length != 0) {
				memcpy(to, r->data + (position & r->mask) + HEADER_SIZE, length);
			}
			axb_store_relaxed(&r->delivered, axb_load_relaxed(&r->delivered) + 1);
			consume(r, position, bytes);
			return AXB_OK;
		}
		consume(r, position, bytes);
	}
	return AXB_ERR_EMPTY;
}

void axb_ringbuf_stats(const struct axb_map *map, struct axb_ringbuf_stats *out)
{
	memset(out, 0, sizeof(*out));
	if (map->ops != &axb_map_ringbuf_ops) {
		return;
	}
	const struct ringbuf *r = (const struct ringbuf *)map;
	/* What ends a record before what begins it: no sum then exceeds its whole. */
	out->delivered = axb_load_acquire(&r->delivered);
	out->submitted = axb_load_acquire(&r->submitted);
	out->discarded = axb_load_acquire(&r->discarded);
	out->dropped = axb_load_acquire(&r->dropped);
	out->attempts = axb_load_acquire(&r->attempts);
	out->consumer_position = axb_load_acquire(&r->consumer);
	out->producer_position = axb_load_acquire(&r->producer);
	out->available_bytes = out->producer_position - out->consumer_position;
	out->ring_bytes = (uint64_t)r->mask + 1;
}
