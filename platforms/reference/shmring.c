/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/shmring.h"

#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

AXB_STATIC_ASSERT(offsetof(struct shmring_header, head) == 64, "as shmring.py has it");
AXB_STATIC_ASSERT(offsetof(struct shmring_header, tail) == 128, "as shmring.py has it");

bool shmring_init(struct shmring *ring, void *memory, uint64_t size)
{
	if (size < 2 * SHMRING_DATA_OFFSET) {
		return false;
	}
	uint64_t room = size - SHMRING_DATA_OFFSET;
	*ring = (struct shmring){
		.header = memory,
		.data = (uint8_t *)memory + SHMRING_DATA_OFFSET,
		.size = UINT64_C(1) << (63 - __builtin_clzll(room)),
	};
	struct shmring_header *header = ring->header;
	memset(header, 0, sizeof(*header));
	header->size = ring->size;
	header->state = SHMRING_OPEN;
	/* Release; the consumer waits for it. */
	axb_store_release(&header->magic, SHMRING_MAGIC);
	return true;
}

uint64_t shmring_room(const struct shmring *ring)
{
	/* Acquire: what the consumer has taken may be written over. */
	uint64_t used = ring->head - axb_load_acquire(&ring->header->tail);
	return used <= ring->size ? ring->size - used : 0;
}

bool shmring_write(struct shmring *ring, const void *bytes, size_t size)
{
	if (size > shmring_room(ring)) {
		return false;
	}
	uint64_t at = ring->head & (ring->size - 1);
	uint64_t first = size < ring->size - at ? size : ring->size - at;
	memcpy(ring->data + at, bytes, (size_t)first);
	memcpy(ring->data, (const uint8_t *)bytes + first, (size_t)(size - first));
	ring->head += size;
	/* Release; the bytes before it. */
	axb_store_release(&ring->header->head, ring->head);
	return true;
}

void shmring_close(struct shmring *ring)
{
	axb_store_release(&ring->header->state, SHMRING_CLOSED);
}
