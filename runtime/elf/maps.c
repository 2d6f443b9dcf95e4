/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/maps.h"

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/mem.h"

struct reader {
	const struct axb_elf_file *file;
	const struct axb_btf *btf;
	struct axb_object *object;
	struct axb_elf_map_place *places;
	uint32_t section; /**< .maps, 0 = none */
};

static enum axb_status refuse(
	const struct reader *r, enum axb_object_reason reason, const char *name)
{
	return axb_elf_refuse(r->file->why, reason, r->section, 0, name);
}

/* __uint(name, N): a pointer to an array of N elements. Ref: libbpf's bpf_helpers.h. */
static bool read_uint(const struct axb_btf *btf, uint32_t type_id, uint32_t *value)
{
	struct axb_btf_type type;
	uint32_t element;
	if (!axb_btf_resolve(btf, &type_id, &type) || type.kind != AXB_BTF_PTR) {
		return false;
	}
	type_id = type.size_or_type;
	return axb_btf_resolve(btf, &type_id, &type) && type.kind == AXB_BTF_ARRAY &&
	       axb_btf_array(btf, &type, &element, value);
}

/* __type(name, T): a pointer to T. */
static bool read_type_size(const struct axb_btf *btf, uint32_t type_id, uint32_t *size)
{
	struct axb_btf_type type;
	return axb_btf_resolve(btf, &type_id, &type) && type.kind == AXB_BTF_PTR &&
	       axb_btf_size(btf, type.size_or_type, size);
}

static enum axb_status set_size(
	const struct reader *r, uint32_t *field, uint32_t size, const char *map_name)
{
	if (*field != 0 && *field != size) {
		return refuse(r, AXB_OBJECT_MAP_CONFLICT, map_name);
	}
	*field = size;
	return AXB_OK;
}

static enum axb_status read_attribute(const struct reader *r, const struct axb_btf_member *member,
	const char *map_name, struct axb_map_def *def)
{
	uint32_t value = 0;
	bool is_key = axb_streq(member->name, "key");
	if (is_key || axb_streq(member->name, "value")) {
		if (!read_type_size(r->btf, member->type, &value)) {
			return refuse(r, AXB_OBJECT_MAP_DEFINITION, map_name);
		}
		return set_size(r, is_key ? &def->key_size : &def->value_size, value, map_name);
	}
	const struct {
		const char *name;
		uint32_t *field;
	} uints[] = {
		{"type", &def->type},
		{"max_entries", &def->max_entries},
		{"map_flags", &def->flags},
		{"key_size", &def->key_size},
		{"value_size", &def->value_size},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(uints); i++) {
		if (axb_streq(member->name, uints[i].name)) {
			if (!read_uint(r->btf, member->type, &value)) {
				return refuse(r, AXB_OBJECT_MAP_DEFINITION, map_name);
			}
			return set_size(r, uints[i].field, value, map_name);
		}
	}
	return refuse(r, AXB_OBJECT_MAP_ATTRIBUTE, member->name);
}

static enum axb_status read_definition(
	const struct reader *r, const struct axb_btf_type *var, struct axb_map_def *def)
{
	struct axb_btf_type type;
	uint32_t type_id = var->size_or_type;
	memset(def, 0, sizeof(*def));
	if (!axb_btf_resolve(r->btf, &type_id, &type)) {
		return refuse(r, AXB_OBJECT_BTF_REFERENCE, var->name);
	}
	if (type.kind != AXB_BTF_STRUCT) {
		return refuse(r, AXB_OBJECT_MAP_DEFINITION, var->name);
	}
	for (uint32_t i = 0; i < type.count; i++) {
		struct axb_btf_member member;
		if (!axb_btf_member(r->btf, &type, i, &member)) {
			return refuse(r, AXB_OBJECT_MAP_DEFINITION, var->name);
		}
		AXB_TRY(read_attribute(r, &member, var->name, def));
	}
	return AXB_OK;
}

/* The variable called @name in the data section .maps. */
static bool find_var(const struct axb_btf *btf, const char *name, struct axb_btf_type *out)
{
	struct axb_btf_type section;
	if (!axb_btf_find_datasec(btf, ".maps", &section)) {
		return false;
	}
	for (uint32_t i = 0; i < section.count; i++) {
		if (axb_btf_datasec_var(btf, &section, i, out) && axb_streq(out->name, name)) {
			return true;
		}
	}
	return false;
}

static enum axb_status add_map(
	struct reader *r, const struct axb_elf_map_place *place, const struct axb_object_map *map)
{
	struct axb_object *object = r->object;
	if (object->map_count == AXB_OBJECT_MAP_MAX) {
		return refuse(r, AXB_OBJECT_MAP_COUNT, map->name);
	}
	r->places[object->map_count] = *place;
	object->maps[object->map_count++] = *map;
	return AXB_OK;
}

static enum axb_status read_defined_map(struct reader *r, const struct axb_elf_symbol *symbol)
{
	struct axb_btf_type var;
	struct axb_object_map map;
	const struct axb_elf_map_place place = {r->section, symbol->value, false};
	memset(&map, 0, sizeof(map));
	if (axb_strnlen(symbol->name, AXB_NAME_MAX) == AXB_NAME_MAX ||
		!find_var(r->btf, symbol->name, &var)) {
		return refuse(r, AXB_OBJECT_MAP_SYMBOL, symbol->name);
	}
	map.name = var.name;
	map.contents = axb_bytes_of(r->file->bytes.data, 0);
	AXB_TRY(read_definition(r, &var, &map.def));
	return add_map(r, &place, &map);
}

static enum axb_status read_defined_maps(struct reader *r)
{
	if (r->section == 0) {
		return AXB_OK;
	}
	if (r->btf == NULL) {
		return refuse(r, AXB_OBJECT_MAP_NO_BTF, ".maps");
	}
	for (uint32_t i = 0; i < r->file->symbol_count; i++) {
		struct axb_elf_symbol symbol;
		AXB_TRY(axb_elf_symbol(r->file, i, &symbol));
		if (symbol.section == r->section && symbol.type != AXB_STT_SECTION) {
			AXB_TRY(read_defined_map(r, &symbol));
		}
	}
	return AXB_OK;
}

/* ".data" itself, or ".data." and more. */
static bool is_named(const char *name, const char *base)
{
	size_t length = axb_strnlen(base, AXB_NAME_MAX);
	return axb_str_has_prefix(name, base) && (name[length] == '\0' || name[length] == '.');
}

static enum axb_status read_data_section(struct reader *r, uint32_t index)
{
	const struct axb_elf_section *section = &r->file->sections[index];
	bool is_bss = is_named(section->name, ".bss");
	bool is_rodata = is_named(section->name, ".rodata");
	bool is_data = is_named(section->name, ".data");
	if (section->size == 0 || (!is_bss && !is_rodata && !is_data)) {
		return AXB_OK;
	}
	if (section->type != (is_bss ? AXB_SHT_NOBITS : AXB_SHT_PROGBITS) ||
		section->size > UINT32_MAX) {
		return axb_elf_refuse(
			r->file->why, AXB_OBJECT_SECTION_TYPE, index, section->size, section->name);
	}
	const struct axb_elf_map_place place = {index, 0, true};
	const struct axb_object_map map = {
		.name = section->name,
		.def =
			{
				.type = AXB_MAP_TYPE_ARRAY,
				.key_size = sizeof(uint32_t),
				.value_size = (uint32_t)section->size,
				.max_entries = 1,
				.flags = is_rodata ? AXB_BPF_F_RDONLY_PROG : 0,
			},
		.section = index,
		.read_only = is_rodata,
		.contents = is_bss ? axb_bytes_of(r->file->bytes.data, 0) : section->bytes,
	};
	return add_map(r, &place, &map);
}

enum axb_status axb_elf_read_maps(const struct axb_elf_file *file, const struct axb_btf *btf,
	struct axb_arena *arena, struct axb_object *object, struct axb_elf_map_place **places)
{
	struct reader r = {file, btf, object, NULL, axb_elf_find_section(file, ".maps")};
	uint32_t legacy = axb_elf_find_section(file, "maps");
	if (legacy != 0) {
		return axb_elf_refuse(file->why, AXB_OBJECT_MAP_LEGACY, legacy, 0, "maps");
	}
	object->maps = axb_arena_alloc_array(arena, AXB_OBJECT_MAP_MAX,
		sizeof(struct axb_object_map), _Alignof(struct axb_object_map));
	r.places = axb_arena_alloc_array(arena, AXB_OBJECT_MAP_MAX,
		sizeof(struct axb_elf_map_place), _Alignof(struct axb_elf_map_place));
	if (object->maps == NULL || r.places == NULL) {
		return refuse(&r, AXB_OBJECT_MEMORY, "");
	}
	*places = r.places;
	AXB_TRY(read_defined_maps(&r));
	for (uint32_t i = 1; i < file->section_count; i++) {
		AXB_TRY(read_data_section(&r, i));
	}
	return AXB_OK;
}
