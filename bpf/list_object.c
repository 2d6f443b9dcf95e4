/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * list_object OBJECT OUT: what our own reader sees in a BPF object; see inspect.c.
 */
#include <stdio.h>
#include <stdlib.h>

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
	fprintf(out, "btf types %u\nsections %u\nrelocations %u\n", object->btf_type_count,
		object->section_count, object->relocation_count);
}

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
	FILE *out = argc == 3 ? fopen(argv[2], "w") : NULL;
	if (in == NULL || out == NULL) {
		fputs("usage: list_object OBJECT OUT\n", stderr);
		return 2;
	}
	size_t size = fread(file_bytes, 1, sizeof(file_bytes), in);
	struct axb_arena arena;
	struct axb_object *object = NULL;
	struct axb_object_error why;
	axb_arena_init(&arena, memory, sizeof(memory));
	enum axb_status st =
		axb_object_parse(axb_bytes_of(file_bytes, size), &arena, &object, &why);
	if (st == AXB_OK) {
		list_object(object, out);
	} else {
		char text[256];
		struct axb_text t;
		axb_text_init(&t, text, sizeof(text));
		axb_object_explain(&why, &t);
		fprintf(stderr, "%s: %s: %s\n", argv[1], axb_status_name(st), text);
	}
	return fclose(out) != 0 || fclose(in) != 0 || st != AXB_OK;
}
