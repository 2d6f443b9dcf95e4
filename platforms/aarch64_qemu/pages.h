/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Free memory behind the image, given out in pages and never taken back.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_PAGES_H_
#define AXB_PLATFORMS_AARCH64_QEMU_PAGES_H_

#include <stddef.h>

/** @count contiguous pages, zeroed, also as seen with caches off; NULL when there are not as many.
 * Context: boot, thread; any CPU. */
void *pages_alloc(size_t count);

#endif
