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

static void list_relocations(Elf *elf, Elf_Scn *scn, const char *name, FILE *out)
{
	GElf_Shdr header;
	GElf_Shdr symtab;
	Elf_Data *data = elf_getdata(scn, NULL);
	if (gelf_getshdr(scn, &header) == NULL || data == NULL || header.sh_entsize == 0 ||
		gelf_getshdr(elf_getscn(elf, header.sh_link), &symtab) == NULL) {
		return;
	}
	Elf_Data *symbols = elf_getdata(elf_getscn(elf, header.sh_link), NULL);
	for (int i = 0; i < (int)(header.sh_size / header.sh_entsize); i++) {
		GElf_Rel rel;
		GElf_Sym symbol;
		if (gelf_getrel(data, i, &rel) != NULL &&
			gelf_getsym(symbols, (int)GELF_R_SYM(rel.r_info), &symbol) != NULL) {
			fprintf(out,
				"relocation %s+0x%llx type %u symbol '%s' section %u value %llu\n",
				name, (unsigned long long)rel.r_offset,
				(unsigned)GELF_R_TYPE(rel.r_info),
				elf_strptr(elf, symtab.sh_link, symbol.st_name), symbol.st_shndx,
				(unsigned long long)symbol.st_value);
		}
	}
}

static void list_sections(Elf *elf, FILE *out)
{
	size_t names = 0;
	Elf_Scn *scn = NULL;
	elf_getshdrstrndx(elf, &names);
	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		GElf_Shdr header;
		GElf_Shdr target;
		if (gelf_getshdr(scn, &header) == NULL) {
			continue;
		}
		const char *name = elf_strptr(elf, names, header.sh_name);
		fprintf(out, "section %s type %u size %llu\n", name, header.sh_type,
			(unsigned long long)header.sh_size);
		if (header.sh_type == SHT_REL &&
			gelf_getshdr(elf_getscn(elf, header.sh_info), &target) != NULL &&
			(target.sh_flags & SHF_EXECINSTR) != 0) {
			list_relocations(elf, scn, elf_strptr(elf, names, target.sh_name), out);
		}
	}
}

static int list_elf(const char *path, FILE *out)
{
	FILE *file = fopen(path, "rb");
	elf_version(EV_CURRENT);
	Elf *elf = file == NULL ? NULL : elf_begin(fileno(file), ELF_C_READ, NULL);
	if (elf != NULL) {
		list_sections(elf, out);
		elf_end(elf);
	}
	return file == NULL || fclose(file) != 0 || elf == NULL;
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
