/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/shmring.h"

#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"

bool shmring_init(struct shmring *ring, void *memory, uint64_t size)
{
	if (size <= SHMRING_DATA_OFFSET) {
		return false;
	}
	*ring = (struct shmring){.header = (struct shmring_header *)memory,
		.data = (uint8_t *)memory + SHMRING_DATA_OFFSET,
		.capacity = size - SHMRING_DATA_OFFSET};
	ring->header->magic = 0;
	ring->header->capacity = ring->capacity;
	ring->header->written = 0;
	ring->header->taken = 0;
	ring->header->state = SHMRING_OPEN;
	/* Release; the reader looks at the rest only when it sees this. */
	axb_store_release(&ring->header->magic, SHMRING_MAGIC);
	return true;
}

uint64_t shmring_room(const struct shmring *ring)
{
	/* Acquire; pairs with the reader's store after it has copied what it takes. */
	uint64_t used = ring->written - axb_load_acquire(&ring->header->taken);
	return used <= ring->capacity ? ring->capacity - used : 0;
}

bool shmring_put(struct shmring *ring, const void *bytes, uint64_t size)
{
	if (size > shmring_room(ring)) {
		return false;
	}
	uint64_t at = ring->written % ring->capacity;
	uint64_t first = size < ring->capacity - at ? size : ring->capacity - at;
	memcpy(ring->data + at, bytes, (size_t)first);
	memcpy(ring->data, (const uint8_t *)bytes + first, (size_t)(size - first));
	ring->written += size;
	/* Release; pairs with the reader's load before it copies. */
	axb_store_release(&ring->header->written, ring->written);
	return true;
}

void shmring_close(struct shmring *ring)
{
	axb_store_release(&ring->header->state, (uint64_t)SHMRING_CLOSED);
}
