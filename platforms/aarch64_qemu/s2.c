/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Arm ARM DDI 0487J.a D8.3 (descriptors), D8.13.5 (break-before-make), D19.2.155 (VTCR_EL2).
 */
#include "platforms/aarch64_qemu/s2.h"

#include <stddef.h>

#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/pages.h"
#include "runtime/base/atomic.h"

#define TABLE_ENTRIES 512u
#define DESC_VALID 1u
#define DESC_TYPE 3u
#define DESC_BLOCK 1u
#define DESC_TABLE 3u
#define DESC_PAGE 3u
#define DESC_ADDRESS UINT64_C(0x0000fffffffff000)
#define DESC_READ (1u << 6)
#define DESC_WRITE (1u << 7)
#define DESC_NO_EXECUTE (UINT64_C(1) << 54)
#define DESC_PERMISSIONS (DESC_READ | DESC_WRITE | DESC_NO_EXECUTE)
/* Normal write-back, inner shareable, accessed. */
#define DESC_MEMORY (0xfu << 2 | 3u << 8 | 1u << 10)

#define LEVEL_FIRST 1u
#define LEVEL_BLOCK 2u
#define LEVEL_LAST 3u

/* RES1, 40-bit PA, 4 KiB granule, inner shareable write-back walks, start at level 1, 39 bits. */
#define VTCR_EL2_VALUE (0x80000000u | 2u << 16 | 3u << 12 | 1u << 10 | 1u << 8 | 1u << 6 | 25u)
#define VTTBR_VMID_SHIFT 48

static uint64_t level_size(unsigned level)
{
	return UINT64_C(1) << (12 + 9 * (LEVEL_LAST - level));
}

static bool is_table(uint64_t entry)
{
	return (entry & DESC_TYPE) == DESC_TABLE;
}

static uint64_t *table_at(uint64_t entry)
{
	return (uint64_t *)(entry & DESC_ADDRESS);
}

static uint64_t *entry_of(uint64_t *table, axb_gpa_t gpa, unsigned level)
{
	return &table[gpa.pa / level_size(level) % TABLE_ENTRIES];
}

static uint64_t vttbr_of(const struct s2 *s2)
{
	return (uint64_t)s2->root | (uint64_t)s2->vmid << VTTBR_VMID_SHIFT;
}

static uint64_t descriptor_of(uint32_t permissions)
{
	return DESC_MEMORY | ((permissions & S2_READ) != 0 ? DESC_READ : 0) |
	       ((permissions & S2_WRITE) != 0 ? DESC_WRITE : 0) |
	       ((permissions & S2_EXECUTE) != 0 ? 0 : DESC_NO_EXECUTE);
}

/* Drop what any CPU has cached of @gpa; @size 0 = of all of the VM. TLB maintenance works on the
 * VMID in VTTBR_EL2, so this CPU takes on the VM's for a moment; EL2's own accesses do not use it.
 * Stage 1 may have cached combined translations of any address, so all of stage 1 goes too. */
static void drop_cached(const struct s2 *s2, axb_gpa_t gpa, uint64_t size)
{
	uint64_t saved = read_vttbr_el2();
	/* The changed entry, before the invalidation. */
	dsb_ish();
	write_vttbr_el2(vttbr_of(s2));
	isb();
	if (size == 0) {
		tlbi_vmalls12e1is();
	} else {
		tlbi_ipas2e1is(gpa.pa);
		dsb_ish();
		tlbi_vmalle1is();
	}
	dsb_ish();
	write_vttbr_el2(saved);
	isb();
	trace_s2_tlbi(s2->vmid, gpa, size);
}

bool s2_init(struct s2 *s2, uint16_t vmid)
{
	*s2 = (struct s2){.root = pages_alloc(), .vmid = vmid};
	return s2->root != NULL;
}

/* Go down to the entry for @gpa at level @last, or to a block or nothing above it. A table is never
 * removed before s2_free(), so this needs no lock. */
static uint64_t *walk(const struct s2 *s2, axb_gpa_t gpa, unsigned last, unsigned *level)
{
	uint64_t *table = s2->root;
	for (*level = LEVEL_FIRST;; (*level)++) {
		uint64_t *entry = entry_of(table, gpa, *level);
		/* Acquire; pairs with the release in make_table(). */
		uint64_t value = axb_load_acquire(entry);
		if (*level == last || !is_table(value)) {
			return entry;
		}
		table = table_at(value);
	}
}

static bool make_table(uint64_t *entry)
{
	uint64_t *table = pages_alloc();
	if (table != NULL) {
		axb_store_release(entry, (uint64_t)table | DESC_TABLE);
	}
	return table != NULL;
}

/* The same, making the tables that are missing. @return NULL when memory is out. */
static uint64_t *walk_and_make(struct s2 *s2, axb_gpa_t gpa, unsigned last, unsigned *level)
{
	for (;;) {
		uint64_t *entry = walk(s2, gpa, last, level);
		if (*level == last || (*entry & DESC_VALID) != 0) {
			return entry;
		}
		if (!make_table(entry)) {
			return NULL;
		}
	}
}

/* Put fresh memory at @entry, which is invalid: nothing of it is cached. */
static bool fill(struct s2 *s2, uint64_t *entry, axb_gpa_t gpa, unsigned level)
{
	uint64_t size = level_size(level);
	void *memory = level == LEVEL_BLOCK ? pages_alloc_block() : pages_alloc();
	if (memory == NULL) {
		return false;
	}
	gpa.pa &= ~(size - 1);
	uint64_t type = level == LEVEL_BLOCK ? DESC_BLOCK : DESC_PAGE;
	*entry = (uint64_t)memory | descriptor_of(S2_ALL) | type;
	/* Before a guest runs again its walks must see the entry. */
	dsb_ish();
	s2->mapped_size += size;
	trace_s2_map(s2->vmid, gpa, (axb_hpa_t){(uint64_t)memory}, size, S2_ALL);
	return true;
}

enum axb_status s2_back(struct s2 *s2, axb_gpa_t gpa, bool block)
{
	unsigned level;
	axb_spinlock_lock(&s2->lock);
	uint64_t *entry = block ? walk_and_make(s2, gpa, LEVEL_BLOCK, &level) : NULL;
	bool done = entry != NULL && (*entry & DESC_VALID) == 0 && fill(s2, entry, gpa, level);
	if (!done) {
		entry = walk_and_make(s2, gpa, LEVEL_LAST, &level);
		done = entry != NULL && ((*entry & DESC_VALID) != 0 || fill(s2, entry, gpa, level));
	}
	axb_spinlock_unlock(&s2->lock);
	return done ? AXB_OK : AXB_ERR_NOMEM;
}

bool s2_find(const struct s2 *s2, axb_gpa_t gpa, axb_hpa_t *hpa, uint64_t *size)
{
	unsigned level;
	uint64_t entry = axb_load_acquire(walk(s2, gpa, LEVEL_LAST, &level));
	uint64_t offset = gpa.pa & (level_size(level) - 1);
	if ((entry & DESC_VALID) == 0) {
		return false;
	}
	*hpa = (axb_hpa_t){(entry & DESC_ADDRESS) + offset};
	*size = level_size(level) - offset;
	return true;
}

/* Replace a valid entry: break, drop, make. Another CPU that faults in between waits for our lock
 * and then finds the new entry. */
static void replace(struct s2 *s2, uint64_t *entry, axb_gpa_t gpa, unsigned level, uint64_t value)
{
	uint64_t size = level_size(level);
	*(volatile uint64_t *)entry = 0;
	drop_cached(s2, (axb_gpa_t){gpa.pa & ~(size - 1)}, size);
	*(volatile uint64_t *)entry = value;
	dsb_ish();
}

/* The entry of the page of @gpa, split off its block if it is in one. */
static enum axb_status find_page(struct s2 *s2, axb_gpa_t gpa, uint64_t **out)
{
	unsigned level;
	uint64_t *entry = walk(s2, gpa, LEVEL_LAST, &level);
	if ((*entry & DESC_VALID) == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	if (level == LEVEL_BLOCK) {
		uint64_t *table = pages_alloc();
		if (table == NULL) {
			return AXB_ERR_NOMEM;
		}
		for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
			table[i] = (*entry & ~(uint64_t)DESC_TYPE) | i * PAGE_SIZE | DESC_PAGE;
		}
		replace(s2, entry, gpa, level, (uint64_t)table | DESC_TABLE);
		entry = entry_of(table, gpa, LEVEL_LAST);
	}
	*out = entry;
	return AXB_OK;
}

enum axb_status s2_protect(struct s2 *s2, axb_gpa_t gpa, uint32_t permissions)
{
	uint64_t *entry;
	axb_spinlock_lock(&s2->lock);
	enum axb_status st = find_page(s2, gpa, &entry);
	if (st == AXB_OK) {
		uint64_t value = (*entry & DESC_ADDRESS) | descriptor_of(permissions) | DESC_PAGE;
		replace(s2, entry, gpa, LEVEL_LAST, value);
	}
	axb_spinlock_unlock(&s2->lock);
	return st;
}

enum axb_status s2_unmap(struct s2 *s2, axb_gpa_t gpa)
{
	uint64_t *entry;
	axb_spinlock_lock(&s2->lock);
	enum axb_status st = find_page(s2, gpa, &entry);
	if (st == AXB_OK) {
		void *page = table_at(*entry);
		replace(s2, entry, gpa, LEVEL_LAST, 0);
		pages_free(page);
		s2->mapped_size -= PAGE_SIZE;
		trace_s2_unmap(s2->vmid, gpa, PAGE_SIZE);
	}
	axb_spinlock_unlock(&s2->lock);
	return st;
}

/* Free a level-3 table and its pages. */
static void free_pages(uint64_t *table)
{
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		if ((table[i] & DESC_VALID) != 0) {
			pages_free(table_at(table[i]));
		}
	}
	pages_free(table);
}

/* Free a level-2 table and all below it. */
static void free_blocks(uint64_t *table)
{
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		if (is_table(table[i])) {
			free_pages(table_at(table[i]));
		} else if ((table[i] & DESC_VALID) != 0) {
			pages_free_block(table_at(table[i]));
		}
	}
	pages_free(table);
}

void s2_free(struct s2 *s2)
{
	if (s2->root == NULL) {
		return;
	}
	/* Before the memory has another use. */
	drop_cached(s2, (axb_gpa_t){0}, 0);
	for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
		if (is_table(s2->root[i])) {
			free_blocks(table_at(s2->root[i]));
		}
	}
	pages_free(s2->root);
	trace_s2_unmap(s2->vmid, (axb_gpa_t){0}, s2->mapped_size);
	s2->root = NULL;
	s2->mapped_size = 0;
}

void s2_activate(const struct s2 *s2)
{
	write_vtcr_el2(VTCR_EL2_VALUE);
	write_vttbr_el2(vttbr_of(s2));
	isb();
}
