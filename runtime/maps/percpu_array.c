/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Kind percpu_array: one plane of values for each CPU, one after the other. Planes begin on cache
 * lines of their own, so that CPUs do not share any: a plane has as many values more as that takes.
 */
#include "runtime/hooks/core.h"
#include "runtime/maps/array_keys.h"

struct percpu_array {
	struct axb_map map;
	size_t plane; /**< bytes of one CPU's values, a multiple of the stride and of a line */
};

struct layout {
	size_t values;
	size_t plane;
	size_t total;
};

static struct layout lay_out(const struct axb_map_def *def, uint32_t cpu_count)
{
	struct axb_map_layout l = {0, false};
	struct layout at = {0, 0, 0};
	size_t stride = (size_t)axb_align_up(def->value_size, sizeof(uint64_t));
	/* The lowest set bit of the stride says how many values make whole lines. */
	size_t low = stride & (~stride + 1);
	size_t step = low >= AXB_CACHE_LINE ? 1 : AXB_CACHE_LINE / low;
	size_t entries = 0;
	if (!axb_add_size(def->max_entries, step - 1, &entries) ||
		!axb_mul_size(entries & ~(step - 1), stride, &at.plane)) {
		return at;
	}
	(void)axb_map_layout_add(&l, 1, sizeof(struct percpu_array));
	at.values = axb_map_layout_add(&l, cpu_count, at.plane);
	at.total = l.wrapped ? 0 : l.size;
	return at;
}

static size_t percpu_size(const struct axb_map_def *def, uint32_t cpu_count)
{
	return lay_out(def, cpu_count).total;
}

static void percpu_init(struct axb_map *map)
{
	struct layout at = lay_out(&map->def, map->cpu_count);
	((struct percpu_array *)map)->plane = at.plane;
	map->values = (uint8_t *)map + at.values;
	map->values_size = at.plane * map->cpu_count;
}

static uint8_t *value_at(const struct axb_map *map, uint32_t index, uint32_t cpu)
{
	const struct percpu_array *array = (const struct percpu_array *)map;
	return map->values + cpu * array->plane + (size_t)index * map->value_stride;
}

static void *percpu_lookup_cpu(struct axb_map *map, const void *key, uint32_t cpu)
{
	uint32_t index = axb_array_index(key);
	if (index >= map->def.max_entries || cpu >= map->cpu_count) {
		return NULL;
	}
	return value_at(map, index, cpu);
}

static void *percpu_lookup(struct axb_map *map, const void *key)
{
	return percpu_lookup_cpu(map, key, axb_plat_cpu_id());
}

static int64_t percpu_update(
	struct axb_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t cpu = axb_plat_cpu_id();
	uint32_t index = axb_array_index(key);
	int64_t refused = axb_array_check_update(map, index, flags);
	if (refused != 0) {
		return refused;
	}
	if (cpu >= map->cpu_count) {
		return -AXB_EINVAL;
	}
	axb_map_copy_value(value_at(map, index, cpu), (const uint8_t *)value, map->def.value_size);
	return 0;
}

const struct axb_map_ops axb_map_percpu_array_ops = {
	.type = AXB_MAP_TYPE_PERCPU_ARRAY,
	.flags = AXB_BPF_F_RDONLY_PROG,
	.per_cpu = true,
	.check = axb_array_check,
	.size = percpu_size,
	.init = percpu_init,
	.lookup = percpu_lookup,
	.lookup_cpu = percpu_lookup_cpu,
	.update = percpu_update,
	.remove = axb_array_remove,
	.next_key = axb_array_next_key,
	.entry_count = axb_array_entry_count,
};
