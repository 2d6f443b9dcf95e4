/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/elf/btf.h"

#include "runtime/base/mem.h"
#include "runtime/elf/file.h"

#define BTF_MAGIC 0xeb9fu
#define BTF_TYPE_MAX 65536u
/* Typedefs, qualifiers and array dimensions in a row; C programs have a handful. */
#define BTF_CHAIN_MAX 32u

struct btf_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t header_size;
	uint32_t type_offset;
	uint32_t type_size;
	uint32_t string_offset;
	uint32_t string_size;
};

struct btf_type {
	uint32_t name;
	uint32_t info;
	uint32_t size_or_type;
};

/* Bytes after the common part: fixed, and for each of count. Ref: btf.rst section 2.2. */
static const struct {
	uint8_t known;
	uint8_t fixed;
	uint8_t each;
} kinds[AXB_BTF_KIND_COUNT_] = {
	[AXB_BTF_INT] = {1, 4, 0},
	[AXB_BTF_PTR] = {1, 0, 0},
	[AXB_BTF_ARRAY] = {1, 12, 0},
	[AXB_BTF_STRUCT] = {1, 0, 12},
	[AXB_BTF_UNION] = {1, 0, 12},
	[AXB_BTF_ENUM] = {1, 0, 8},
	[AXB_BTF_FWD] = {1, 0, 0},
	[AXB_BTF_TYPEDEF] = {1, 0, 0},
	[AXB_BTF_VOLATILE] = {1, 0, 0},
	[AXB_BTF_CONST] = {1, 0, 0},
	[AXB_BTF_RESTRICT] = {1, 0, 0},
	[AXB_BTF_FUNC] = {1, 0, 0},
	[AXB_BTF_FUNC_PROTO] = {1, 0, 8},
	[AXB_BTF_VAR] = {1, 4, 0},
	[AXB_BTF_DATASEC] = {1, 0, 12},
	[AXB_BTF_FLOAT] = {1, 0, 0},
	[AXB_BTF_DECL_TAG] = {1, 4, 0},
	[AXB_BTF_TYPE_TAG] = {1, 0, 0},
	[AXB_BTF_ENUM64] = {1, 0, 12},
};

/* The type at @offset and where the next one begins. */
static bool type_at(
	const struct axb_btf *btf, uint64_t offset, struct axb_btf_type *out, uint64_t *end)
{
	struct btf_type raw;
	if (!axb_bytes_read(btf->types, offset, &raw, sizeof(raw))) {
		return false;
	}
	uint32_t kind = (raw.info >> 24) & 0x1f;
	if (kind >= AXB_BTF_KIND_COUNT_ || !kinds[kind].known) {
		return false;
	}
	out->kind = (enum axb_btf_kind)kind;
	out->count = raw.info & 0xffff;
	out->size_or_type = raw.size_or_type;
	out->extra = offset + sizeof(raw);
	out->name = axb_elf_string(btf->strings, raw.name);
	uint64_t extra = (uint64_t)kinds[kind].fixed + (uint64_t)kinds[kind].each * out->count;
	*end = out->extra + extra;
	return out->name != NULL && axb_bytes_has(btf->types, out->extra, extra);
}

static enum axb_status read_header(
	struct axb_btf *btf, struct axb_bytes bytes, uint32_t section, struct axb_object_error *why)
{
	struct btf_header header;
	struct axb_bytes body;
	if (!axb_bytes_read(bytes, 0, &header, sizeof(header)) || header.magic != BTF_MAGIC ||
		header.version != 1 || header.header_size < sizeof(header) ||
		header.header_size > bytes.size ||
		!axb_bytes_slice(
			bytes, header.header_size, bytes.size - header.header_size, &body) ||
		!axb_bytes_slice(body, header.type_offset, header.type_size, &btf->types) ||
		!axb_bytes_slice(body, header.string_offset, header.string_size, &btf->strings) ||
		!axb_elf_is_string_table(btf->strings)) {
		return axb_elf_refuse(why, AXB_OBJECT_BTF_HEADER, section, 0, ".BTF");
	}
	return AXB_OK;
}

enum axb_status axb_btf_open(struct axb_btf *btf, struct axb_bytes bytes, uint32_t section,
	struct axb_arena *arena, struct axb_object_error *why)
{
	struct axb_btf_type type;
	uint64_t offset = 0;
	uint64_t end = 0;
	memset(btf, 0, sizeof(*btf));
	AXB_TRY(read_header(btf, bytes, section, why));
	for (offset = 0; offset < btf->types.size; offset = end) {
		if (!type_at(btf, offset, &type, &end)) {
			return axb_elf_refuse(why, AXB_OBJECT_BTF_TYPE, section, offset, ".BTF");
		}
		if (++btf->type_count > BTF_TYPE_MAX) {
			return axb_elf_refuse(why, AXB_OBJECT_BTF_COUNT, section, offset, ".BTF");
		}
	}
	btf->offsets =
		axb_arena_alloc_array(arena, btf->type_count, sizeof(uint32_t), _Alignof(uint32_t));
	if (btf->offsets == NULL) {
		return axb_elf_refuse(why, AXB_OBJECT_MEMORY, section, 0, ".BTF");
	}
	offset = 0;
	for (uint32_t i = 0; i < btf->type_count && type_at(btf, offset, &type, &end); i++) {
		btf->offsets[i] = (uint32_t)offset;
		offset = end;
	}
	return AXB_OK;
}

bool axb_btf_type(const struct axb_btf *btf, uint32_t id, struct axb_btf_type *out)
{
	uint64_t end;
	if (id == 0) {
		memset(out, 0, sizeof(*out));
		out->name = "";
		return true;
	}
	return id <= btf->type_count && type_at(btf, btf->offsets[id - 1], out, &end);
}

static bool is_modifier(enum axb_btf_kind kind)
{
	return kind == AXB_BTF_TYPEDEF || kind == AXB_BTF_VOLATILE || kind == AXB_BTF_CONST ||
	       kind == AXB_BTF_RESTRICT || kind == AXB_BTF_TYPE_TAG;
}

bool axb_btf_resolve(const struct axb_btf *btf, uint32_t *id, struct axb_btf_type *out)
{
	for (uint32_t i = 0; i < BTF_CHAIN_MAX; i++) {
		if (!axb_btf_type(btf, *id, out)) {
			return false;
		}
		if (!is_modifier(out->kind)) {
			return true;
		}
		*id = out->size_or_type;
	}
	return false;
}

bool axb_btf_size(const struct axb_btf *btf, uint32_t id, uint32_t *size)
{
	uint64_t elements = 1;
	for (uint32_t i = 0; i < BTF_CHAIN_MAX; i++) {
		struct axb_btf_type type;
		uint32_t count = 0;
		uint64_t one = 0;
		if (!axb_btf_resolve(btf, &id, &type)) {
			return false;
		}
		switch (type.kind) {
		case AXB_BTF_ARRAY:
			if (!axb_btf_array(btf, &type, &id, &count)) {
				return false;
			}
			elements *= count;
			if (elements > UINT32_MAX) {
				return false;
			}
			continue;
		case AXB_BTF_PTR:
			one = 8;
			break;
		case AXB_BTF_INT:
		case AXB_BTF_STRUCT:
		case AXB_BTF_UNION:
		case AXB_BTF_ENUM:
		case AXB_BTF_ENUM64:
		case AXB_BTF_FLOAT:
			one = type.size_or_type;
			break;
		default:
			return false;
		}
		if (one * elements > UINT32_MAX) {
			return false;
		}
		*size = (uint32_t)(one * elements);
		return true;
	}
	return false;
}

bool axb_btf_member(const struct axb_btf *btf, const struct axb_btf_type *type, uint32_t index,
	struct axb_btf_member *out)
{
	uint32_t raw[3]; /* name, type, offset */
	if (index >= type->count ||
		!axb_bytes_read(btf->types, type->extra + index * sizeof(raw), raw, sizeof(raw))) {
		return false;
	}
	out->name = axb_elf_string(btf->strings, raw[0]);
	out->type = raw[1];
	return out->name != NULL;
}

bool axb_btf_array(const struct axb_btf *btf, const struct axb_btf_type *type, uint32_t *element,
	uint32_t *count)
{
	uint32_t raw[3]; /* element type, index type, element count */
	if (!axb_bytes_read(btf->types, type->extra, raw, sizeof(raw))) {
		return false;
	}
	*element = raw[0];
	*count = raw[2];
	return true;
}

bool axb_btf_datasec_var(const struct axb_btf *btf, const struct axb_btf_type *type, uint32_t index,
	struct axb_btf_type *out)
{
	uint32_t raw[3]; /* type, offset, size */
	return index < type->count &&
	       axb_bytes_read(btf->types, type->extra + index * sizeof(raw), raw, sizeof(raw)) &&
	       axb_btf_type(btf, raw[0], out) && out->kind == AXB_BTF_VAR;
}

bool axb_btf_find_datasec(const struct axb_btf *btf, const char *name, struct axb_btf_type *out)
{
	for (uint32_t id = 1; id <= btf->type_count; id++) {
		if (axb_btf_type(btf, id, out) && out->kind == AXB_BTF_DATASEC &&
			axb_streq(out->name, name)) {
			return true;
		}
	}
	return false;
}
