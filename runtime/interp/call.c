/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/interp/engine.h"
#include "runtime/maps/map.h"

static struct axb_map *find_map(const struct axb_run *run, uint64_t address)
{
	const struct axb_code *code = &run->interp->checked->code;
	for (uint32_t i = 0; i < code->map_count; i++) {
		if ((uintptr_t)code->maps[i] == address) {
			return code->maps[i];
		}
	}
	return NULL;
}

static const struct axb_reservation *find_reservation(const struct axb_env *env, uint64_t address)
{
	for (uint32_t i = 0; i < env->reservation_count; i++) {
		if ((uintptr_t)env->reservations[i].record == address) {
			return &env->reservations[i];
		}
	}
	return NULL;
}

/* Memory whose size is the next argument. NULL only where the prototype has it, and with size 0. */
static bool check_sized(
	struct axb_run *run, uint64_t address, uint64_t size, bool stores, bool or_null)
{
	if (address == 0) {
		return or_null && size == 0;
	}
	return axb_run_owns(run, address, size, stores);
}

/* Argument @i of the call. @map: the nearest map argument before it. */
static bool check_arg(
	struct axb_run *run, const struct axb_helper_proto *proto, unsigned i, struct axb_map **map)
{
	uint64_t value = run->regs[1 + i];
	uint64_t next = i + 1 < AXB_HELPER_ARG_MAX ? run->regs[2 + i] : 0;
	switch (proto->args[i]) {
	case AXB_ARG_NONE:
	case AXB_ARG_SCALAR:
	case AXB_ARG_CONST_SCALAR:
	case AXB_ARG_SIZE_OR_ZERO:
		return true;
	case AXB_ARG_SIZE:
		return value != 0;
	case AXB_ARG_MAP:
		*map = find_map(run, value);
		return *map != NULL;
	case AXB_ARG_MAP_KEY:
		return *map != NULL && axb_run_owns(run, value, (*map)->def.key_size, false);
	case AXB_ARG_MAP_VALUE:
		return *map != NULL && axb_run_owns(run, value, (*map)->def.value_size, false);
	case AXB_ARG_MAP_VALUE_OUT:
		return *map != NULL && axb_run_owns(run, value, (*map)->def.value_size, true);
	case AXB_ARG_MEM_READ:
		return check_sized(run, value, next, false, false);
	case AXB_ARG_MEM_WRITE:
		return check_sized(run, value, next, true, false);
	case AXB_ARG_MEM_READ_OR_NULL:
		return check_sized(run, value, next, false, true);
	case AXB_ARG_MEM_WRITE_OR_NULL:
		return check_sized(run, value, next, true, true);
	case AXB_ARG_CTX:
		return value == (uintptr_t)run->env->ctx;
	case AXB_ARG_RINGBUF_RECORD:
		return find_reservation(run->env, value) != NULL;
	case AXB_ARG_STRING:
		return axb_run_owns_string(run, value);
	default:
		/* Callbacks: no helper that is available takes one. */
		return false;
	}
}

static bool check_args(struct axb_run *run, const struct axb_iop *op,
	const struct axb_call_site *site, struct axb_map **map)
{
	if (site->proto == NULL) {
		return true;
	}
	for (unsigned i = 0; i < AXB_HELPER_ARG_MAX; i++) {
		if (!check_arg(run, site->proto, i, map)) {
			axb_run_fault(run, axb_run_insn_index(run, op), AXB_RUN_FAULT_HELPER,
				run->regs[1 + i], site->id);
			return false;
		}
	}
	return true;
}

/* Accesses through the returned pointer are the likely next ones: let them find their region. */
static void note_result(
	struct axb_run *run, const struct axb_call_site *site, const struct axb_map *map)
{
	uint64_t r0 = run->regs[0];
	struct axb_region *region = axb_run_region(run, site->region);
	if (site->proto == NULL) {
		return;
	}
	if (site->proto->ret == AXB_RET_VOID) {
		run->regs[0] = 0;
	} else if (site->region == 0) {
		return; /* a call by register */
	} else if (site->proto->ret == AXB_RET_MAP_VALUE_OR_NULL && r0 != 0 && map != NULL) {
		axb_region_set(region, r0, map->def.value_size, !map->program_read_only);
	} else if (site->proto->ret == AXB_RET_RINGBUF_RECORD_OR_NULL) {
		const struct axb_reservation *found = find_reservation(run->env, r0);
		if (found != NULL) {
			axb_region_set(region, r0, found->size, true);
		}
	}
}

/* A record that was given up is the program's no longer. */
static void forget_record(struct axb_run *run, uint64_t record)
{
	for (unsigned i = 0; i < run->interp->region_count; i++) {
		if (run->regions[i].base == record) {
			axb_region_set(&run->regions[i], 0, 0, false);
		}
	}
}

bool axb_run_call_helper(
	struct axb_run *run, const struct axb_iop *op, const struct axb_call_site *site)
{
	struct axb_map *map = NULL;
	uint64_t *regs = run->regs;
	if (!run->interp->trusted && !check_args(run, op, site, &map)) {
		return false;
	}
	if (site->proto != NULL && site->proto->args[0] == AXB_ARG_RINGBUF_RECORD) {
		forget_record(run, regs[1]);
	}
	regs[0] = site->fn(run->env, regs[1], regs[2], regs[3], regs[4], regs[5]);
	note_result(run, site, map);
	return true;
}

bool axb_run_call_by_id(struct axb_run *run, const struct axb_iop *op, uint64_t id)
{
	const struct axb_helper_table *helpers = run->interp->checked->code.helpers;
	struct axb_call_site site = {.id = (uint32_t)id};
	if (helpers != NULL && id <= UINT32_MAX) {
		site.fn = axb_helper_table_find(helpers, site.id);
		site.proto = axb_helper_proto_by_id(site.id);
	}
	if (site.fn == NULL) {
		axb_run_fault(
			run, axb_run_insn_index(run, op), AXB_RUN_FAULT_HELPER, id, (uint32_t)id);
		return false;
	}
	return axb_run_call_helper(run, op, &site);
}
