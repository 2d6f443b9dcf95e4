/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/maps/map.h"

#include "runtime/maps/kind.h"

static const struct axb_map_ops *const kinds[] = {
	&axb_map_hash_ops,
	&axb_map_array_ops,
	&axb_map_percpu_array_ops,
	&axb_map_ringbuf_ops,
};

static const struct axb_map_ops *find_kind(uint32_t type)
{
	for (size_t i = 0; i < AXB_ARRAY_COUNT(kinds); i++) {
		if (kinds[i]->type == type) {
			return kinds[i];
		}
	}
	return NULL;
}

static uint64_t field_value(const struct axb_map_def *def, const char *field)
{
	const struct {
		const char *name;
		uint32_t value;
	} fields[] = {
		{"type", def->type},
		{"key_size", def->key_size},
		{"value_size", def->value_size},
		{"max_entries", def->max_entries},
		{"flags", def->flags},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(fields); i++) {
		if (axb_streq(fields[i].name, field)) {
			return fields[i].value;
		}
	}
	return 0;
}

/** Name of the first wrong field; NULL = none. @kind may be NULL. */
static const char *check(
	const struct axb_map_ops *kind, const struct axb_map_def *def, uint32_t cpu_count)
{
	if (kind == NULL) {
		return "type";
	}
	if ((def->flags & ~kind->flags) != 0) {
		return "flags";
	}
	if (cpu_count == 0 || cpu_count > AXB_CPU_MAX) {
		return "cpu_count";
	}
	/* A stride, and a 32-bit offset in a value, must not wrap. */
	if (def->value_size > INT32_MAX) {
		return "value_size";
	}
	return kind->check(def);
}

size_t axb_map_memory_size(const struct axb_map_def *def, uint32_t cpu_count)
{
	const struct axb_map_ops *kind = find_kind(def->type);
	size_t size = 0;
	if (check(kind, def, cpu_count) != NULL) {
		return 0;
	}
	/* The arena may stand anywhere: alignment can cost nearly a line. */
	size = kind->size(def, cpu_count);
	return size != 0 && axb_add_size(size, AXB_CACHE_LINE - 1, &size) ? size : 0;
}

enum axb_status axb_map_create(const struct axb_map_def *def, const char *name, uint32_t cpu_count,
	struct axb_arena *arena, struct axb_map **out, struct axb_map_error *why)
{
	const struct axb_map_ops *kind = find_kind(def->type);
	const char *wrong = check(kind, def, cpu_count);
	if (wrong != NULL) {
		if (why != NULL) {
			why->field = wrong;
			why->value =
				axb_streq(wrong, "cpu_count") ? cpu_count : field_value(def, wrong);
		}
		return kind == NULL ? AXB_ERR_UNSUPPORTED : AXB_ERR_ARG;
	}
	size_t size = kind->size(def, cpu_count);
	struct axb_map *map =
		size == 0 ? NULL : (struct axb_map *)axb_arena_alloc(arena, size, AXB_CACHE_LINE);
	if (map == NULL) {
		return AXB_ERR_NOMEM;
	}
	map->ops = kind;
	map->def = *def;
	(void)axb_strcpy(map->name, sizeof(map->name), name);
	map->program_read_only = (def->flags & AXB_BPF_F_RDONLY_PROG) != 0;
	map->value_stride = (uint32_t)axb_align_up(def->value_size, sizeof(uint64_t));
	map->cpu_count = kind->per_cpu ? cpu_count : 1;
	kind->init(map);
	*out = map;
	return AXB_OK;
}

void *axb_map_lookup(struct axb_map *map, const void *key)
{
	return map->ops->lookup == NULL ? NULL : map->ops->lookup(map, key);
}

void *axb_map_lookup_cpu(struct axb_map *map, const void *key, uint32_t cpu)
{
	return map->ops->lookup_cpu == NULL ? NULL : map->ops->lookup_cpu(map, key, cpu);
}

int64_t axb_map_update(struct axb_map *map, const void *key, const void *value, uint64_t flags)
{
	return map->ops->update == NULL ? -AXB_EOPNOTSUPP
					: map->ops->update(map, key, value, flags);
}

int64_t axb_map_delete(struct axb_map *map, const void *key)
{
	return map->ops->remove == NULL ? -AXB_EOPNOTSUPP : map->ops->remove(map, key);
}

int64_t axb_map_next_key(struct axb_map *map, const void *key, void *next)
{
	return map->ops->next_key == NULL ? -AXB_EOPNOTSUPP : map->ops->next_key(map, key, next);
}

uint32_t axb_map_entry_count(const struct axb_map *map)
{
	return map->ops->entry_count == NULL ? 0 : map->ops->entry_count(map);
}

uint64_t axb_map_busy_count(const struct axb_map *map)
{
	return map->ops->busy_count == NULL ? 0 : map->ops->busy_count(map);
}
