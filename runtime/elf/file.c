/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/file.h"

#include "runtime/base/mem.h"

static enum axb_status status_of(enum axb_object_reason reason)
{
	switch (reason) {
	case AXB_OBJECT_MEMORY:
		return AXB_ERR_NOMEM;
	case AXB_OBJECT_SECTION_COUNT:
	case AXB_OBJECT_FUNCTION_COUNT:
	case AXB_OBJECT_PROGRAM_COUNT:
	case AXB_OBJECT_PROGRAM_SIZE:
	case AXB_OBJECT_MAP_COUNT:
	case AXB_OBJECT_BTF_COUNT:
	case AXB_OBJECT_RELOCATION_COUNT:
		return AXB_ERR_LIMIT;
	case AXB_OBJECT_HEADER:
	case AXB_OBJECT_SECTION_BOUNDS:
		return AXB_ERR_TRUNCATED;
	case AXB_OBJECT_PROGRAM_SECTION:
	case AXB_OBJECT_STATIC_PROGRAM:
	case AXB_OBJECT_MAP_LEGACY:
	case AXB_OBJECT_MAP_ATTRIBUTE:
	case AXB_OBJECT_RELOCATION_TYPE:
	case AXB_OBJECT_RELOCATION_DATA:
	case AXB_OBJECT_EXTERN:
	case AXB_OBJECT_CORE:
		return AXB_ERR_UNSUPPORTED;
	default:
		return AXB_ERR_FORMAT;
	}
}

enum axb_status axb_elf_refuse(struct axb_object_error *why, enum axb_object_reason reason,
	uint32_t section, uint64_t offset, const char *name)
{
	why->reason = reason;
	why->section = section;
	why->offset = offset;
	(void)axb_strcpy(why->name, sizeof(why->name), name == NULL ? "" : name);
	return status_of(reason);
}

static enum axb_status check_header(
	struct axb_elf_file *file, struct axb_ehdr *header, struct axb_object_error *why)
{
	static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};
	uint8_t start[4];
	if (!axb_bytes_read(file->bytes, 0, start, sizeof(start)) ||
		memcmp(start, magic, sizeof(magic)) != 0) {
		return axb_elf_refuse(why, AXB_OBJECT_NOT_ELF, 0, 0, "");
	}
	if (!axb_bytes_read(file->bytes, 0, header, sizeof(*header))) {
		return axb_elf_refuse(why, AXB_OBJECT_HEADER, 0, 0, "");
	}
	if (header->ident[AXB_EI_CLASS] != AXB_ELFCLASS64 ||
		header->ident[AXB_EI_DATA] != AXB_ELFDATA2LSB ||
		header->ident[AXB_EI_VERSION] != 1 || header->version != 1 ||
		header->type != AXB_ET_REL || header->machine != AXB_EM_BPF) {
		return axb_elf_refuse(why, AXB_OBJECT_NOT_BPF, 0, header->machine, "");
	}
	if (header->shentsize != sizeof(struct axb_shdr)) {
		return axb_elf_refuse(why, AXB_OBJECT_HEADER, 0, header->shentsize, "");
	}
	if (header->shnum < 2 || header->shnum > AXB_OBJECT_SECTION_MAX ||
		header->shstrndx >= header->shnum) {
		return axb_elf_refuse(why, AXB_OBJECT_SECTION_COUNT, 0, header->shnum, "");
	}
	if (!axb_bytes_has(file->bytes, header->shoff,
		    (uint64_t)header->shnum * sizeof(struct axb_shdr))) {
		return axb_elf_refuse(why, AXB_OBJECT_HEADER, 0, header->shoff, "");
	}
	return AXB_OK;
}

/* One section but for its name. The headers lie inside: check_header() saw to it. */
static enum axb_status read_section(struct axb_elf_file *file, const struct axb_ehdr *header,
	uint32_t index, uint32_t *name_offset)
{
	struct axb_shdr raw;
	struct axb_elf_section *section = &file->sections[index];
	if (!axb_bytes_read(file->bytes, header->shoff + (uint64_t)index * sizeof(raw), &raw,
		    sizeof(raw))) {
		return axb_elf_refuse(file->why, AXB_OBJECT_HEADER, index, header->shoff, "");
	}
	*name_offset = raw.name;
	section->name = "";
	section->type = raw.type;
	section->flags = raw.flags;
	section->size = raw.size;
	section->link = raw.link;
	section->info = raw.info;
	section->entsize = raw.entsize;
	section->bytes = axb_bytes_of(file->bytes.data, 0);
	if (index != 0 && raw.type != AXB_SHT_NOBITS &&
		!axb_bytes_slice(file->bytes, raw.offset, raw.size, &section->bytes)) {
		return axb_elf_refuse(file->why, AXB_OBJECT_SECTION_BOUNDS, index, raw.offset, "");
	}
	return AXB_OK;
}

static enum axb_status read_sections(
	struct axb_elf_file *file, const struct axb_ehdr *header, struct axb_arena *arena)
{
	uint32_t *names =
		axb_arena_alloc_array(arena, header->shnum, sizeof(*names), _Alignof(uint32_t));
	file->sections = axb_arena_alloc_array(arena, header->shnum, sizeof(struct axb_elf_section),
		_Alignof(struct axb_elf_section));
	if (names == NULL || file->sections == NULL) {
		return axb_elf_refuse(file->why, AXB_OBJECT_MEMORY, 0, 0, "");
	}
	file->section_count = header->shnum;
	for (uint32_t i = 0; i < header->shnum; i++) {
		AXB_TRY(read_section(file, header, i, &names[i]));
	}
	if (file->sections[header->shstrndx].type != AXB_SHT_STRTAB) {
		return axb_elf_refuse(file->why, AXB_OBJECT_SECTION_TYPE, header->shstrndx, 0, "");
	}
	struct axb_bytes strings = file->sections[header->shstrndx].bytes;
	if (!axb_elf_is_string_table(strings)) {
		return axb_elf_refuse(file->why, AXB_OBJECT_SECTION_NAME, header->shstrndx, 0, "");
	}
	for (uint32_t i = 1; i < header->shnum; i++) {
		const char *name = axb_elf_string(strings, names[i]);
		if (name == NULL || axb_strnlen(name, AXB_NAME_MAX) == AXB_NAME_MAX) {
			return axb_elf_refuse(file->why, AXB_OBJECT_SECTION_NAME, i, names[i], "");
		}
		file->sections[i].name = name;
	}
	return AXB_OK;
}

static enum axb_status find_symbols(struct axb_elf_file *file)
{
	uint32_t symtab = 0;
	for (uint32_t i = 1; i < file->section_count; i++) {
		if (file->sections[i].type == AXB_SHT_SYMTAB) {
			if (symtab != 0) {
				return axb_elf_refuse(file->why, AXB_OBJECT_NO_SYMTAB, i, 0, "");
			}
			symtab = i;
		}
	}
	if (symtab == 0) {
		return axb_elf_refuse(file->why, AXB_OBJECT_NO_SYMTAB, 0, 0, "");
	}
	const struct axb_elf_section *section = &file->sections[symtab];
	if (section->entsize != sizeof(struct axb_sym) ||
		section->size % sizeof(struct axb_sym) != 0 ||
		section->size / sizeof(struct axb_sym) > UINT32_MAX ||
		section->link >= file->section_count ||
		file->sections[section->link].type != AXB_SHT_STRTAB) {
		return axb_elf_refuse(file->why, AXB_OBJECT_SYMTAB, symtab, 0, section->name);
	}
	file->symbols = section->bytes;
	file->strings = file->sections[section->link].bytes;
	if (!axb_elf_is_string_table(file->strings)) {
		return axb_elf_refuse(
			file->why, AXB_OBJECT_STRING, section->link, file->strings.size, "");
	}
	file->symbol_count = (uint32_t)(section->size / sizeof(struct axb_sym));
	return AXB_OK;
}

enum axb_status axb_elf_open(struct axb_elf_file *file, struct axb_bytes bytes,
	struct axb_arena *arena, struct axb_object_error *why)
{
	struct axb_ehdr header;
	memset(file, 0, sizeof(*file));
	file->bytes = bytes;
	file->why = why;
	AXB_TRY(check_header(file, &header, why));
	AXB_TRY(read_sections(file, &header, arena));
	return find_symbols(file);
}

enum axb_status axb_elf_symbol(
	const struct axb_elf_file *file, uint32_t index, struct axb_elf_symbol *out)
{
	struct axb_sym raw;
	if (!axb_bytes_read(file->symbols, (uint64_t)index * sizeof(raw), &raw, sizeof(raw))) {
		return axb_elf_refuse(file->why, AXB_OBJECT_SYMBOL, 0, index, "");
	}
	const char *name = axb_elf_string(file->strings, raw.name);
	if (name == NULL) {
		return axb_elf_refuse(file->why, AXB_OBJECT_STRING, 0, raw.name, "");
	}
	/* Reserved indices (SHN_ABS: the file's name) belong to no section of ours. */
	if (raw.shndx >= file->section_count && raw.shndx < AXB_SHN_LORESERVE) {
		return axb_elf_refuse(file->why, AXB_OBJECT_SYMBOL, 0, index, name);
	}
	out->name = name;
	out->type = raw.info & 0xf;
	out->binding = raw.info >> 4;
	out->section = raw.shndx < AXB_SHN_LORESERVE ? raw.shndx : AXB_SHN_UNDEF;
	out->value = raw.value;
	out->size = raw.size;
	return AXB_OK;
}

uint32_t axb_elf_find_section(const struct axb_elf_file *file, const char *name)
{
	for (uint32_t i = 1; i < file->section_count; i++) {
		if (axb_streq(file->sections[i].name, name)) {
			return i;
		}
	}
	return 0;
}
