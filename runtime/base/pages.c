/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/pages.h"

#include "runtime/base/bits.h"
#include "runtime/base/mem.h"

enum axb_status axb_pages_init(struct axb_pages *pages, void *memory, size_t size)
{
	uintptr_t start = (uintptr_t)memory;
	uintptr_t first = (uintptr_t)axb_align_up(start, AXB_PAGE_SIZE);
	size_t lost = (size_t)(first - start);
	if (memory == NULL || size < lost) {
		return AXB_ERR_NOMEM;
	}
	size_t count = (size - lost) / AXB_PAGE_SIZE;
	size_t own = (count + AXB_PAGE_SIZE - 1) / AXB_PAGE_SIZE;
	if (count <= own) {
		return AXB_ERR_NOMEM;
	}
	pages->used_ = (uint8_t *)memory + lost;
	pages->base_ = pages->used_ + own * AXB_PAGE_SIZE;
	pages->count_ = count - own;
	pages->free_ = pages->count_;
	memset(pages->used_, 0, pages->count_);
	return AXB_OK;
}

void *axb_pages_alloc_largest(struct axb_pages *pages, size_t *count)
{
	size_t best = 0;
	size_t best_count = 0;
	for (size_t i = 0; i < pages->count_;) {
		size_t end = i;
		while (end < pages->count_ && pages->used_[end] == 0) {
			end++;
		}
		if (end - i > best_count) {
			best = i;
			best_count = end - i;
		}
		i = end + 1;
	}
	*count = best_count;
	if (best_count == 0) {
		return NULL;
	}
	memset(pages->used_ + best, 1, best_count);
	pages->free_ -= best_count;
	return pages->base_ + best * AXB_PAGE_SIZE;
}

void axb_pages_free(struct axb_pages *pages, void *first, size_t count)
{
	if (count == 0) {
		return;
	}
	size_t index = (size_t)((uint8_t *)first - pages->base_) / AXB_PAGE_SIZE;
	memset(pages->used_ + index, 0, count);
	pages->free_ += count;
}

size_t axb_pages_free_count(const struct axb_pages *pages)
{
	return pages->free_;
}
