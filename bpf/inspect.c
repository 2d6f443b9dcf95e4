/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * inspect OBJECT OUT: what libbpf and libelf see in a BPF object, one line a thing, in the words of
 * list_object.c, whose output must be the same.
 */
#include <gelf.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* libbpf calls the map of .rodata "<object>.rodata". */
static const char *map_name(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	const char *dot = strchr(name, '.');
	return bpf_map__is_internal(map) && dot != NULL ? dot : name;
}

static void list_object(const struct bpf_object *object, FILE *out)
{
	struct bpf_program *program;
	struct bpf_map *map;
	bpf_object__for_each_program(program, object)
	{
		fprintf(out, "program %s section %s insns %zu\n", bpf_program__name(program),
			bpf_program__section_name(program), bpf_program__insn_cnt(program));
	}
	bpf_object__for_each_map(map, object)
	{
		/* libbpf asks the kernel to make data mappable; that is not in the object. */
		unsigned flags = bpf_map__map_flags(map) & ~(unsigned)BPF_F_MMAPABLE;
		fprintf(out, "map %s type %d key %u value %u max %u flags %u\n", map_name(map),
			(int)bpf_map__type(map), bpf_map__key_size(map), bpf_map__value_size(map),
			bpf_map__max_entries(map), flags);
	}
	const struct btf *btf = bpf_object__btf(object);
	fprintf(out, "btf types %u\n", btf == NULL ? 0 : btf__type_cnt(btf) - 1);
}

static int list_elf(const char *path, FILE *out)
{
	FILE *file = fopen(path, "rb");
	elf_version(EV_CURRENT);
	Elf *elf = file == NULL ? NULL : elf_begin(fileno(file), ELF_C_READ, NULL);
	size_t sections = 0;
	size_t relocations = 0;
	if (elf == NULL || elf_getshdrnum(elf, &sections) != 0) {
		return 1;
	}
	for (size_t i = 1; i < sections; i++) {
		GElf_Shdr header;
		GElf_Shdr target;
		if (gelf_getshdr(elf_getscn(elf, i), &header) != NULL &&
			header.sh_type == SHT_REL &&
			gelf_getshdr(elf_getscn(elf, header.sh_info), &target) != NULL &&
			(target.sh_flags & SHF_EXECINSTR) != 0) {
			relocations += header.sh_size / header.sh_entsize;
		}
	}
	fprintf(out, "sections %zu\nrelocations %zu\n", sections, relocations);
	elf_end(elf);
	return fclose(file);
}

int main(int argc, char **argv)
{
	FILE *out = argc == 3 ? fopen(argv[2], "w") : NULL;
	if (out == NULL) {
		fputs("usage: inspect OBJECT OUT\n", stderr);
		return 2;
	}
	libbpf_set_print(NULL);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "object");
	/* libbpf knows no hprobe: types do not matter for looking, so any section will do. */
	struct bpf_object *object = bpf_object__open_file(argv[1], &options);
	int status = 1;
	if (object != NULL) {
		list_object(object, out);
		status = list_elf(argv[1], out);
		bpf_object__close(object);
	}
	return fclose(out) != 0 || status != 0;
}
