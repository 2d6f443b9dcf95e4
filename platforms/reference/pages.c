/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/pages.h"

#include "platforms/reference/machine.h"
#include "runtime/base/spinlock.h"

/* At the start of what is free. */
struct link {
	struct link *next;
};

#define RANGES_MAX 2u

/* Never given out, and not touched: only what is used is memory of QEMU's host. */
static struct {
	uint64_t next, end;
} fresh[RANGES_MAX];

static struct axb_spinlock lock;
static struct link *pages;
static struct link *blocks;
static uint64_t free_bytes;

static void push(struct link **list, void *memory)
{
	struct link *link = memory;
	link->next = *list;
	*list = link;
}

static void *pop(struct link **list)
{
	struct link *link = *list;
	if (link != NULL) {
		*list = link->next;
	}
	return link;
}

void pages_add(uint64_t start, uint64_t end)
{
	start = (start + PAGES_BLOCK_SIZE - 1) & ~(PAGES_BLOCK_SIZE - 1);
	end &= ~(PAGES_BLOCK_SIZE - 1);
	for (size_t i = 0; i < RANGES_MAX && start < end; i++) {
		if (fresh[i].end == 0) {
			fresh[i].next = start;
			fresh[i].end = end;
			free_bytes += end - start;
			return;
		}
	}
}

static void *take_block(void)
{
	void *block = pop(&blocks);
	for (size_t i = 0; i < RANGES_MAX && block == NULL; i++) {
		if (fresh[i].next < fresh[i].end) {
			block = (void *)(uintptr_t)fresh[i].next;
			fresh[i].next += PAGES_BLOCK_SIZE;
		}
	}
	return block;
}

static void *take_page(void)
{
	if (pages == NULL) {
		uint8_t *block = take_block();
		for (size_t i = PAGES_PER_BLOCK; block != NULL && i > 0; i--) {
			push(&pages, block + (i - 1) * PAGES_PAGE_SIZE);
		}
	}
	return pop(&pages);
}

static void *take(void *(*from)(void), uint64_t size)
{
	axb_spinlock_lock(&lock);
	void *memory = from();
	if (memory != NULL) {
		free_bytes -= size;
	}
	axb_spinlock_unlock(&lock);
	if (memory != NULL) {
		machine_zero(memory, size);
	}
	return memory;
}

void *pages_alloc(void)
{
	return take(take_page, PAGES_PAGE_SIZE);
}

void *pages_alloc_block(void)
{
	return take(take_block, PAGES_BLOCK_SIZE);
}

void *pages_alloc_boot(size_t size)
{
	uint8_t *first = pages_alloc_block();
	for (uint64_t done = PAGES_BLOCK_SIZE; first != NULL && done < size;
		done += PAGES_BLOCK_SIZE) {
		if (pages_alloc_block() != first + done) {
			return NULL;
		}
	}
	return first;
}

static void give(struct link **list, void *memory, uint64_t size)
{
	axb_spinlock_lock(&lock);
	push(list, memory);
	free_bytes += size;
	axb_spinlock_unlock(&lock);
}

void pages_free(void *page)
{
	give(&pages, page, PAGES_PAGE_SIZE);
}

void pages_free_block(void *block)
{
	give(&blocks, block, PAGES_BLOCK_SIZE);
}

uint64_t pages_free_bytes(void)
{
	axb_spinlock_lock(&lock);
	uint64_t bytes = free_bytes;
	axb_spinlock_unlock(&lock);
	return bytes;
}
