/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The blob, little endian, as codegen/symtab writes it:
 *
 *     0   "AXBSYMS1"
 *     8   u32 count
 *     12  u32 size of the names
 *     16  u32 offset[count]    of each symbol from the start of the range, ascending
 *         u32 name_at[count]   of its name in the names
 *         u32 by_name[count]   the symbols in order of name, then of offset
 *         u8  type[count]      letters of nm
 *         names, NUL-terminated
 *
 * axb_symtab_init() checks all of it, so the lookups read without doubt.
 */
#include "runtime/sym/sym.h"

#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"

#define MAGIC "AXBSYMS1"
#define MAGIC_SIZE 8u
#define COUNT_AT 8u
#define NAMES_SIZE_AT 12u
#define HEADER_SIZE 16u
#define NAME_MAX sizeof(((struct axb_symbol *)0)->name)

/* Sections of the blob, by index in fields_: where they begin. */
enum section {
	SECTION_OFFSETS,
	SECTION_NAME_AT,
	SECTION_BY_NAME,
	SECTION_TYPES,
	SECTION_NAMES,
	SECTION_END,
};

static struct axb_symtab self;
static uint32_t self_is_set; /* store-release after self is complete */

/* Entry @i of a section of u32, which axb_symtab_init() found inside. */
static uint32_t entry(const struct axb_symtab *table, enum section section, uint32_t i)
{
	uint32_t value = 0;
	(void)axb_bytes_u32(table->blob_, table->fields_[section] + 4ull * i, &value);
	return value;
}

static const char *name_of(const struct axb_symtab *table, uint32_t i)
{
	uint32_t at = table->fields_[SECTION_NAMES] + entry(table, SECTION_NAME_AT, i);
	return (const char *)table->blob_.data + at;
}

static int compare(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

/* Find the sections; the blob must be exactly as long as its header says. */
static enum axb_status lay_out(struct axb_symtab *table)
{
	char magic[MAGIC_SIZE];
	uint32_t names_size;
	if (!axb_bytes_read(table->blob_, 0, magic, sizeof(magic)) ||
		!axb_bytes_u32(table->blob_, COUNT_AT, &table->count_) ||
		!axb_bytes_u32(table->blob_, NAMES_SIZE_AT, &names_size)) {
		return AXB_ERR_TRUNCATED;
	}
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0) {
		return AXB_ERR_FORMAT;
	}
	const uint64_t sizes[] = {4, 4, 4, 1};
	uint64_t at = HEADER_SIZE;
	for (uint32_t i = 0; i < SECTION_NAMES; i++) {
		table->fields_[i] = (uint32_t)at;
		at += sizes[i] * table->count_;
	}
	table->fields_[SECTION_NAMES] = (uint32_t)at;
	table->fields_[SECTION_END] = (uint32_t)(at + names_size);
	if (at + names_size > table->blob_.size) {
		return AXB_ERR_TRUNCATED;
	}
	bool exact = at + names_size == table->blob_.size && at + names_size <= UINT32_MAX;
	return exact ? AXB_OK : AXB_ERR_FORMAT;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Its address in the range, its name and type well formed? */
static bool symbol_is_sound(const struct axb_symtab *table, uint32_t i, uint64_t range)
{
	uint8_t type = 0;
	uint32_t offset = entry(table, SECTION_OFFSETS, i);
	(void)axb_bytes_u8(table->blob_, table->fields_[SECTION_TYPES] + (uint64_t)i, &type);
	if (offset >= range || !is_letter(type) ||
		(i > 0 && offset < entry(table, SECTION_OFFSETS, i - 1))) {
		return false;
	}
	uint64_t at = (uint64_t)table->fields_[SECTION_NAMES] + entry(table, SECTION_NAME_AT, i);
	const char *name = axb_bytes_cstr(table->blob_, at);
	return name != NULL && name[0] != '\0' && axb_strnlen(name, NAME_MAX) < NAME_MAX;
}

/* Strictly ascending by name and index: then it names each symbol once. */
static bool order_is_sound(const struct axb_symtab *table, uint32_t i)
{
	uint32_t index = entry(table, SECTION_BY_NAME, i);
	if (index >= table->count_) {
		return false;
	}
	if (i == 0) {
		return true;
	}
	uint32_t before = entry(table, SECTION_BY_NAME, i - 1);
	int order = compare(name_of(table, before), name_of(table, index));
	return order < 0 || (order == 0 && before < index);
}

enum axb_status axb_symtab_init(
	struct axb_symtab *table, struct axb_bytes blob, uint64_t start, uint64_t end)
{
	struct axb_symtab t = {.blob_ = blob, .base_ = start, .start_ = start, .end_ = end};
	if (start > end) {
		return AXB_ERR_ARG;
	}
	AXB_TRY(lay_out(&t));
	for (uint32_t i = 0; i < t.count_; i++) {
		if (!symbol_is_sound(&t, i, end - start)) {
			return AXB_ERR_FORMAT;
		}
	}
	/* Afterwards, because the order compares names. */
	for (uint32_t i = 0; i < t.count_; i++) {
		if (!order_is_sound(&t, i)) {
			return AXB_ERR_FORMAT;
		}
	}
	*table = t;
	return AXB_OK;
}

/* Number of symbols at or below @offset. */
static uint32_t count_up_to(const struct axb_symtab *table, uint64_t offset)
{
	uint32_t low = 0;
	uint32_t high = table->count_;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (entry(table, SECTION_OFFSETS, mid) <= offset) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

static void describe(
	const struct axb_symtab *table, uint32_t i, uint64_t offset, struct axb_symbol *out)
{
	uint32_t at = entry(table, SECTION_OFFSETS, i);
	uint32_t next = count_up_to(table, at);
	uint64_t end = next < table->count_ ? entry(table, SECTION_OFFSETS, next)
					    : table->end_ - table->start_;
	uint8_t type = 0;
	(void)axb_bytes_u8(table->blob_, table->fields_[SECTION_TYPES] + (uint64_t)i, &type);
	(void)axb_strcpy(out->name, sizeof(out->name), name_of(table, i));
	out->address = table->base_ + at;
	out->size = end - at;
	out->offset = offset;
	out->type = (char)type;
}

enum axb_status axb_symtab_lookup_address(
	const struct axb_symtab *table, uint64_t address, struct axb_symbol *out)
{
	if (address < table->start_ || address >= table->end_) {
		return AXB_ERR_NOT_FOUND;
	}
	uint64_t offset = address - table->base_;
	uint32_t count = count_up_to(table, offset);
	if (count == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	/* Of several at one address, the first. */
	uint32_t at = entry(table, SECTION_OFFSETS, count - 1);
	uint32_t first = at == 0 ? 0 : count_up_to(table, at - 1);
	describe(table, first, offset - at, out);
	return AXB_OK;
}

enum axb_status axb_symtab_lookup_name(
	const struct axb_symtab *table, const char *name, struct axb_symbol *out)
{
	/* The first that is not less; equal names stand in order of address. */
	uint32_t low = 0;
	uint32_t high = table->count_;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (compare(name_of(table, entry(table, SECTION_BY_NAME, mid)), name) < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	if (low == table->count_) {
		return AXB_ERR_NOT_FOUND;
	}
	uint32_t index = entry(table, SECTION_BY_NAME, low);
	if (!axb_streq(name_of(table, index), name)) {
		return AXB_ERR_NOT_FOUND;
	}
	describe(table, index, 0, out);
	return AXB_OK;
}

enum axb_status axb_symtab_search(const struct axb_symtab *table, const char *pattern,
	uint32_t *cursor, struct axb_symbol *out)
{
	for (uint32_t i = *cursor; i < table->count_; i++) {
		if (axb_glob_match(pattern, name_of(table, i))) {
			describe(table, i, 0, out);
			*cursor = i + 1;
			return AXB_OK;
		}
	}
	return AXB_ERR_EMPTY;
}

uint32_t axb_symtab_count(const struct axb_symtab *table)
{
	return table->count_;
}

const struct axb_symtab *axb_sym_self(void)
{
	/* Acquire; pairs with the release in axb_sym_set_self(). */
	return axb_load_acquire(&self_is_set) != 0 ? &self : NULL;
}

enum axb_status axb_sym_set_self(struct axb_bytes blob, uint64_t start, uint64_t end)
{
	if (axb_sym_self() != NULL) {
		return AXB_ERR_EXISTS;
	}
	AXB_TRY(axb_symtab_init(&self, blob, start, end));
	axb_store_release(&self_is_set, 1u);
	return AXB_OK;
}

void axb_sym_clear_self(void)
{
	axb_store_release(&self_is_set, 0u);
}
