/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Sections, symbols and names of an untrusted ELF file: the only code that looks at its headers.
 */
#ifndef AXB_RUNTIME_ELF_FILE_H_
#define AXB_RUNTIME_ELF_FILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/bytes.h"
#include "runtime/elf/elf_defs.h"
#include "runtime/elf/object.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axb_elf_section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t size; /**< also of NOBITS, which has no bytes */
	uint32_t link;
	uint32_t info;
	uint64_t entsize;
	struct axb_bytes bytes;
};

struct axb_elf_file {
	struct axb_bytes bytes;
	struct axb_elf_section *sections;
	uint32_t section_count;
	struct axb_bytes symbols;
	struct axb_bytes strings;
	uint32_t symbol_count;
	struct axb_object_error *why;
};

/** A symbol whose name and section were checked. */
struct axb_elf_symbol {
	const char *name; /**< "" for section symbols */
	uint8_t type;
	uint8_t binding;
	uint32_t section; /**< index, or AXB_SHN_UNDEF */
	uint64_t value;
	uint64_t size;
};

/** Fill file->why and return the status that goes with @reason. */
enum axb_status axb_elf_refuse(struct axb_object_error *why, enum axb_object_reason reason,
	uint32_t section, uint64_t offset, const char *name);

/** Read headers, sections and the symbol table's place. Errors are in @why. */
AXB_MUST_USE enum axb_status axb_elf_open(struct axb_elf_file *file, struct axb_bytes bytes,
	struct axb_arena *arena, struct axb_object_error *why);

/** Symbol @index below file->symbol_count. */
AXB_MUST_USE enum axb_status axb_elf_symbol(
	const struct axb_elf_file *file, uint32_t index, struct axb_elf_symbol *out);

/** Index of the section called @name; 0 when there is none. */
uint32_t axb_elf_find_section(const struct axb_elf_file *file, const char *name);

/** Does string table @table end its last string? Required once, before axb_elf_string(). */
static inline bool axb_elf_is_string_table(struct axb_bytes table)
{
	return table.size != 0 && table.data[table.size - 1] == '\0';
}

/**
 * The string at @offset of @table, NULL when outside. In constant time: a hostile object can have
 * as many names as it likes, all of which begin in one string of megabytes.
 */
static inline const char *axb_elf_string(struct axb_bytes table, uint64_t offset)
{
	return offset < table.size ? (const char *)table.data + offset : NULL;
}

static inline bool axb_elf_is_code(const struct axb_elf_section *section)
{
	return section->type == AXB_SHT_PROGBITS && (section->flags & AXB_SHF_EXECINSTR) != 0 &&
	       section->size != 0;
}

#ifdef __cplusplus
}
#endif

#endif
