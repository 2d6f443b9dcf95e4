/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A ring of bytes in memory that is shared with a program on the host (shmring.py), which takes
 * them while the hypervisor runs or after its end. One writer, one reader; the reader's position is
 * not trusted. Pure.
 *
 *     one page: struct shmring_header | capacity bytes of data
 */
#ifndef AXB_PLATFORMS_REFERENCE_SHMRING_H_
#define AXB_PLATFORMS_REFERENCE_SHMRING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** "AXBSHMR1". */
#define SHMRING_MAGIC UINT64_C(0x31524d4853425841)
#define SHMRING_DATA_OFFSET 4096u

enum shmring_state {
	SHMRING_OPEN = 1,
	SHMRING_CLOSED = 2, /**< nothing will come any more */
};

/** Little endian. Positions count bytes from the beginning and never go back. */
struct shmring_header {
	uint64_t magic; /**< written last when the ring is made */
	uint64_t capacity;
	uint64_t written;
	uint64_t taken; /**< the reader's */
	uint64_t state;
};

struct shmring {
	struct shmring_header *header;
	uint8_t *data;
	uint64_t capacity;
	uint64_t written;
};

/** Make a ring of @size bytes at @memory, 8-aligned. @return false when it is too small. */
bool shmring_init(struct shmring *ring, void *memory, uint64_t size);

/** How many bytes fit now; 0 also when the reader's position makes no sense. */
uint64_t shmring_room(const struct shmring *ring);

/** Add all of @bytes. @return false when they do not fit; nothing was added then. */
bool shmring_put(struct shmring *ring, const void *bytes, uint64_t size);

void shmring_close(struct shmring *ring);

#ifdef __cplusplus
}
#endif

#endif
