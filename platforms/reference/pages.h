/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Free memory, in pages of 4 KiB and blocks of 2 MiB. A block is cut into pages when there are
 * none; pages are never put together again, so what VMs of both kinds give back is used by the next
 * of their kind.
 */
#ifndef AXB_PLATFORMS_REFERENCE_PAGES_H_
#define AXB_PLATFORMS_REFERENCE_PAGES_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PAGES_PAGE_SIZE UINT64_C(0x1000)
#define PAGES_BLOCK_SIZE UINT64_C(0x200000)
#define PAGES_PER_BLOCK (PAGES_BLOCK_SIZE / PAGES_PAGE_SIZE)

/** Give the pool the whole blocks between @start and @end; twice at most. Context: boot. */
void pages_add(uint64_t start, uint64_t end);

/** A page, zeroed (machine_zero()); NULL when memory is out. Context: any, any CPU. */
void *pages_alloc(void);
/** A block, likewise. */
void *pages_alloc_block(void);
/** @size bytes in one piece, rounded up to blocks, not to be freed. Context: boot. */
void *pages_alloc_boot(size_t size);

void pages_free(void *page);
void pages_free_block(void *block);

/** Bytes that are free. */
uint64_t pages_free_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
