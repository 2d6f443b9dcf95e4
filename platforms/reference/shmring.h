/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A ring of bytes in memory that the hypervisor shares with a process of the host (QEMU's ivshmem):
 * how streams leave where there is no semihosting. One producer, one consumer; the producer never
 * trusts what the consumer writes. The consumer is shmring.py. Little endian.
 *
 *     0    magic        "AXBSHMR1"; written last, when all is in place
 *     8    size         of the data, a power of two
 *     16   state        1 open, 2 closed: nothing more will come
 *     64   head         bytes written since the beginning; by the producer
 *     128  tail         bytes taken; by the consumer
 *     4096 data
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
#define SHMRING_OPEN 1u
#define SHMRING_CLOSED 2u
#define SHMRING_DATA_OFFSET 4096u

struct shmring_header {
	uint64_t magic;
	uint64_t size;
	uint32_t state;
	uint32_t reserved[11];
	uint64_t head;
	uint64_t reserved2[7];
	uint64_t tail;
};

/** The producer's side. */
struct shmring {
	struct shmring_header *header;
	uint8_t *data;
	uint64_t size; /**< of the data; what the shared header says is for the consumer */
	uint64_t head;
};

/** Begin a ring in @memory of @size bytes, 64-aligned. @return false when it is too small.
 * Context: thread. */
bool shmring_init(struct shmring *ring, void *memory, uint64_t size);

/** Bytes that can be written now; 0 when the consumer's index makes no sense. */
uint64_t shmring_room(const struct shmring *ring);

/** Write all of @bytes, or nothing. Context: thread. */
bool shmring_write(struct shmring *ring, const void *bytes, size_t size);

/** Nothing more will come. */
void shmring_close(struct shmring *ring);

#ifdef __cplusplus
}
#endif

#endif
