/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Programs from functions: which functions a program reaches, and its instructions with map
 * references and calls resolved.
 */
#ifndef AXB_RUNTIME_ELF_LINK_H_
#define AXB_RUNTIME_ELF_LINK_H_

#include "runtime/elf/file.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where an instruction or function lies, packed so that it sorts: section, then instruction. */
typedef uint64_t axb_elf_place_t;

static inline axb_elf_place_t axb_elf_place(uint32_t section, uint32_t insn)
{
	return ((uint64_t)section << 32) | insn;
}

struct axb_elf_function {
	axb_elf_place_t place;
	uint32_t insn_count;
	const char *name;
	bool is_program;
};

struct axb_elf_relocation {
	axb_elf_place_t place;
	uint32_t type;
	uint32_t symbol;
};

/** Where a map's definition lies: to find it from a symbol. */
struct axb_elf_map_place {
	uint32_t section;
	uint64_t offset; /**< in .maps */
	bool is_data;    /**< the whole section is one value */
};

/** All that linking needs. Functions and relocations are sorted by place. */
struct axb_elf_link {
	const struct axb_elf_file *file;
	struct axb_elf_function *functions;
	uint32_t function_count;
	struct axb_elf_relocation *relocations;
	uint32_t relocation_count;
	const struct axb_elf_map_place *maps; /**< in the order of the object's maps */
	uint32_t map_count;
	uint32_t *start_of; /**< per function, while a program is built */
	uint32_t *order;    /**< the functions of the program being built */
};

/** Collect and sort functions and relocations. */
AXB_MUST_USE enum axb_status axb_elf_link_open(
	struct axb_elf_link *link, const struct axb_elf_file *file, struct axb_arena *arena);

/** Build the program that begins with function @entry. */
AXB_MUST_USE enum axb_status axb_elf_link_program(struct axb_elf_link *link, uint32_t entry,
	struct axb_arena *arena, struct axb_object_prog *out);

#ifdef __cplusplus
}
#endif

#endif
