/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/link.h"

#include "runtime/base/mem.h"

#define FUNCTION_MAX 4096u
#define NOT_PLACED UINT32_MAX
#define OPCODE_LDDW 0x18
#define OPCODE_CALL 0x85

static enum axb_status refuse(const struct axb_elf_link *link, enum axb_object_reason reason,
	uint32_t section, uint64_t offset, const char *name)
{
	return axb_elf_refuse(link->file->why, reason, section, offset, name);
}

static uint32_t section_of(axb_elf_place_t place)
{
	return (uint32_t)(place >> 32);
}

static uint32_t insn_of(axb_elf_place_t place)
{
	return (uint32_t)place;
}

/*
 * Heap sort of records that begin with their place: in place, n log n for any input, no recursion.
 */
static void swap_records(uint8_t *a, uint8_t *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = a[i];
		a[i] = b[i];
		b[i] = byte;
	}
}

static axb_elf_place_t place_at(const uint8_t *records, size_t size, size_t index)
{
	axb_elf_place_t place;
	memcpy(&place, records + index * size, sizeof(place));
	return place;
}

static void sift_down(uint8_t *records, size_t size, size_t root, size_t count)
{
	for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
		if (child + 1 < count &&
			place_at(records, size, child) < place_at(records, size, child + 1)) {
			child++;
		}
		if (place_at(records, size, root) >= place_at(records, size, child)) {
			return;
		}
		swap_records(records + root * size, records + child * size, size);
		root = child;
	}
}

static void sort_by_place(void *records, size_t count, size_t size)
{
	uint8_t *bytes = (uint8_t *)records;
	for (size_t root = count / 2; root-- > 0;) {
		sift_down(bytes, size, root, count);
	}
	for (size_t end = count; end-- > 1;) {
		swap_records(bytes, bytes + end * size, size);
		sift_down(bytes, size, 0, end);
	}
}

/* Index of the first record whose place is not below @place. */
static uint32_t lower_bound(const void *records, uint32_t count, size_t size, axb_elf_place_t place)
{
	uint32_t low = 0;
	uint32_t high = count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (place_at((const uint8_t *)records, size, mid) < place) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

/* Functions. */

static bool is_function(const struct axb_elf_file *file, const struct axb_elf_symbol *symbol)
{
	return symbol->type == AXB_STT_FUNC && symbol->section != AXB_SHN_UNDEF &&
	       axb_elf_is_code(&file->sections[symbol->section]);
}

static enum axb_status check_function(
	const struct axb_elf_link *link, const struct axb_elf_symbol *symbol)
{
	const struct axb_elf_section *section = &link->file->sections[symbol->section];
	if (symbol->size == 0 || symbol->size % sizeof(struct axb_insn) != 0 ||
		symbol->value % sizeof(struct axb_insn) != 0 ||
		!axb_bytes_has(section->bytes, symbol->value, symbol->size) ||
		section->size / sizeof(struct axb_insn) > UINT32_MAX) {
		return refuse(link, AXB_OBJECT_FUNCTION_BOUNDS, symbol->section, symbol->value,
			symbol->name);
	}
	bool is_text = axb_streq(section->name, ".text");
	if (!is_text && symbol->binding == AXB_STB_LOCAL) {
		return refuse(link, AXB_OBJECT_STATIC_PROGRAM, symbol->section, symbol->value,
			symbol->name);
	}
	return AXB_OK;
}

/* Count the functions, or, with room for them, take them down. */
static enum axb_status scan_functions(struct axb_elf_link *link, uint32_t *count)
{
	*count = 0;
	for (uint32_t i = 0; i < link->file->symbol_count; i++) {
		struct axb_elf_symbol symbol;
		AXB_TRY(axb_elf_symbol(link->file, i, &symbol));
		if (!is_function(link->file, &symbol)) {
			continue;
		}
		if (link->functions != NULL) {
			AXB_TRY(check_function(link, &symbol));
			link->functions[*count] = (struct axb_elf_function){
				.place = axb_elf_place(symbol.section,
					(uint32_t)(symbol.value / sizeof(struct axb_insn))),
				.insn_count = (uint32_t)(symbol.size / sizeof(struct axb_insn)),
				.name = symbol.name,
				.is_program = !axb_streq(
					link->file->sections[symbol.section].name, ".text"),
			};
		}
		if (++*count > FUNCTION_MAX) {
			return refuse(link, AXB_OBJECT_FUNCTION_COUNT, symbol.section, 0, "");
		}
	}
	return AXB_OK;
}

static enum axb_status collect_functions(struct axb_elf_link *link, struct axb_arena *arena)
{
	AXB_TRY(scan_functions(link, &link->function_count));
	link->functions = axb_arena_alloc_array(arena, link->function_count,
		sizeof(struct axb_elf_function), _Alignof(struct axb_elf_function));
	link->start_of = axb_arena_alloc_array(
		arena, link->function_count, sizeof(uint32_t), _Alignof(uint32_t));
	link->order = axb_arena_alloc_array(
		arena, link->function_count, sizeof(uint32_t), _Alignof(uint32_t));
	if (link->functions == NULL || link->start_of == NULL || link->order == NULL) {
		return refuse(link, AXB_OBJECT_MEMORY, 0, 0, "");
	}
	AXB_TRY(scan_functions(link, &link->function_count));
	sort_by_place(link->functions, link->function_count, sizeof(*link->functions));
	for (uint32_t i = 1; i < link->function_count; i++) {
		const struct axb_elf_function *before = &link->functions[i - 1];
		const struct axb_elf_function *f = &link->functions[i];
		if (before->place + before->insn_count > f->place) {
			return refuse(link, AXB_OBJECT_FUNCTION_OVERLAP, section_of(f->place),
				insn_of(f->place), f->name);
		}
	}
	return AXB_OK;
}

/* Index of the function that starts at @place; function_count when none does. */
static uint32_t find_function(const struct axb_elf_link *link, axb_elf_place_t place)
{
	uint32_t i =
		lower_bound(link->functions, link->function_count, sizeof(*link->functions), place);
	return i < link->function_count && link->functions[i].place == place ? i
									     : link->function_count;
}

/* Relocations. */

/* Is relocation section @index one for code? Those for debug data (BTF) do not matter. */
static enum axb_status relocates_code(const struct axb_elf_link *link, uint32_t index, bool *yes)
{
	const struct axb_elf_section *section = &link->file->sections[index];
	*yes = false;
	if (section->type != AXB_SHT_REL && section->type != AXB_SHT_RELA) {
		return AXB_OK;
	}
	if (section->info == 0 || section->info >= link->file->section_count) {
		return refuse(link, AXB_OBJECT_RELOCATION_SECTION, index, 0, section->name);
	}
	const struct axb_elf_section *target = &link->file->sections[section->info];
	*yes = axb_elf_is_code(target);
	bool is_data = axb_str_has_prefix(target->name, ".data") ||
		       axb_str_has_prefix(target->name, ".rodata") ||
		       axb_str_has_prefix(target->name, ".bss") || axb_streq(target->name, ".maps");
	if (is_data && section->size != 0) {
		return refuse(link, AXB_OBJECT_RELOCATION_DATA, index, 0, section->name);
	}
	if (*yes && (section->type != AXB_SHT_REL || section->entsize != sizeof(struct axb_rel) ||
			    section->size % sizeof(struct axb_rel) != 0)) {
		return refuse(link, AXB_OBJECT_RELOCATION_SECTION, index, 0, section->name);
	}
	return AXB_OK;
}

static enum axb_status read_relocation(
	const struct axb_elf_link *link, uint32_t index, uint64_t entry, uint32_t at)
{
	const struct axb_elf_section *section = &link->file->sections[index];
	struct axb_rel raw;
	if (!axb_bytes_read(section->bytes, entry * sizeof(raw), &raw, sizeof(raw)) ||
		raw.offset % sizeof(struct axb_insn) != 0 ||
		raw.offset >= link->file->sections[section->info].size) {
		return refuse(link, AXB_OBJECT_RELOCATION_BOUNDS, index, entry * sizeof(raw),
			section->name);
	}
	link->relocations[at] = (struct axb_elf_relocation){
		.place = axb_elf_place(
			section->info, (uint32_t)(raw.offset / sizeof(struct axb_insn))),
		.type = (uint32_t)raw.info,
		.symbol = (uint32_t)(raw.info >> 32),
	};
	return AXB_OK;
}

static enum axb_status scan_relocations(struct axb_elf_link *link, uint64_t *count)
{
	*count = 0;
	for (uint32_t i = 1; i < link->file->section_count; i++) {
		bool code = false;
		AXB_TRY(relocates_code(link, i, &code));
		uint64_t entries = code ? link->file->sections[i].size / sizeof(struct axb_rel) : 0;
		if (*count + entries > AXB_INSN_MAX) {
			return refuse(link, AXB_OBJECT_RELOCATION_COUNT, i, 0, "");
		}
		for (uint64_t e = 0; e < entries && link->relocations != NULL; e++) {
			AXB_TRY(read_relocation(link, i, e, (uint32_t)(*count + e)));
		}
		*count += entries;
	}
	return AXB_OK;
}

static enum axb_status collect_relocations(struct axb_elf_link *link, struct axb_arena *arena)
{
	uint64_t count = 0;
	AXB_TRY(scan_relocations(link, &count));
	link->relocations = axb_arena_alloc_array(arena, (size_t)count,
		sizeof(struct axb_elf_relocation), _Alignof(struct axb_elf_relocation));
	if (link->relocations == NULL) {
		return refuse(link, AXB_OBJECT_MEMORY, 0, 0, "");
	}
	AXB_TRY(scan_relocations(link, &count));
	link->relocation_count = (uint32_t)count;
	sort_by_place(link->relocations, (size_t)count, sizeof(*link->relocations));
	for (uint32_t i = 1; i < link->relocation_count; i++) {
		if (link->relocations[i].place == link->relocations[i - 1].place) {
			return refuse(link, AXB_OBJECT_RELOCATION_DUPLICATE,
				section_of(link->relocations[i].place),
				insn_of(link->relocations[i].place), "");
		}
	}
	return AXB_OK;
}

static const struct axb_elf_relocation *find_relocation(
	const struct axb_elf_link *link, axb_elf_place_t place)
{
	uint32_t i = lower_bound(
		link->relocations, link->relocation_count, sizeof(*link->relocations), place);
	return i < link->relocation_count && link->relocations[i].place == place
		       ? &link->relocations[i]
		       : NULL;
}

enum axb_status axb_elf_link_open(
	struct axb_elf_link *link, const struct axb_elf_file *file, struct axb_arena *arena)
{
	memset(link, 0, sizeof(*link));
	link->file = file;
	AXB_TRY(collect_functions(link, arena));
	return collect_relocations(link, arena);
}

/* What an instruction refers to. */
enum reference {
	REFERENCE_NONE,
	REFERENCE_CALL,  /**< local call of a function */
	REFERENCE_FUNC,  /**< lddw of a function */
	REFERENCE_MAP,   /**< lddw of a map */
	REFERENCE_VALUE, /**< lddw of data */
};

struct resolved {
	enum reference kind;
	uint32_t index; /**< function or map */
	int32_t offset; /**< REFERENCE_VALUE: in the data */
};

static enum axb_status resolve_function(const struct axb_elf_link *link, uint32_t section,
	int64_t insn, axb_elf_place_t from, struct resolved *out)
{
	out->index = insn < 0 || insn > UINT32_MAX
			     ? link->function_count
			     : find_function(link, axb_elf_place(section, (uint32_t)insn));
	if (out->index == link->function_count) {
		return refuse(link, AXB_OBJECT_CALL_TARGET, section_of(from), insn_of(from), "");
	}
	return AXB_OK;
}

static enum axb_status resolve_data(const struct axb_elf_link *link,
	const struct axb_elf_symbol *symbol, const struct axb_insn *insn, axb_elf_place_t from,
	struct resolved *out)
{
	for (uint32_t i = 0; i < link->map_count; i++) {
		const struct axb_elf_map_place *map = &link->maps[i];
		if (map->section != symbol->section) {
			continue;
		}
		uint64_t offset = symbol->value + (uint64_t)(int64_t)insn->imm;
		out->index = i;
		if (!map->is_data && map->offset == offset) {
			out->kind = REFERENCE_MAP;
			return AXB_OK;
		}
		if (map->is_data && offset < link->file->sections[map->section].size &&
			offset <= INT32_MAX) {
			out->kind = REFERENCE_VALUE;
			out->offset = (int32_t)offset;
			return AXB_OK;
		}
	}
	return refuse(
		link, AXB_OBJECT_RELOCATION_TARGET, section_of(from), insn_of(from), symbol->name);
}

static enum axb_status resolve_lddw(const struct axb_elf_link *link,
	const struct axb_elf_symbol *symbol, const struct axb_insn *insn, axb_elf_place_t from,
	struct resolved *out)
{
	if (insn->opcode != OPCODE_LDDW || axb_insn_src(*insn) != AXB_LDDW_IMM) {
		return refuse(link, AXB_OBJECT_RELOCATION_INSN, section_of(from), insn_of(from),
			symbol->name);
	}
	if (axb_elf_is_code(&link->file->sections[symbol->section])) {
		uint64_t offset = symbol->value + (uint64_t)(int64_t)insn->imm;
		out->kind = REFERENCE_FUNC;
		return resolve_function(link, symbol->section,
			offset % sizeof(*insn) != 0 ? -1 : (int64_t)(offset / sizeof(*insn)), from,
			out);
	}
	return resolve_data(link, symbol, insn, from, out);
}

static enum axb_status resolve_call(const struct axb_elf_link *link,
	const struct axb_elf_symbol *symbol, const struct axb_insn *insn, axb_elf_place_t from,
	struct resolved *out)
{
	if (insn->opcode != OPCODE_CALL || axb_insn_src(*insn) != AXB_CALL_LOCAL ||
		symbol->value % sizeof(*insn) != 0) {
		return refuse(link, AXB_OBJECT_RELOCATION_INSN, section_of(from), insn_of(from),
			symbol->name);
	}
	out->kind = REFERENCE_CALL;
	return resolve_function(link, symbol->section,
		(int64_t)(symbol->value / sizeof(*insn)) + insn->imm + 1, from, out);
}

static enum axb_status resolve_relocation(const struct axb_elf_link *link,
	const struct axb_elf_relocation *relocation, const struct axb_insn *insn,
	struct resolved *out)
{
	axb_elf_place_t from = relocation->place;
	struct axb_elf_symbol symbol;
	if (relocation->symbol >= link->file->symbol_count) {
		return refuse(
			link, AXB_OBJECT_RELOCATION_SYMBOL, section_of(from), insn_of(from), "");
	}
	AXB_TRY(axb_elf_symbol(link->file, relocation->symbol, &symbol));
	if (symbol.section == AXB_SHN_UNDEF) {
		return refuse(
			link, AXB_OBJECT_EXTERN, section_of(from), insn_of(from), symbol.name);
	}
	if (relocation->type == AXB_R_BPF_64_64) {
		return resolve_lddw(link, &symbol, insn, from, out);
	}
	if (relocation->type == AXB_R_BPF_64_32) {
		return resolve_call(link, &symbol, insn, from, out);
	}
	return refuse(
		link, AXB_OBJECT_RELOCATION_TYPE, section_of(from), insn_of(from), symbol.name);
}

/* What instruction @index of @function refers to. */
static enum axb_status resolve(const struct axb_elf_link *link,
	const struct axb_elf_function *function, uint32_t index, const struct axb_insn *insn,
	struct resolved *out)
{
	axb_elf_place_t place = function->place + index;
	const struct axb_elf_relocation *relocation = find_relocation(link, place);
	out->kind = REFERENCE_NONE;
	if (relocation != NULL) {
		return resolve_relocation(link, relocation, insn, out);
	}
	if (insn->opcode == OPCODE_CALL && axb_insn_src(*insn) == AXB_CALL_LOCAL) {
		out->kind = REFERENCE_CALL;
		return resolve_function(link, section_of(place),
			(int64_t)insn_of(place) + 1 + insn->imm, place, out);
	}
	return AXB_OK;
}

static struct axb_insn insn_at(
	const struct axb_elf_link *link, const struct axb_elf_function *function, uint32_t index)
{
	struct axb_insn insn = {0, 0, 0, 0};
	/* check_function() saw to the bounds. */
	(void)axb_bytes_read(link->file->sections[section_of(function->place)].bytes,
		((uint64_t)insn_of(function->place) + index) * sizeof(insn), &insn, sizeof(insn));
	return insn;
}

/* Give @function a place at the end of the program, unless it has one. */
static enum axb_status place_function(
	struct axb_elf_link *link, uint32_t function, uint32_t *count, uint32_t *insn_count)
{
	const struct axb_elf_function *f = &link->functions[function];
	if (link->start_of[function] != NOT_PLACED) {
		return AXB_OK;
	}
	if (f->insn_count > AXB_INSN_MAX - *insn_count) {
		return refuse(link, AXB_OBJECT_PROGRAM_SIZE, section_of(f->place),
			insn_of(f->place), f->name);
	}
	link->start_of[function] = *insn_count;
	link->order[(*count)++] = function;
	*insn_count += f->insn_count;
	return AXB_OK;
}

/* Find all functions that @entry reaches, breadth first. */
static enum axb_status place_all(
	struct axb_elf_link *link, uint32_t entry, uint32_t *count, uint32_t *insn_count)
{
	for (uint32_t i = 0; i < link->function_count; i++) {
		link->start_of[i] = NOT_PLACED;
	}
	AXB_TRY(place_function(link, entry, count, insn_count));
	for (uint32_t at = 0; at < *count; at++) {
		const struct axb_elf_function *f = &link->functions[link->order[at]];
		for (uint32_t i = 0; i < f->insn_count; i++) {
			struct axb_insn insn = insn_at(link, f, i);
			struct resolved to;
			AXB_TRY(resolve(link, f, i, &insn, &to));
			if (to.kind == REFERENCE_CALL || to.kind == REFERENCE_FUNC) {
				AXB_TRY(place_function(link, to.index, count, insn_count));
			}
		}
	}
	return AXB_OK;
}

static uint8_t with_src(struct axb_insn insn, unsigned src)
{
	return (uint8_t)(axb_insn_dst(insn) | src << 4);
}

/* Write instruction @at of the program; *@insn may be the first half of an lddw, @next its second.
 */
static void apply(const struct axb_elf_link *link, const struct resolved *to, uint32_t at,
	struct axb_insn *insn, struct axb_insn *next)
{
	switch (to->kind) {
	case REFERENCE_CALL:
		insn->imm = (int32_t)(link->start_of[to->index] - at - 1);
		break;
	case REFERENCE_FUNC:
		insn->regs = with_src(*insn, AXB_LDDW_FUNC);
		insn->imm = (int32_t)(link->start_of[to->index] - at - 1);
		break;
	case REFERENCE_MAP:
		insn->regs = with_src(*insn, AXB_LDDW_MAP);
		insn->imm = (int32_t)to->index;
		break;
	case REFERENCE_VALUE:
		insn->regs = with_src(*insn, AXB_LDDW_MAP_VALUE);
		insn->imm = (int32_t)to->index;
		next->imm = to->offset;
		break;
	case REFERENCE_NONE:
		break;
	}
}

static enum axb_status copy_function(
	const struct axb_elf_link *link, uint32_t function, struct axb_object_prog *out)
{
	const struct axb_elf_function *f = &link->functions[function];
	uint32_t start = link->start_of[function];
	for (uint32_t i = 0; i < f->insn_count; i++) {
		out->insns[start + i] = insn_at(link, f, i);
	}
	for (uint32_t i = 0; i < f->insn_count; i++) {
		/* As it stands in the file: the one before may have changed out's copy. */
		struct axb_insn insn = insn_at(link, f, i);
		struct resolved to;
		AXB_TRY(resolve(link, f, i, &insn, &to));
		if (to.kind == REFERENCE_NONE) {
			continue;
		}
		bool is_wide = to.kind != REFERENCE_CALL;
		if (is_wide && i + 1 == f->insn_count) {
			return refuse(link, AXB_OBJECT_RELOCATION_INSN, section_of(f->place),
				insn_of(f->place) + i, f->name);
		}
		apply(link, &to, start + i, &out->insns[start + i],
			is_wide ? &out->insns[start + i + 1] : NULL);
		out->relocation_count += find_relocation(link, f->place + i) != NULL;
	}
	return AXB_OK;
}

static enum axb_status list_functions(const struct axb_elf_link *link, uint32_t count,
	struct axb_arena *arena, struct axb_object_prog *out)
{
	struct axb_object_function *functions = axb_arena_alloc_array(arena, count,
		sizeof(struct axb_object_function), _Alignof(struct axb_object_function));
	if (functions == NULL) {
		return refuse(link, AXB_OBJECT_MEMORY, 0, 0, out->name);
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct axb_elf_function *f = &link->functions[link->order[i]];
		functions[i] = (struct axb_object_function){
			.name = f->name,
			.first = link->start_of[link->order[i]],
			.insn_count = f->insn_count,
			.section = section_of(f->place),
			.section_insn = insn_of(f->place),
		};
	}
	out->functions = functions;
	out->function_count = count;
	return AXB_OK;
}

enum axb_status axb_elf_link_program(struct axb_elf_link *link, uint32_t entry,
	struct axb_arena *arena, struct axb_object_prog *out)
{
	const struct axb_elf_function *f = &link->functions[entry];
	const char *section = link->file->sections[section_of(f->place)].name;
	uint32_t count = 0;
	memset(out, 0, sizeof(*out));
	out->name = f->name;
	out->section = section;
	out->entry_insn_count = f->insn_count;
	if (!axb_section_prog_type(section, &out->type, &out->target)) {
		return refuse(link, AXB_OBJECT_PROGRAM_SECTION, section_of(f->place), 0, section);
	}
	AXB_TRY(place_all(link, entry, &count, &out->insn_count));
	out->insns = axb_arena_alloc_array(
		arena, out->insn_count, sizeof(struct axb_insn), _Alignof(struct axb_insn));
	if (out->insns == NULL) {
		return refuse(link, AXB_OBJECT_MEMORY, 0, 0, f->name);
	}
	for (uint32_t i = 0; i < count; i++) {
		AXB_TRY(copy_function(link, link->order[i], out));
	}
	return list_functions(link, count, arena, out);
}
