/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/mem.h"
#include "runtime/interp/engine.h"
#include "runtime/maps/map.h"

/* Some memory of the program. */
struct extent {
	uint64_t base;
	uint64_t size;
	bool writable;
};

static bool extent_holds(const struct extent *e, uint64_t address, uint64_t size)
{
	return address >= e->base && address - e->base < e->size &&
	       size <= e->size - (address - e->base);
}

void axb_run_zero_frame(const struct axb_frame *frame)
{
	memset((void *)(uintptr_t)frame->zeroed, 0, (size_t)(frame->top - frame->zeroed));
}

void axb_run_forget_frame(struct axb_run *run, const struct axb_frame *frame)
{
	for (unsigned i = 0; i < run->interp->region_count; i++) {
		struct axb_region *region = &run->regions[i];
		if (region->base - (frame->top - frame->size) < frame->size) {
			axb_region_set(region, 0, 0, false);
		}
	}
}

/* The frame that holds the access. What lies below the part that is zeroed is zeroed now, so that
 * a run never sees what was on this CPU's stack before. */
static bool find_frame(struct axb_run *run, uint64_t address, uint64_t size, struct extent *out)
{
	for (uint32_t i = run->depth + 1; i-- > 0;) {
		struct axb_frame *frame = &run->frames[i];
		struct extent whole = {frame->top - frame->size, frame->size, true};
		if (!extent_holds(&whole, address, size)) {
			continue;
		}
		if (address < frame->zeroed) {
			uint64_t low = address & ~(uint64_t)7;
			memset((void *)(uintptr_t)low, 0, (size_t)(frame->zeroed - low));
			frame->zeroed = low;
		}
		*out = (struct extent){frame->zeroed, frame->top - frame->zeroed, true};
		return true;
	}
	return false;
}

static bool find_ctx(const struct axb_run *run, uint64_t address, uint64_t size, struct extent *out)
{
	const struct axb_env *env = run->env;
	*out = (struct extent){
		(uintptr_t)env->ctx, env->ctx_size, env->ctx_writable || run->interp->is_raw};
	return env->ctx != NULL && extent_holds(out, address, size);
}

/* A value, not its padding nor the one behind it. */
static bool find_map_value(
	const struct axb_run *run, uint64_t address, uint64_t size, struct extent *out)
{
	const struct axb_code *code = &run->interp->checked->code;
	for (uint32_t i = 0; i < code->map_count; i++) {
		const struct axb_map *map = code->maps[i];
		uint64_t offset = address - (uintptr_t)map->values;
		if (map->values == NULL || offset >= map->values_size) {
			continue;
		}
		uint64_t base = address - offset % map->value_stride;
		*out = (struct extent){base, map->def.value_size, !map->program_read_only};
		return extent_holds(out, address, size);
	}
	return false;
}

static bool find_record(
	const struct axb_run *run, uint64_t address, uint64_t size, struct extent *out)
{
	for (uint32_t i = 0; i < run->env->reservation_count; i++) {
		const struct axb_reservation *reservation = &run->env->reservations[i];
		*out = (struct extent){(uintptr_t)reservation->record, reservation->size, true};
		if (extent_holds(out, address, size)) {
			return true;
		}
	}
	return false;
}

static bool find_extent(
	struct axb_run *run, uint64_t address, uint64_t size, bool stores, struct extent *out)
{
	bool found = find_frame(run, address, size, out) || find_ctx(run, address, size, out) ||
		     find_map_value(run, address, size, out) ||
		     find_record(run, address, size, out);
	return found && (out->writable || !stores);
}

bool axb_run_resolve(struct axb_run *run, const struct axb_iop *op)
{
	struct extent extent;
	uint32_t size = run->slow_access & 0xff;
	bool stores = (run->slow_access & 0x100) != 0;
	if (!find_extent(run, run->slow_address, size, stores, &extent)) {
		axb_run_fault(run, axb_run_insn_index(run, op) + (run->slow_access >> 16),
			stores ? AXB_RUN_FAULT_STORE : AXB_RUN_FAULT_LOAD, run->slow_address, size);
		return false;
	}
	struct axb_region *region = axb_run_region(run, op->extra);
	axb_region_set(region, extent.base, extent.size, extent.writable);
	return true;
}

bool axb_run_owns(struct axb_run *run, uint64_t address, uint64_t size, bool stores)
{
	struct extent extent;
	return size == 0 || find_extent(run, address, size, stores, &extent);
}

bool axb_run_owns_string(struct axb_run *run, uint64_t address)
{
	struct extent extent;
	if (!find_extent(run, address, 1, false, &extent)) {
		return false;
	}
	uint64_t room = extent.size - (address - extent.base);
	return axb_strnlen((const char *)(uintptr_t)address, (size_t)room) < room;
}
