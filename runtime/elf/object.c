/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/object.h"

#include "runtime/base/mem.h"
#include "runtime/elf/btf.h"
#include "runtime/elf/file.h"
#include "runtime/elf/link.h"
#include "runtime/elf/maps.h"

static const struct {
	const char *prefix;
	enum axb_prog_type type;
} program_sections[] = {
	{"tracepoint", AXB_PROG_TYPE_TRACEPOINT},
	{"tp", AXB_PROG_TYPE_TRACEPOINT},
	{"hprobe", AXB_PROG_TYPE_HPROBE},
	{"hretprobe", AXB_PROG_TYPE_HRETPROBE},
	{"kprobe", AXB_PROG_TYPE_KPROBE},
	{"kretprobe", AXB_PROG_TYPE_KRETPROBE},
};

bool axb_section_prog_type(const char *section, enum axb_prog_type *type, const char **target)
{
	if (axb_streq(section, ".text")) {
		*type = AXB_PROG_TYPE_RAW;
		*target = "";
		return true;
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(program_sections); i++) {
		const char *prefix = program_sections[i].prefix;
		size_t length = axb_strnlen(prefix, AXB_NAME_MAX);
		char next = 'x';
		bool is_guest = program_sections[i].type == AXB_PROG_TYPE_KPROBE ||
				program_sections[i].type == AXB_PROG_TYPE_KRETPROBE;
		if (axb_str_has_prefix(section, prefix)) {
			next = section[length];
		}
		/* A guest probe may say its VM: "kprobe@vm1/symbol". */
		if (next == '\0' || next == '/' || (next == '@' && is_guest)) {
			*type = program_sections[i].type;
			*target = section + length + (next == '/' ? 1 : 0);
			return true;
		}
	}
	return false;
}

static enum axb_status read_license(const struct axb_elf_file *file, struct axb_object *object)
{
	uint32_t index = axb_elf_find_section(file, "license");
	object->license = "";
	if (index != 0) {
		object->license = axb_bytes_cstr(file->sections[index].bytes, 0);
		if (object->license == NULL) {
			return axb_elf_refuse(file->why, AXB_OBJECT_STRING, index, 0, "license");
		}
	}
	return AXB_OK;
}

/* CO-RE relocations stand in .BTF.ext, in the third table of its header. Ref: btf.rst section 4. */
static enum axb_status refuse_core(const struct axb_elf_file *file)
{
	uint32_t index = axb_elf_find_section(file, ".BTF.ext");
	uint32_t header_size = 0;
	uint32_t core_size = 0;
	if (index != 0 && axb_bytes_u32(file->sections[index].bytes, 4, &header_size) &&
		header_size >= 32 && axb_bytes_u32(file->sections[index].bytes, 28, &core_size) &&
		core_size != 0) {
		return axb_elf_refuse(file->why, AXB_OBJECT_CORE, index, 28, ".BTF.ext");
	}
	return AXB_OK;
}

static bool has_program(const struct axb_elf_link *link)
{
	for (uint32_t i = 0; i < link->function_count; i++) {
		if (link->functions[i].is_program) {
			return true;
		}
	}
	return false;
}

static enum axb_status read_programs(
	struct axb_elf_link *link, struct axb_arena *arena, struct axb_object *object)
{
	/* An object with nothing but .text: its functions are programs, not subprograms. */
	bool all = !has_program(link);
	object->progs = axb_arena_alloc_array(arena, AXB_OBJECT_PROG_MAX,
		sizeof(struct axb_object_prog), _Alignof(struct axb_object_prog));
	if (object->progs == NULL) {
		return axb_elf_refuse(link->file->why, AXB_OBJECT_MEMORY, 0, 0, "");
	}
	for (uint32_t i = 0; i < link->function_count; i++) {
		const struct axb_elf_function *f = &link->functions[i];
		if (!all && !f->is_program) {
			continue;
		}
		if (object->prog_count == AXB_OBJECT_PROG_MAX) {
			return axb_elf_refuse(
				link->file->why, AXB_OBJECT_PROGRAM_COUNT, 0, 0, f->name);
		}
		AXB_TRY(axb_elf_link_program(link, i, arena, &object->progs[object->prog_count]));
		object->prog_count++;
	}
	if (object->prog_count == 0) {
		return axb_elf_refuse(link->file->why, AXB_OBJECT_NO_PROGRAM, 0, 0, "");
	}
	return AXB_OK;
}

static enum axb_status parse(
	struct axb_elf_file *file, struct axb_arena *arena, struct axb_object *object)
{
	struct axb_btf btf;
	struct axb_elf_link link;
	struct axb_elf_map_place *places = NULL;
	uint32_t btf_section = axb_elf_find_section(file, ".BTF");
	object->has_btf = btf_section != 0;
	if (object->has_btf) {
		AXB_TRY(axb_btf_open(
			&btf, file->sections[btf_section].bytes, btf_section, arena, file->why));
		object->btf_type_count = btf.type_count;
	}
	AXB_TRY(read_license(file, object));
	AXB_TRY(refuse_core(file));
	AXB_TRY(axb_elf_link_open(&link, file, arena));
	AXB_TRY(axb_elf_read_maps(file, object->has_btf ? &btf : NULL, arena, object, &places));
	link.maps = places;
	link.map_count = object->map_count;
	return read_programs(&link, arena, object);
}

enum axb_status axb_object_parse(struct axb_bytes elf, struct axb_arena *arena,
	struct axb_object **out, struct axb_object_error *why)
{
	struct axb_elf_file file;
	memset(why, 0, sizeof(*why));
	struct axb_object *object = AXB_ARENA_NEW(arena, struct axb_object);
	if (object == NULL) {
		return axb_elf_refuse(why, AXB_OBJECT_MEMORY, 0, 0, "");
	}
	AXB_TRY(axb_elf_open(&file, elf, arena, why));
	AXB_TRY(parse(&file, arena, object));
	*out = object;
	return AXB_OK;
}

static const char *const reason_texts[AXB_OBJECT_REASON_COUNT_] = {
	[AXB_OBJECT_OK] = "no error",
#define AXB_X(name, text) [AXB_OBJECT_##name] = (text),
#include "runtime/elf/object_error.def"
#undef AXB_X
};

void axb_object_explain(const struct axb_object_error *error, struct axb_text *out)
{
	if (error->section != 0) {
		axb_text_str(out, "section ");
		axb_text_u64(out, error->section);
		axb_text_str(out, ", at ");
		axb_text_0x(out, error->offset, 1);
		axb_text_str(out, ": ");
	}
	if (error->name[0] != '\0') {
		axb_text_char(out, '\'');
		axb_text_str(out, error->name);
		axb_text_str(out, "': ");
	}
	axb_text_str(out, (unsigned)error->reason < AXB_OBJECT_REASON_COUNT_
				  ? reason_texts[error->reason]
				  : "unknown reason");
}
