/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/pages.h"

#include <stdint.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/mmu.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/mem.h"

extern uint8_t hypervisor_pages_start[];

static struct axb_spinlock lock;
static size_t given_out;

void *pages_alloc(size_t count)
{
	size_t total = (BOARD_RAM_END - (uint64_t)hypervisor_pages_start) / PAGE_SIZE;
	axb_spinlock_lock(&lock);
	size_t first = given_out;
	bool fits = count <= total - first;
	if (fits) {
		given_out += count;
	}
	axb_spinlock_unlock(&lock);
	if (!fits) {
		return NULL;
	}
	void *pages = hypervisor_pages_start + first * PAGE_SIZE;
	memset(pages, 0, count * PAGE_SIZE);
	cache_clean(pages, count * PAGE_SIZE);
	return pages;
}
