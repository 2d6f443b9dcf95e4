/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Symbols of the hypervisor itself, from a compact blob that codegen/symtab links into the image.
 * The blob is checked once and then only read. Lookups are bounded and run in any context.
 */
#ifndef AXB_RUNTIME_SYM_SYM_H_
#define AXB_RUNTIME_SYM_SYM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"
#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A validated table over a blob. Treat as opaque; the blob must outlive it. */
struct axb_symtab {
	struct axb_bytes blob_;
	uint64_t base_; /**< address that the blob's offsets are relative to */
	uint64_t start_;
	uint64_t end_;
	uint32_t count_;
	uint32_t fields_[12]; /**< offsets of the blob's sections */
};

struct axb_symbol {
	char name[128];
	uint64_t address;
	uint64_t size;   /**< distance to the next symbol, or to the end of its range */
	uint64_t offset; /**< of the address asked for, in the symbol */
	char type;       /**< as nm: 't' 'T' 'd' 'D' 'b' 'B' 'r' 'R' ... */
};

/**
 * Check @blob wholly (bounds, order, names) and use it for addresses in [@start, @end).
 * @return AXB_OK; AXB_ERR_FORMAT; AXB_ERR_TRUNCATED; AXB_ERR_ARG (@start > @end).
 * Context: boot, thread. Time linear in the blob.
 */
AXB_MUST_USE enum axb_status axb_symtab_init(
	struct axb_symtab *table, struct axb_bytes blob, uint64_t start, uint64_t end);

/** The symbol that covers @address: AXB_ERR_NOT_FOUND outside the range or before the first. */
AXB_MUST_USE enum axb_status axb_symtab_lookup_address(
	const struct axb_symtab *table, uint64_t address, struct axb_symbol *out);

/** The symbol called @name; of several the lowest address. AXB_ERR_NOT_FOUND. */
AXB_MUST_USE enum axb_status axb_symtab_lookup_name(
	const struct axb_symtab *table, const char *name, struct axb_symbol *out);

/**
 * Symbols whose name matches the glob @pattern, by address, from index *@cursor on (start with 0).
 * @return AXB_OK with one symbol; AXB_ERR_EMPTY at the end.
 */
AXB_MUST_USE enum axb_status axb_symtab_search(const struct axb_symtab *table, const char *pattern,
	uint32_t *cursor, struct axb_symbol *out);

/** From now on all addresses are @slide more: an image that runs elsewhere than it was linked for.
 */
void axb_symtab_move(struct axb_symtab *table, uint64_t slide);

uint32_t axb_symtab_count(const struct axb_symtab *table);

/** The table of the hypervisor itself, given at axb_init_with_symbols(); NULL when none. */
const struct axb_symtab *axb_sym_self(void);

/** AXB_ERR_EXISTS when there is one already; errors of axb_symtab_init(). Context: boot. */
AXB_MUST_USE enum axb_status axb_sym_set_self(struct axb_bytes blob, uint64_t start, uint64_t end);
void axb_sym_clear_self(void);

#ifdef __cplusplus
}
#endif

#endif
