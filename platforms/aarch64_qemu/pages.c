/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/pages.h"

#include <stdbool.h>

#include "platforms/aarch64_qemu/mmu.h"
#include "runtime/base/spinlock.h"

#define BLOCK_SIZE UINT64_C(0x200000)
#define BLOCK_PAGES (BLOCK_SIZE / PAGE_SIZE)

struct free_piece {
	struct free_piece *next;
};

static struct axb_spinlock lock;
static struct free_piece *pages;
static struct free_piece *blocks;

static void push(struct free_piece **list, void *memory)
{
	struct free_piece *piece = memory;
	piece->next = *list;
	*list = piece;
}

static void *pop(struct free_piece **list)
{
	struct free_piece *piece = *list;
	if (piece != NULL) {
		*list = piece->next;
	}
	return piece;
}

void pages_add(uint64_t start, uint64_t end)
{
	start = (start + BLOCK_SIZE - 1) & ~(BLOCK_SIZE - 1);
	for (uint64_t at = end & ~(BLOCK_SIZE - 1); at > start; at -= BLOCK_SIZE) {
		push(&blocks, (void *)(at - BLOCK_SIZE));
	}
}

static void *take_page(void)
{
	if (pages == NULL) {
		uint8_t *block = pop(&blocks);
		for (size_t i = BLOCK_PAGES; block != NULL && i > 0; i--) {
			push(&pages, block + (i - 1) * PAGE_SIZE);
		}
	}
	return pop(&pages);
}

/* Contiguous blocks: they are so at boot, when the list is in order. */
static void *take_blocks(size_t count)
{
	uint8_t *first = pop(&blocks);
	for (size_t i = 1; i < count && first != NULL; i++) {
		if (pop(&blocks) != first + i * BLOCK_SIZE) {
			return NULL;
		}
	}
	return first;
}

void *pages_alloc(size_t count)
{
	axb_spinlock_lock(&lock);
	void *memory =
		count == 1 ? take_page() : take_blocks((count + BLOCK_PAGES - 1) / BLOCK_PAGES);
	axb_spinlock_unlock(&lock);
	if (memory != NULL) {
		memory_zero(memory, count * PAGE_SIZE);
	}
	return memory;
}

void *pages_alloc_block(void)
{
	return pages_alloc(BLOCK_PAGES);
}

void pages_free(void *memory, size_t count)
{
	axb_spinlock_lock(&lock);
	push(count == 1 ? &pages : &blocks, memory);
	axb_spinlock_unlock(&lock);
}
