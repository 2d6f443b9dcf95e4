/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_map_lookup_elem, bpf_map_update_elem, bpf_map_delete_elem. r1 is the struct axb_map.
 */
#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/helpers/helpers.h"
#include "runtime/maps/map.h"

uint64_t axb_helper_map_lookup_elem(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	(void)r3;
	(void)r4;
	(void)r5;
	return (uintptr_t)axb_map_lookup((struct axb_map *)r1, (const void *)r2);
}

uint64_t axb_helper_map_update_elem(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_map *map = (struct axb_map *)r1;
	(void)env;
	(void)r5;
	if (map->program_read_only) {
		return (uint64_t)-AXB_EPERM;
	}
	return (uint64_t)axb_map_update(map, (const void *)r2, (const void *)r3, r4);
}

uint64_t axb_helper_map_delete_elem(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_map *map = (struct axb_map *)r1;
	(void)env;
	(void)r3;
	(void)r4;
	(void)r5;
	if (map->program_read_only) {
		return (uint64_t)-AXB_EPERM;
	}
	return (uint64_t)axb_map_delete(map, (const void *)r2);
}
