/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/line.h"

#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/elf/file.h"

#define BTF_MAGIC 0xeb9fu
#define COLUMN_BITS 10u

/* Where fields lie. Ref: btf.rst sections 2.3 and 4.1, struct btf_header, btf_ext_header. */
#define HEADER_SIZE_AT 4u
#define BTF_STRINGS_AT 16u
#define EXT_LINES_AT 16u

/* The fixed part of struct bpf_line_info; records may be longer. */
struct line_record {
	uint32_t insn_offset; /* bytes, in the section */
	uint32_t file;
	uint32_t text;
	uint32_t line_and_column;
};

/* A place and a size after the header of .BTF or .BTF.ext, as its header says at @at. */
static bool part(struct axb_bytes section, uint32_t at, struct axb_bytes *out)
{
	uint16_t magic;
	uint32_t header_size;
	uint32_t offset;
	uint32_t size;
	return axb_bytes_u16(section, 0, &magic) && magic == BTF_MAGIC &&
	       axb_bytes_u32(section, HEADER_SIZE_AT, &header_size) &&
	       header_size >= at + 2 * sizeof(uint32_t) && axb_bytes_u32(section, at, &offset) &&
	       axb_bytes_u32(section, at + sizeof(uint32_t), &size) &&
	       axb_bytes_slice(section, (uint64_t)header_size + offset, size, out);
}

/* The record with the greatest offset up to @offset among @records. */
static bool nearest_record(
	struct axb_bytes records, uint32_t record_size, uint64_t offset, struct line_record *out)
{
	bool found = false;
	struct line_record record;
	for (uint64_t at = 0; axb_bytes_read(records, at, &record, sizeof(record));
		at += record_size) {
		if (record.insn_offset <= offset &&
			(!found || record.insn_offset >= out->insn_offset)) {
			*out = record;
			found = true;
		}
	}
	return found;
}

/* The table is cut up by section: {name, count, count records} each. */
static bool find_record(struct axb_bytes lines, struct axb_bytes strings, const char *section,
	uint64_t offset, struct line_record *out)
{
	uint32_t record_size;
	if (!axb_bytes_u32(lines, 0, &record_size) || record_size < sizeof(*out)) {
		return false;
	}
	uint64_t at = sizeof(record_size);
	for (uint32_t i = 0; i < AXB_OBJECT_SECTION_MAX; i++) {
		uint32_t name;
		uint32_t count;
		struct axb_bytes records;
		if (!axb_bytes_u32(lines, at, &name) ||
			!axb_bytes_u32(lines, at + sizeof(name), &count) ||
			!axb_bytes_slice(lines, at + sizeof(name) + sizeof(count),
				(uint64_t)count * record_size, &records)) {
			return false;
		}
		const char *text = axb_bytes_cstr(strings, name);
		if (text != NULL && axb_streq(text, section)) {
			return nearest_record(records, record_size, offset, out);
		}
		at += sizeof(name) + sizeof(count) + records.size;
	}
	return false;
}

static const struct axb_object_function *function_of(
	const struct axb_object_prog *prog, uint32_t insn)
{
	for (uint32_t i = 0; i < prog->function_count; i++) {
		const struct axb_object_function *f = &prog->functions[i];
		if (insn >= f->first && insn - f->first < f->insn_count) {
			return f;
		}
	}
	return NULL;
}

bool axb_object_source_line(struct axb_bytes elf, const struct axb_object_prog *prog, uint32_t insn,
	struct axb_arena *arena, struct axb_source_line *out)
{
	struct axb_elf_file file;
	struct axb_object_error why;
	struct axb_bytes strings;
	struct axb_bytes lines;
	struct line_record record;
	const struct axb_object_function *f = function_of(prog, insn);
	if (f == NULL || axb_elf_open(&file, elf, arena, &why) != AXB_OK ||
		f->section >= file.section_count) {
		return false;
	}
	uint32_t btf = axb_elf_find_section(&file, ".BTF");
	uint32_t ext = axb_elf_find_section(&file, ".BTF.ext");
	uint64_t offset = ((uint64_t)f->section_insn + insn - f->first) * sizeof(struct axb_insn);
	if (btf == 0 || ext == 0 || !part(file.sections[btf].bytes, BTF_STRINGS_AT, &strings) ||
		!part(file.sections[ext].bytes, EXT_LINES_AT, &lines) ||
		!find_record(lines, strings, file.sections[f->section].name, offset, &record)) {
		return false;
	}
	out->file = axb_bytes_cstr(strings, record.file);
	out->text = axb_bytes_cstr(strings, record.text);
	out->line = record.line_and_column >> COLUMN_BITS;
	out->column = record.line_and_column & ((1u << COLUMN_BITS) - 1);
	/* A record before the function's first instruction is another function's. */
	return out->file != NULL && out->text != NULL &&
	       record.insn_offset / sizeof(struct axb_insn) >= f->section_insn;
}
