/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * First-fit allocator of runs of 4 KiB pages over a block that the caller gives; its own
 * bookkeeping lies in the first pages. Any part of a run may be freed by itself.
 * Context: boot, thread; one user at a time.
 */
#ifndef AXB_RUNTIME_BASE_PAGES_H_
#define AXB_RUNTIME_BASE_PAGES_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_PAGE_SIZE 4096u

/** Treat as opaque. */
struct axb_pages {
	uint8_t *base_; /**< page 0 */
	uint8_t *used_; /**< a byte a page: 1 = in use */
	size_t count_;
	size_t free_;
};

/** @return AXB_OK; AXB_ERR_NOMEM when not one page is left after alignment and bookkeeping. */
AXB_MUST_USE enum axb_status axb_pages_init(struct axb_pages *pages, void *memory, size_t size);

/** The longest free run; *@count its pages. NULL (and 0) when all are in use. */
void *axb_pages_alloc_largest(struct axb_pages *pages, size_t *count);

/** Free @count pages at @first, which are in use. @count 0 is allowed. */
void axb_pages_free(struct axb_pages *pages, void *first, size_t count);

/** Pages that are free. */
size_t axb_pages_free_count(const struct axb_pages *pages);

#ifdef __cplusplus
}
#endif

#endif
