/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/global.h"

#include "runtime/base/mem.h"
#include "runtime/elf/file.h"

/* The map that holds data section @section; NULL when none does. */
static struct axb_object_map *map_of(struct axb_object *object, uint32_t section)
{
	for (uint32_t i = 0; i < object->map_count; i++) {
		if (object->maps[i].section == section) {
			return &object->maps[i];
		}
	}
	return NULL;
}

static enum axb_status find_variable(const struct axb_elf_file *file, struct axb_object *object,
	const char *name, struct axb_elf_symbol *symbol, struct axb_object_map **map)
{
	for (uint32_t i = 0; i < file->symbol_count; i++) {
		AXB_TRY(axb_elf_symbol(file, i, symbol));
		if (symbol->type != AXB_STT_OBJECT || symbol->section == AXB_SHN_UNDEF ||
			!axb_streq(symbol->name, name)) {
			continue;
		}
		*map = map_of(object, symbol->section);
		if (*map != NULL) {
			return AXB_OK;
		}
	}
	return AXB_ERR_NOT_FOUND;
}

/* A copy of the map's contents that may be written; .bss has none yet. */
static uint8_t *copy_contents(struct axb_object_map *map, struct axb_arena *arena)
{
	uint8_t *copy = axb_arena_alloc(arena, map->def.value_size, 1);
	if (copy != NULL) {
		if (map->contents.size != 0) {
			memcpy(copy, map->contents.data, map->contents.size);
		}
		map->contents = axb_bytes_of(copy, map->def.value_size);
	}
	return copy;
}

enum axb_status axb_object_set_global(struct axb_object *object, struct axb_bytes elf,
	const struct axb_global *global, struct axb_arena *arena)
{
	struct axb_elf_file file;
	struct axb_elf_symbol symbol;
	struct axb_object_error why;
	struct axb_object_map *map = NULL;
	AXB_TRY(axb_elf_open(&file, elf, arena, &why));
	AXB_TRY(find_variable(&file, object, global->name, &symbol, &map));
	if (symbol.size != 1 && symbol.size != 2 && symbol.size != 4 && symbol.size != 8) {
		return AXB_ERR_UNSUPPORTED;
	}
	if (symbol.size < 8 && global->value >> (8 * symbol.size) != 0) {
		return AXB_ERR_ARG;
	}
	if (symbol.value > map->def.value_size ||
		symbol.size > map->def.value_size - symbol.value) {
		return AXB_ERR_FORMAT;
	}
	uint8_t *contents = copy_contents(map, arena);
	if (contents == NULL) {
		return AXB_ERR_NOMEM;
	}
	memcpy(contents + symbol.value, &global->value, (size_t)symbol.size);
	return AXB_OK;
}
