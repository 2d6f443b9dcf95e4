/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Kind array: value i lies at values + i * value_stride.
 * Ref: Linux kernel/bpf/arraymap.c for the error codes.
 */
#include "runtime/maps/array_keys.h"

const char *axb_array_check(const struct axb_map_def *def)
{
	if (def->key_size != sizeof(uint32_t)) {
		return "key_size";
	}
	if (def->value_size == 0) {
		return "value_size";
	}
	return def->max_entries == 0 ? "max_entries" : NULL;
}

int64_t axb_array_next_key(struct axb_map *map, const void *key, void *next)
{
	uint32_t max = map->def.max_entries;
	uint32_t index = key == NULL ? UINT32_MAX : axb_array_index(key);
	if (index == max - 1) {
		return -AXB_ENOENT;
	}
	index = index < max ? index + 1 : 0;
	memcpy(next, &index, sizeof(index));
	return 0;
}

int64_t axb_array_remove(struct axb_map *map, const void *key)
{
	(void)map;
	(void)key;
	return -AXB_EINVAL;
}

uint32_t axb_array_entry_count(const struct axb_map *map)
{
	return map->def.max_entries;
}

int64_t axb_array_check_update(const struct axb_map *map, uint32_t index, uint64_t flags)
{
	if (flags > AXB_BPF_EXIST) {
		return -AXB_EINVAL;
	}
	if (index >= map->def.max_entries) {
		return -AXB_E2BIG;
	}
	return flags == AXB_BPF_NOEXIST ? -AXB_EEXIST : 0;
}

struct layout {
	size_t values;
	size_t total;
};

static struct layout lay_out(const struct axb_map_def *def)
{
	struct axb_map_layout l = {0, false};
	struct layout at;
	(void)axb_map_layout_add(&l, 1, sizeof(struct axb_map));
	at.values = axb_map_layout_add(
		&l, def->max_entries, (size_t)axb_align_up(def->value_size, sizeof(uint64_t)));
	at.total = l.wrapped ? 0 : l.size;
	return at;
}

static size_t array_size(const struct axb_map_def *def, uint32_t cpu_count)
{
	(void)cpu_count;
	return lay_out(def).total;
}

static void array_init(struct axb_map *map)
{
	map->values = (uint8_t *)map + lay_out(&map->def).values;
	map->values_size = (size_t)map->def.max_entries * map->value_stride;
}

static void *array_lookup(struct axb_map *map, const void *key)
{
	uint32_t index = axb_array_index(key);
	if (index >= map->def.max_entries) {
		return NULL;
	}
	return map->values + (size_t)index * map->value_stride;
}

static int64_t array_update(struct axb_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t index = axb_array_index(key);
	int64_t refused = axb_array_check_update(map, index, flags);
	if (refused != 0) {
		return refused;
	}
	axb_map_copy_value(map->values + (size_t)index * map->value_stride, (const uint8_t *)value,
		map->def.value_size);
	return 0;
}

const struct axb_map_ops axb_map_array_ops = {
	.type = AXB_MAP_TYPE_ARRAY,
	.flags = AXB_BPF_F_RDONLY_PROG,
	.check = axb_array_check,
	.size = array_size,
	.init = array_init,
	.lookup = array_lookup,
	.update = array_update,
	.remove = axb_array_remove,
	.next_key = axb_array_next_key,
	.entry_count = axb_array_entry_count,
};
