/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The format stands in codegen/symtab/blob.py. axb_symtab_init() checks all of it once:
 *
 * - the parts lie inside the blob;
 * - names are in the order of (name, address), none twice, so that a binary search by name works;
 * - ranks are in the order of (address, rank), each once, so that one by address works;
 * - each record begins where the block table says, and decodes to 1..127 printable characters.
 *
 * After that, reading cannot fail; it goes through bounds-checked access all the same.
 */
#include "runtime/sym/sym.h"

#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define MAGIC 0x4d595358u
#define VERSION 1u
#define HEADER_SIZE 64u
#define BLOCK 16u
#define NAME_MAX 127u
#define TOKEN_FIRST 0x80u
#define TOKEN_MAX 128u
#define RECORD_SHORT 0x80u

/* axb_symtab.fields_: offsets in the blob, and counts. */
enum {
	FIELD_ADDRESSES,
	FIELD_ORDER,
	FIELD_BLOCKS,
	FIELD_NAMES,
	FIELD_TOKENS,
	FIELD_NAMES_SIZE,
	FIELD_TOKEN_COUNT,
	FIELD_TOKEN_TEXT_SIZE,
	FIELD_STORED_COUNT_, /* the ones above stand in the header, in this order */
	FIELD_ORDER_WIDTH = FIELD_STORED_COUNT_,
	FIELD_TOKEN_TEXT,
};

/* Offsets in the header. */
#define AT_MAGIC 0u
#define AT_VERSION 4u
#define AT_ORDER_WIDTH 6u
#define AT_BASE 8u
#define AT_IMAGE_ADDRESS 16u
#define AT_COUNT 24u
#define AT_TOTAL_SIZE 28u
#define AT_FIELDS 32u

AXB_STATIC_ASSERT(AT_FIELDS + 4 * FIELD_STORED_COUNT_ == HEADER_SIZE, "the header's end");

/** A name in the making: record after record, each keeps a part of the one before. */
struct name {
	char text[NAME_MAX + 1];
	uint32_t length;
	char type;
};

static uint32_t u32_at(const struct axb_symtab *t, uint64_t offset)
{
	uint32_t value = 0;
	(void)axb_bytes_u32(t->blob_, offset, &value);
	return value;
}

static uint32_t u16_at(const struct axb_symtab *t, uint64_t offset)
{
	uint16_t value = 0;
	(void)axb_bytes_u16(t->blob_, offset, &value);
	return value;
}

/** Address of the symbol with @rank, less the base. */
static uint32_t address_of(const struct axb_symtab *t, uint32_t rank)
{
	return u32_at(t, t->fields_[FIELD_ADDRESSES] + (uint64_t)rank * 4);
}

/** Rank of the symbol at place @index in the order of addresses. */
static uint32_t rank_at(const struct axb_symtab *t, uint32_t index)
{
	uint64_t offset = t->fields_[FIELD_ORDER] + (uint64_t)index * t->fields_[FIELD_ORDER_WIDTH];
	return t->fields_[FIELD_ORDER_WIDTH] == 2 ? u16_at(t, offset) : u32_at(t, offset);
}

static bool append(struct name *n, const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '!' || text[i] > '~' || n->length == NAME_MAX) {
			return false;
		}
		n->text[n->length++] = (char)text[i];
	}
	return true;
}

static bool append_code(const struct axb_symtab *t, struct name *n, uint8_t code)
{
	struct axb_bytes text;
	uint32_t token = code - TOKEN_FIRST;
	if (code < TOKEN_FIRST) {
		return append(n, &code, 1);
	}
	if (token >= t->fields_[FIELD_TOKEN_COUNT]) {
		return false;
	}
	uint32_t start = u16_at(t, t->fields_[FIELD_TOKENS] + token * 2);
	uint32_t end = u16_at(t, t->fields_[FIELD_TOKENS] + token * 2 + 2);
	return start <= end &&
	       axb_bytes_slice(t->blob_, (uint64_t)t->fields_[FIELD_TOKEN_TEXT] + start,
		       end - start, &text) &&
	       append(n, text.data, text.size);
}

/** The head of a record: of 3 bytes, or of 2 when both numbers are below 16. */
struct head {
	char type;
	uint32_t shared; /**< characters that the name before begins with too */
	uint32_t count;  /**< of codes */
	uint32_t size;   /**< of the head itself */
};

static bool read_head(struct axb_bytes names, uint32_t position, struct head *out)
{
	uint8_t bytes[3] = {0, 0, 0};
	if (!axb_bytes_read(names, position, bytes, 2)) {
		return false;
	}
	out->type = (char)(bytes[0] & 0x7f);
	if ((bytes[0] & RECORD_SHORT) != 0) {
		out->shared = bytes[1] >> 4;
		out->count = bytes[1] & 15;
		out->size = 2;
		return true;
	}
	out->shared = bytes[1];
	out->size = 3;
	if (!axb_bytes_u8(names, (uint64_t)position + 2, &bytes[2])) {
		return false;
	}
	out->count = bytes[2];
	return true;
}

/** Make of @n the name whose record is at *@position of the names, and move on; false: malformed.
 */
static bool decode(const struct axb_symtab *t, uint32_t *position, struct name *n)
{
	struct axb_bytes names;
	struct axb_bytes codes;
	struct head head;
	if (!axb_bytes_slice(
		    t->blob_, t->fields_[FIELD_NAMES], t->fields_[FIELD_NAMES_SIZE], &names) ||
		!read_head(names, *position, &head) ||
		!axb_bytes_slice(names, (uint64_t)*position + head.size, head.count, &codes) ||
		head.shared > n->length) {
		return false;
	}
	n->type = head.type;
	n->length = head.shared;
	for (size_t i = 0; i < codes.size; i++) {
		if (!append_code(t, n, codes.data[i])) {
			return false;
		}
	}
	n->text[n->length] = '\0';
	*position += head.size + head.count;
	return n->length != 0;
}

static uint32_t block_at(const struct axb_symtab *t, uint32_t block)
{
	return u32_at(t, t->fields_[FIELD_BLOCKS] + (uint64_t)block * 4);
}

static int compare(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (int)(uint8_t)*a - (int)(uint8_t)*b;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool check_names(const struct axb_symtab *t)
{
	struct name n = {.length = 0};
	char before[NAME_MAX + 1] = "";
	uint32_t position = 0;
	for (uint32_t rank = 0; rank < t->count_; rank++) {
		if (rank % BLOCK == 0) {
			n.length = 0; /* decode() then refuses a record that shares */
			if (block_at(t, rank / BLOCK) != position) {
				return false;
			}
		}
		if (!decode(t, &position, &n) || !is_letter(n.type)) {
			return false;
		}
		int order = compare(before, n.text);
		if (order > 0 || (order == 0 && address_of(t, rank - 1) >= address_of(t, rank))) {
			return false;
		}
		memcpy(before, n.text, n.length + 1);
	}
	return position == t->fields_[FIELD_NAMES_SIZE];
}

static bool check_order(const struct axb_symtab *t)
{
	for (uint32_t i = 0; i < t->count_; i++) {
		uint32_t rank = rank_at(t, i);
		if (rank >= t->count_) {
			return false;
		}
		if (i == 0) {
			continue;
		}
		uint32_t before = rank_at(t, i - 1);
		if (address_of(t, before) > address_of(t, rank) ||
			(address_of(t, before) == address_of(t, rank) && before >= rank)) {
			return false;
		}
	}
	return true;
}

/** Do the parts lie inside the blob? */
static bool check_parts(const struct axb_symtab *t)
{
	const uint32_t *f = t->fields_;
	uint64_t count = t->count_;
	uint64_t block_count = (count + BLOCK - 1) / BLOCK;
	uint64_t tokens = (uint64_t)f[FIELD_TOKEN_COUNT] * 2 + 2;
	return f[FIELD_TOKEN_COUNT] <= TOKEN_MAX &&
	       (f[FIELD_ORDER_WIDTH] == 2 || f[FIELD_ORDER_WIDTH] == 4) &&
	       axb_bytes_has(t->blob_, f[FIELD_ADDRESSES], count * 4) &&
	       axb_bytes_has(t->blob_, f[FIELD_ORDER], count * f[FIELD_ORDER_WIDTH]) &&
	       axb_bytes_has(t->blob_, f[FIELD_BLOCKS], block_count * 4) &&
	       axb_bytes_has(t->blob_, f[FIELD_NAMES], f[FIELD_NAMES_SIZE]) &&
	       axb_bytes_has(t->blob_, f[FIELD_TOKENS], tokens + f[FIELD_TOKEN_TEXT_SIZE]);
}

static enum axb_status read_header(struct axb_symtab *t)
{
	uint32_t total = u32_at(t, AT_TOTAL_SIZE);
	if (t->blob_.size < HEADER_SIZE) {
		return AXB_ERR_TRUNCATED;
	}
	if (u32_at(t, AT_MAGIC) != MAGIC || u16_at(t, AT_VERSION) != VERSION ||
		total < HEADER_SIZE) {
		return AXB_ERR_FORMAT;
	}
	if (total > t->blob_.size) {
		return AXB_ERR_TRUNCATED;
	}
	t->blob_.size = total;
	t->count_ = u32_at(t, AT_COUNT);
	(void)axb_bytes_u64(t->blob_, AT_BASE, &t->base_);
	for (uint32_t i = 0; i < FIELD_STORED_COUNT_; i++) {
		t->fields_[i] = u32_at(t, AT_FIELDS + i * 4);
	}
	t->fields_[FIELD_ORDER_WIDTH] = u16_at(t, AT_ORDER_WIDTH);
	t->fields_[FIELD_TOKEN_TEXT] =
		t->fields_[FIELD_TOKENS] + t->fields_[FIELD_TOKEN_COUNT] * 2 + 2;
	return AXB_OK;
}

enum axb_status axb_symtab_init(
	struct axb_symtab *table, struct axb_bytes blob, uint64_t start, uint64_t end)
{
	struct axb_symtab t;
	if (start > end) {
		return AXB_ERR_ARG;
	}
	memset(&t, 0, sizeof(t));
	t.blob_ = blob;
	t.start_ = start;
	t.end_ = end;
	AXB_TRY(read_header(&t));
	if (!check_parts(&t) || !check_names(&t) || !check_order(&t)) {
		return AXB_ERR_FORMAT;
	}
	*table = t;
	return AXB_OK;
}

/** The name with @rank, by decoding its block up to it. */
static void read_name(const struct axb_symtab *t, uint32_t rank, struct name *n)
{
	uint32_t position = block_at(t, rank / BLOCK);
	n->length = 0;
	n->type = '?';
	n->text[0] = '\0';
	for (uint32_t i = 0; i <= rank % BLOCK; i++) {
		if (!decode(t, &position, n)) {
			return;
		}
	}
}

/** The number of symbols below (@address, @rank), in the order of addresses. */
static uint32_t lower_bound(const struct axb_symtab *t, uint32_t address, uint32_t rank)
{
	uint32_t low = 0;
	uint32_t high = t->count_;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint32_t mid_rank = rank_at(t, mid);
		uint32_t mid_address = address_of(t, mid_rank);
		if (mid_address < address || (mid_address == address && mid_rank < rank)) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

/** Distance from the symbol at @offset from the base to the next higher one, or to the range's end.
 */
static uint64_t size_of(const struct axb_symtab *t, uint32_t offset)
{
	uint64_t address = t->base_ + offset;
	uint32_t next = offset == UINT32_MAX ? t->count_ : lower_bound(t, offset + 1, 0);
	uint64_t end = t->end_;
	if (next < t->count_) {
		uint64_t next_address = t->base_ + address_of(t, rank_at(t, next));
		end = address < t->end_ && t->end_ < next_address ? t->end_ : next_address;
	}
	return end > address ? end - address : 0;
}

static void fill(const struct axb_symtab *t, uint32_t rank, struct axb_symbol *out)
{
	struct name n;
	uint32_t offset = address_of(t, rank);
	read_name(t, rank, &n);
	memcpy(out->name, n.text, n.length + 1);
	out->type = n.type;
	out->address = t->base_ + offset;
	out->size = size_of(t, offset);
	out->offset = 0;
}

AXB_STATIC_ASSERT(sizeof(((struct axb_symbol *)0)->name) == NAME_MAX + 1, "names fit");

enum axb_status axb_symtab_lookup_address(
	const struct axb_symtab *table, uint64_t address, struct axb_symbol *out)
{
	uint64_t offset = address - table->base_;
	if (address < table->start_ || address >= table->end_ || address < table->base_) {
		return AXB_ERR_NOT_FOUND;
	}
	uint32_t above =
		offset >= UINT32_MAX ? table->count_ : lower_bound(table, (uint32_t)offset + 1, 0);
	if (above == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	/* Of several names of one address, the first; a global one goes before local ones. */
	uint32_t at = address_of(table, rank_at(table, above - 1));
	uint32_t first = lower_bound(table, at, 0);
	fill(table, rank_at(table, first), out);
	for (uint32_t i = first + 1; i < above && i - first < BLOCK && out->type >= 'a'; i++) {
		struct name n;
		read_name(table, rank_at(table, i), &n);
		if (n.type < 'a') {
			fill(table, rank_at(table, i), out);
		}
	}
	out->offset = address - out->address;
	return AXB_OK;
}

/** The last block whose first name is below @name; 0 when none is. */
static uint32_t block_below(const struct axb_symtab *t, const char *name)
{
	uint32_t low = 0;
	uint32_t high = (t->count_ + BLOCK - 1) / BLOCK;
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;
		struct name n;
		read_name(t, mid * BLOCK, &n);
		if (compare(n.text, name) < 0) {
			low = mid;
		} else {
			high = mid;
		}
	}
	return low;
}

enum axb_status axb_symtab_lookup_name(
	const struct axb_symtab *table, const char *name, struct axb_symbol *out)
{
	struct name n = {.length = 0};
	uint32_t rank = table->count_ == 0 ? 0 : block_below(table, name) * BLOCK;
	uint32_t position = table->count_ == 0 ? 0 : block_at(table, rank / BLOCK);
	/* The name is in this block or the first of the next one. */
	for (uint32_t i = 0; i <= BLOCK && rank < table->count_; i++, rank++) {
		if (!decode(table, &position, &n)) {
			break;
		}
		int order = compare(n.text, name);
		if (order == 0) {
			fill(table, rank, out);
			return AXB_OK;
		}
		if (order > 0) {
			break;
		}
	}
	return AXB_ERR_NOT_FOUND;
}

enum axb_status axb_symtab_search(const struct axb_symtab *table, const char *pattern,
	uint32_t *cursor, struct axb_symbol *out)
{
	for (uint32_t i = *cursor; i < table->count_; i++) {
		struct name n;
		uint32_t rank = rank_at(table, i);
		read_name(table, rank, &n);
		if (axb_glob_match(pattern, n.text)) {
			fill(table, rank, out);
			*cursor = i + 1;
			return AXB_OK;
		}
	}
	*cursor = table->count_;
	return AXB_ERR_EMPTY;
}

void axb_symtab_move(struct axb_symtab *table, uint64_t slide)
{
	table->base_ += slide;
}

uint32_t axb_symtab_count(const struct axb_symtab *table)
{
	return table->count_;
}

static struct axb_symtab self;
static uint32_t has_self;

const struct axb_symtab *axb_sym_self(void)
{
	/* Acquire; pairs with the release in axb_sym_set_self(). */
	return axb_load_acquire(&has_self) != 0 ? &self : NULL;
}

enum axb_status axb_sym_set_self(struct axb_bytes blob, uint64_t start, uint64_t end)
{
	uint64_t linked_at = 0;
	if (axb_sym_self() != NULL) {
		return AXB_ERR_EXISTS;
	}
	AXB_TRY(axb_symtab_init(&self, blob, start, end));
	/* An image that runs elsewhere than it was linked moved with its blob. */
	(void)axb_bytes_u64(blob, AT_IMAGE_ADDRESS, &linked_at);
	if (linked_at != 0) {
		self.base_ += (uint64_t)(uintptr_t)blob.data - linked_at;
	}
	axb_store_release(&has_self, 1);
	return AXB_OK;
}

void axb_sym_clear_self(void)
{
	axb_store_release(&has_self, 0);
}
