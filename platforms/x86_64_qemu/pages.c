/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/pages.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/mem.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/reference/package.h"
extern uint8_t hypervisor_pages_start[];
static struct axb_spinlock lock;
struct link {
	struct link *next;
};
static struct link *pages, *blocks;
static struct {
	uint64_t next, end;
} fresh[2];
void pages_init(void)
{
	const struct package_header *package = (const void *)BOARD_PACKAGE_BASE;
	uint64_t size = package->magic == PACKAGE_MAGIC ? package->size : 0;
	fresh[0].next = (uint64_t)hypervisor_pages_start;
	fresh[0].end = BOARD_PACKAGE_BASE;
	fresh[1].next = (BOARD_PACKAGE_BASE + size + 0x1fffff) & ~0x1fffffull;
	fresh[1].end = BOARD_RAM_END;
}
static void *fresh_block(void)
{
	for (int i = 0; i < 2; i++) {
		if (fresh[i].next < fresh[i].end) {
			fresh[i].next += 0x200000;
			return (void *)(fresh[i].next - 0x200000);
		}
	}
	return NULL;
}
static void *pop(struct link **list)
{
	struct link *l = *list;
	if (l) {
		*list = l->next;
	}
	return l;
}
void *pages_alloc_block(void)
{
	axb_spinlock_lock(&lock);
	void *b = pop(&blocks);
	if (b == NULL) {
		b = fresh_block();
	}
	axb_spinlock_unlock(&lock);
	return b ? memset(b, 0, 0x200000) : b;
}
void *pages_alloc(void)
{
	axb_spinlock_lock(&lock);
	if (pages == NULL) {
		uint8_t *b = pop(&blocks);
		if (b == NULL) {
			b = fresh_block();
		}
		for (uint32_t i = b ? 512 : 0; i-- > 0;) {
			struct link *l = (void *)(b + i * 4096u);
			l->next = pages;
			pages = l;
		}
	}
	void *p = pop(&pages);
	axb_spinlock_unlock(&lock);
	return p ? memset(p, 0, 4096) : p;
}
void pages_free_memory(axb_hpa_t hpa, uint64_t size)
{
	struct link *l = (void *)hpa.pa;
	struct link **list = size > 4096 ? &blocks : &pages;
	axb_spinlock_lock(&lock);
	l->next = *list;
	*list = l;
	axb_spinlock_unlock(&lock);
}
void pages_free(void *page)
{
	pages_free_memory((axb_hpa_t){(uint64_t)page}, 4096);
}
