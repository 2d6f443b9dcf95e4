/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Nested page tables of one VM: 4 KiB and 2 MiB leaves. Pure but for pages_alloc() and
 * pages_free(); the caller serializes changes, and flushes what CPUs may have cached after one that
 * takes a permission away.
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_NPT_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_NPT_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/status.h"
#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NPT_PAGE_SIZE 4096u
#define NPT_BLOCK_SIZE 0x200000u

enum npt_permission {
	NPT_READ = 1, /**< always given: nested paging has no way to take only this */
	NPT_WRITE = 2,
	NPT_EXECUTE = 4,
	NPT_ALL = 7,
};

struct npt {
	uint64_t *root;
};

/** An empty table. @return AXB_ERR_NOMEM. */
AXB_MUST_USE enum axb_status npt_init(struct npt *npt);

/** Free all tables; @free_leaf is given the memory of every leaf. A zeroed @npt is allowed. */
void npt_deinit(struct npt *npt, void (*free_leaf)(axb_hpa_t hpa, uint64_t size));

/** Map @size bytes, a page or a block, at @gpa, which is not mapped, with all permissions.
 * @return AXB_ERR_NOMEM; AXB_ERR_EXISTS. */
AXB_MUST_USE enum axb_status npt_map(struct npt *npt, axb_gpa_t gpa, axb_hpa_t hpa, uint64_t size);

/** Where @gpa is in memory. @return false when it is not mapped. */
bool npt_translate(const struct npt *npt, axb_gpa_t gpa, axb_hpa_t *out);

/** Is there a leaf below the 2 MiB of @gpa already, so that no block can be mapped there? */
bool npt_has_pages(const struct npt *npt, axb_gpa_t gpa);

/** Give the page of @gpa @permissions (enum npt_permission). A block is split first, so that the
 * rest of it keeps its own. @return AXB_ERR_NOT_FOUND; AXB_ERR_NOMEM. */
AXB_MUST_USE enum axb_status npt_protect(struct npt *npt, axb_gpa_t gpa, uint32_t permissions);

#ifdef __cplusplus
}
#endif

#endif
