/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Free memory around the image and the package, given out in pages and blocks of 2 MiB.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PAGES_H_
#define AXB_PLATFORMS_X86_64_QEMU_PAGES_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Give the pool the memory from @start to @end. It is not touched before it is given out: QEMU's
 * host has it only from then on. Context: boot. */
void pages_add(uint64_t start, uint64_t end);

/** @count contiguous pages, zeroed. NULL when there are none. Context: boot. */
void *pages_alloc_at_boot(size_t count);

/** A page, a block, zeroed. NULL when there is none. Context: any CPU, thread and exits. */
void *pages_alloc(void);
void *pages_alloc_block(void);

void pages_free(void *page);
/** A page or a block, by its size. */
void pages_free_memory(axb_hpa_t hpa, uint64_t size);

#ifdef __cplusplus
}
#endif

#endif
