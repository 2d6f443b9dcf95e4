/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/pages.h"

#include "platforms/x86_64_qemu/mmu.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"

#define RANGES_MAX 2u
#define BLOCK_MASK ((uint64_t)BLOCK_SIZE - 1)

struct piece {
	struct piece *next;
};

/* Never given out yet. */
static struct {
	uint64_t next, end;
} fresh[RANGES_MAX];

static struct axb_spinlock lock;
static struct piece *pages;
static struct piece *blocks;

static void push(struct piece **list, void *memory)
{
	struct piece *piece = memory;
	piece->next = *list;
	*list = piece;
}

static void *pop(struct piece **list)
{
	struct piece *piece = *list;
	if (piece != NULL) {
		*list = piece->next;
	}
	return piece;
}

void pages_add(uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < RANGES_MAX; i++) {
		if (fresh[i].end == 0) {
			fresh[i].next = (start + BLOCK_MASK) & ~BLOCK_MASK;
			fresh[i].end = end & ~BLOCK_MASK;
			return;
		}
	}
}

static void *take_fresh(uint64_t size)
{
	for (size_t i = 0; i < RANGES_MAX; i++) {
		if (fresh[i].next < fresh[i].end && size <= fresh[i].end - fresh[i].next) {
			fresh[i].next += size;
			return (void *)(fresh[i].next - size);
		}
	}
	return NULL;
}

static void *take_block(void)
{
	void *block = pop(&blocks);
	return block != NULL ? block : take_fresh(BLOCK_SIZE);
}

static void *take_page(void)
{
	if (pages == NULL) {
		uint8_t *block = take_block();
		for (size_t at = BLOCK_SIZE; block != NULL && at > 0; at -= PAGE_SIZE) {
			push(&pages, block + at - PAGE_SIZE);
		}
	}
	return pop(&pages);
}

void *pages_alloc_at_boot(size_t count)
{
	uint64_t size = (count * PAGE_SIZE + BLOCK_MASK) & ~BLOCK_MASK;
	void *memory = take_fresh(size);
	return memory != NULL ? memset(memory, 0, size) : NULL;
}

void *pages_alloc(void)
{
	axb_spinlock_lock(&lock);
	void *page = take_page();
	axb_spinlock_unlock(&lock);
	return page != NULL ? memset(page, 0, PAGE_SIZE) : NULL;
}

void *pages_alloc_block(void)
{
	axb_spinlock_lock(&lock);
	void *block = take_block();
	axb_spinlock_unlock(&lock);
	return block != NULL ? memset(block, 0, BLOCK_SIZE) : NULL;
}

void pages_free_memory(axb_hpa_t hpa, uint64_t size)
{
	axb_spinlock_lock(&lock);
	push(size == PAGE_SIZE ? &pages : &blocks, (void *)hpa.pa);
	axb_spinlock_unlock(&lock);
}

void pages_free(void *page)
{
	pages_free_memory((axb_hpa_t){(uint64_t)page}, PAGE_SIZE);
}
