/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * list_object OBJECT OUT: what our own reader sees in a BPF object; see inspect.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/elf/file.h"
#include "runtime/elf/object.h"

static uint8_t file_bytes[1 << 20];
static uint8_t memory[8 << 20];

static void list_object(const struct axb_object *object, FILE *out)
{
	for (uint32_t i = 0; i < object->prog_count; i++) {
		const struct axb_object_prog *prog = &object->progs[i];
		fprintf(out, "program %s section %s insns %u\n", prog->name, prog->section,
			prog->entry_insn_count);
	}
	for (uint32_t i = 0; i < object->map_count; i++) {
		const struct axb_object_map *map = &object->maps[i];
		fprintf(out, "map %s type %u key %u value %u max %u flags %u\n", map->name,
			map->def.type, map->def.key_size, map->def.value_size, map->def.max_entries,
			map->def.flags);
	}
	fprintf(out, "btf types %u\n", object->btf_type_count);
}

static void list_relocations(const struct axb_elf_file *file, uint32_t index, FILE *out)
{
	const struct axb_elf_section *section = &file->sections[index];
	for (uint64_t at = 0; at + sizeof(struct axb_rel) <= section->size;
		at += sizeof(struct axb_rel)) {
		struct axb_rel rel;
		struct axb_elf_symbol symbol;
		if (axb_bytes_read(section->bytes, at, &rel, sizeof(rel)) &&
			axb_elf_symbol(file, (uint32_t)(rel.info >> 32), &symbol) == AXB_OK) {
			fprintf(out,
				"relocation %s+0x%llx type %u symbol '%s' section %u value %llu\n",
				file->sections[section->info].name, (unsigned long long)rel.offset,
				(unsigned)rel.info, symbol.name, symbol.section,
				(unsigned long long)symbol.value);
		}
	}
}

/* The reader's view of the file below the object: sections and relocations of code. */
static void list_file(struct axb_bytes bytes, struct axb_arena *arena, FILE *out)
{
	struct axb_elf_file file;
	struct axb_object_error why;
	if (axb_elf_open(&file, bytes, arena, &why) != AXB_OK) {
		return;
	}
	for (uint32_t i = 1; i < file.section_count; i++) {
		const struct axb_elf_section *section = &file.sections[i];
		fprintf(out, "section %s type %u size %llu\n", section->name, section->type,
			(unsigned long long)section->size);
		if (section->type == AXB_SHT_REL &&
			axb_elf_is_code(&file.sections[section->info])) {
			list_relocations(&file, i, out);
		}
	}
}

/* Read a whole file, as far as there is room. */
static size_t read_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	if (in == NULL) {
		return 0;
	}
	size_t size = fread(file_bytes, 1, sizeof(file_bytes), in);
	fclose(in);
	return size;
}

static int list(const char *path, FILE *out)
{
	struct axb_bytes bytes = axb_bytes_of(file_bytes, read_file(path));
	struct axb_arena arena;
	struct axb_object *object = NULL;
	struct axb_object_error why;
	axb_arena_init(&arena, memory, sizeof(memory));
	enum axb_status st = axb_object_parse(bytes, &arena, &object, &why);
	if (st != AXB_OK) {
		char text[256];
		struct axb_text t;
		axb_text_init(&t, text, sizeof(text));
		axb_object_explain(&why, &t);
		fprintf(stderr, "%s: %s: %s\n", path, axb_status_name(st), text);
		return 1;
	}
	list_object(object, out);
	list_file(bytes, &arena, out);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: list_object OBJECT OUT\n", stderr);
		return 2;
	}
	FILE *out = fopen(argv[2], "w");
	if (out == NULL) {
		perror(argv[2]);
		return 1;
	}
	int status = list(argv[1], out);
	return fclose(out) != 0 || status != 0;
}
