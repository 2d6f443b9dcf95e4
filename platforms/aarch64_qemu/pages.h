/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Free memory around the image and the package, given out in pages.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_PAGES_H_
#define AXB_PLATFORMS_AARCH64_QEMU_PAGES_H_

#include <stddef.h>
#include <stdint.h>

/** Give the pool the memory from @start to @end. Context: boot. */
void pages_add(uint64_t start, uint64_t end);

/** @count contiguous pages, zeroed, also as seen with caches off; NULL when there are not as many.
 * More than 1: at boot only. Context: boot, thread, trap; any CPU. */
void *pages_alloc(size_t count);

/** The same for 2 MiB, aligned. */
void *pages_alloc_block(void);

/** Give back @count pages of one allocation. */
void pages_free(void *pages, size_t count);

#endif
