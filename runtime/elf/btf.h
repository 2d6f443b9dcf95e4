/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Reader of the .BTF section, as far as map definitions need it. Ref: Linux
 * Documentation/bpf/btf.rst sections 2 and 3. The bytes are untrusted.
 */
#ifndef AXB_RUNTIME_ELF_BTF_H_
#define AXB_RUNTIME_ELF_BTF_H_

#include "runtime/base/arena.h"
#include "runtime/base/bytes.h"
#include "runtime/elf/object.h"

#ifdef __cplusplus
extern "C" {
#endif

enum axb_btf_kind {
	AXB_BTF_VOID = 0,
	AXB_BTF_INT = 1,
	AXB_BTF_PTR = 2,
	AXB_BTF_ARRAY = 3,
	AXB_BTF_STRUCT = 4,
	AXB_BTF_UNION = 5,
	AXB_BTF_ENUM = 6,
	AXB_BTF_FWD = 7,
	AXB_BTF_TYPEDEF = 8,
	AXB_BTF_VOLATILE = 9,
	AXB_BTF_CONST = 10,
	AXB_BTF_RESTRICT = 11,
	AXB_BTF_FUNC = 12,
	AXB_BTF_FUNC_PROTO = 13,
	AXB_BTF_VAR = 14,
	AXB_BTF_DATASEC = 15,
	AXB_BTF_FLOAT = 16,
	AXB_BTF_DECL_TAG = 17,
	AXB_BTF_TYPE_TAG = 18,
	AXB_BTF_ENUM64 = 19,
	AXB_BTF_KIND_COUNT_
};

struct axb_btf {
	struct axb_bytes types;
	struct axb_bytes strings;
	uint32_t *offsets;   /**< of type i + 1 in types */
	uint32_t type_count; /**< without void */
};

/** The common part of a type; what follows it lies at extra in the type section. */
struct axb_btf_type {
	const char *name;
	enum axb_btf_kind kind;
	uint32_t count;        /**< vlen */
	uint32_t size_or_type; /**< as the kind says */
	uint64_t extra;
};

struct axb_btf_member {
	const char *name;
	uint32_t type;
};

/** Index all types. Reasons: BTF_HEADER, BTF_TYPE, BTF_COUNT, STRING, MEMORY (in @why). */
AXB_MUST_USE enum axb_status axb_btf_open(struct axb_btf *btf, struct axb_bytes bytes,
	uint32_t section, struct axb_arena *arena, struct axb_object_error *why);

/** Type @id; void for 0. False when there is none. */
bool axb_btf_type(const struct axb_btf *btf, uint32_t id, struct axb_btf_type *out);

/** As axb_btf_type() after typedefs and qualifiers; *@id becomes the type found. */
bool axb_btf_resolve(const struct axb_btf *btf, uint32_t *id, struct axb_btf_type *out);

/** Bytes of type @id; false when it has no size, does not exist, or goes in circles. */
bool axb_btf_size(const struct axb_btf *btf, uint32_t id, uint32_t *size);

/** Member @index of a struct or union. */
bool axb_btf_member(const struct axb_btf *btf, const struct axb_btf_type *type, uint32_t index,
	struct axb_btf_member *out);

/** Element type and count of an array. */
bool axb_btf_array(const struct axb_btf *btf, const struct axb_btf_type *type, uint32_t *element,
	uint32_t *count);

/** Variable @index of a data section: its VAR type. */
bool axb_btf_datasec_var(const struct axb_btf *btf, const struct axb_btf_type *type, uint32_t index,
	struct axb_btf_type *out);

/** The data section called @name. */
bool axb_btf_find_datasec(const struct axb_btf *btf, const char *name, struct axb_btf_type *out);

#ifdef __cplusplus
}
#endif

#endif
