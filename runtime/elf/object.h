/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Reader of eBPF ELF objects as clang and libbpf make them. The bytes are hostile: nothing is
 * trusted, nothing is read outside, every refusal has its own reason. Pure; no hooks.
 */
#ifndef AXB_RUNTIME_ELF_OBJECT_H_
#define AXB_RUNTIME_ELF_OBJECT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/bytes.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"
#include "runtime/isa/insn.h"
#include "runtime/maps/map.h"
#include "runtime/verifier/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A map that the object defines: BTF-defined (.maps), or a global data section. */
struct axb_object_map {
	const char *name; /**< data sections: the section's name, ".rodata" ... */
	struct axb_map_def def;
	uint32_t section;          /**< data sections: its index; 0 = defined in .maps */
	bool read_only;            /**< .rodata */
	struct axb_bytes contents; /**< first value (data sections with contents); else empty */
};

/** A function of a program, and where it stands in the file. */
struct axb_object_function {
	const char *name;
	uint32_t first; /**< its first instruction in the program */
	uint32_t insn_count;
	uint32_t section;      /**< index */
	uint32_t section_insn; /**< its first instruction in the section */
};

/**
 * A program: the entry function's instructions, then those of every function it reaches, calls
 * resolved. lddw of a map is AXB_LDDW_MAP or _MAP_VALUE with an index in the object's map list.
 */
struct axb_object_prog {
	const char *name;    /**< of the entry function */
	const char *section; /**< "tracepoint/vcpu/exit" */
	enum axb_prog_type type;
	const char *target; /**< the section's rest for attaching: "vcpu/exit", "" when none */
	struct axb_insn *insns;
	uint32_t insn_count;       /**< subprograms included */
	uint32_t entry_insn_count; /**< of the entry function alone */
	uint32_t relocation_count; /**< relocations applied to it, subprograms included */
	const struct axb_object_function *functions; /**< in order of first, the entry first */
	uint32_t function_count;
};

/** A parsed, untrusted object. Everything lives in the arena or in the bytes, which must stay. */
struct axb_object {
	struct axb_object_prog *progs;
	uint32_t prog_count;
	struct axb_object_map *maps;
	uint32_t map_count;
	bool has_btf;
	uint32_t btf_type_count; /**< types in .BTF, void not counted */
	const char *license;     /**< contents of the section "license"; "" when absent */
};

/** Why an object was refused; the enumerators of object_error.def. */
enum axb_object_reason {
	AXB_OBJECT_OK = 0,
#define AXB_X(name, text) AXB_OBJECT_##name,
#include "runtime/elf/object_error.def"
#undef AXB_X
	AXB_OBJECT_REASON_COUNT_
};

struct axb_object_error {
	enum axb_object_reason reason;
	uint32_t section;        /**< index, 0 = the file header */
	uint64_t offset;         /**< in the file or section, as the reason's text says */
	char name[AXB_NAME_MAX]; /**< symbol, section or map it is about; "" = none */
};

/** Text of a refusal, e.g. "section 5 (tp/vcpu/exit): relocation at 0x18 names symbol 9 of 7". */
void axb_object_explain(const struct axb_object_error *error, struct axb_text *out);

/**
 * Parse @elf.
 *
 * Context: boot, thread.
 * @return AXB_OK; AXB_ERR_FORMAT, AXB_ERR_TRUNCATED, AXB_ERR_UNSUPPORTED, AXB_ERR_LIMIT (@why says
 *   more); AXB_ERR_NOMEM.
 */
AXB_MUST_USE enum axb_status axb_object_parse(struct axb_bytes elf, struct axb_arena *arena,
	struct axb_object **out, struct axb_object_error *why);

/** Program type and target of a section name by libbpf's conventions; false when unknown. */
bool axb_section_prog_type(const char *section, enum axb_prog_type *type, const char **target);

#ifdef __cplusplus
}
#endif

#endif
