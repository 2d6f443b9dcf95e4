/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/arena.h"

#include "runtime/base/bits.h"
#include "runtime/base/mem.h"

void axb_arena_init(struct axb_arena *arena, void *memory, size_t size)
{
	arena->base_ = (uint8_t *)memory;
	arena->size_ = memory == NULL ? 0 : size;
	arena->used_ = 0;
	arena->peak_ = 0;
}

void *axb_arena_alloc(struct axb_arena *arena, size_t size, size_t align)
{
	uintptr_t at = (uintptr_t)arena->base_ + arena->used_;
	size_t padding = (size_t)(axb_align_up(at, align) - at);
	size_t end;
	if (!axb_is_pow2(align) || !axb_add_size(arena->used_, padding, &end) ||
		!axb_add_size(end, size, &end) || end > arena->size_ || arena->base_ == NULL) {
		return NULL;
	}
	uint8_t *memory = arena->base_ + end - size;
	arena->used_ = end;
	if (end > arena->peak_) {
		arena->peak_ = end;
	}
	memset(memory, 0, size);
	return memory;
}

void *axb_arena_alloc_array(struct axb_arena *arena, size_t count, size_t size, size_t align)
{
	size_t total;
	if (!axb_mul_size(count, size, &total)) {
		return NULL;
	}
	return axb_arena_alloc(arena, total, align);
}

size_t axb_arena_mark(const struct axb_arena *arena)
{
	return arena->used_;
}

void axb_arena_reset(struct axb_arena *arena, size_t mark)
{
	if (mark <= arena->used_) {
		arena->used_ = mark;
	}
}

size_t axb_arena_free_bytes(const struct axb_arena *arena)
{
	return arena->size_ - arena->used_;
}

size_t axb_arena_peak_bytes(const struct axb_arena *arena)
{
	return arena->peak_;
}
