/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: APM vol. 2, 15.25 "Nested Paging": the format is that of long mode, all of it user pages.
 */
#include "platforms/reference/devices/npt.h"

#include "platforms/reference/pages.h"

#define PRESENT 1u
#define WRITABLE 2u
#define USER 4u
#define LARGE 0x80u
#define NO_EXECUTE (UINT64_C(1) << 63)
#define ADDRESS UINT64_C(0x000ffffffffff000)
#define TABLE (PRESENT | WRITABLE | USER)
#define RAM (PRESENT | WRITABLE | USER)

#define ENTRIES 512u
#define LEVELS 4u
#define LEVEL_BLOCK 1u /* entries of 2 MiB; level 0 has those of pages */
#define GPA_BITS 48

static uint64_t *entry_of(uint64_t *table, axb_gpa_t gpa, uint32_t level)
{
	return &table[gpa.pa >> (12 + 9 * level) & (ENTRIES - 1)];
}

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(entry & ADDRESS);
}

/* The entry that maps @gpa, or the first that is empty; *@level is its level. */
static uint64_t *find(const struct npt *npt, axb_gpa_t gpa, uint32_t *level)
{
	uint64_t *table = npt->root;
	for (*level = LEVELS - 1;; (*level)--) {
		uint64_t *entry = entry_of(table, gpa, *level);
		if (*level == 0 || (*entry & PRESENT) == 0 || (*entry & LARGE) != 0) {
			return entry;
		}
		table = table_of(*entry);
	}
}

enum axb_status npt_init(struct npt *npt)
{
	npt->root = pages_alloc();
	return npt->root != NULL ? AXB_OK : AXB_ERR_NOMEM;
}

static void free_blocks(uint64_t *blocks, void (*free_leaf)(axb_hpa_t hpa, uint64_t size))
{
	for (uint32_t i = 0; i < ENTRIES; i++) {
		uint64_t entry = blocks[i];
		if ((entry & PRESENT) == 0) {
			continue;
		}
		if ((entry & LARGE) != 0) {
			free_leaf((axb_hpa_t){entry & ADDRESS}, NPT_BLOCK_SIZE);
			continue;
		}
		uint64_t *pages = table_of(entry);
		for (uint32_t j = 0; j < ENTRIES; j++) {
			if ((pages[j] & PRESENT) != 0) {
				free_leaf((axb_hpa_t){pages[j] & ADDRESS}, NPT_PAGE_SIZE);
			}
		}
		pages_free(pages);
	}
}

void npt_deinit(struct npt *npt, void (*free_leaf)(axb_hpa_t hpa, uint64_t size))
{
	for (uint32_t i = 0; npt->root != NULL && i < ENTRIES; i++) {
		uint64_t *gibs = table_of(npt->root[i]);
		for (uint32_t j = 0; gibs != NULL && j < ENTRIES; j++) {
			if ((gibs[j] & PRESENT) != 0) {
				free_blocks(table_of(gibs[j]), free_leaf);
				pages_free(table_of(gibs[j]));
			}
		}
		if (gibs != NULL) {
			pages_free(gibs);
		}
	}
	if (npt->root != NULL) {
		pages_free(npt->root);
	}
	npt->root = NULL;
}

enum axb_status npt_map(struct npt *npt, axb_gpa_t gpa, axb_hpa_t hpa, uint64_t size)
{
	uint32_t leaf_level = size == NPT_BLOCK_SIZE ? LEVEL_BLOCK : 0;
	uint32_t level;
	uint64_t *entry = find(npt, gpa, &level);
	if ((*entry & PRESENT) != 0 || level < leaf_level) {
		return AXB_ERR_EXISTS;
	}
	for (; level > leaf_level; level--) {
		uint64_t *table = pages_alloc();
		if (table == NULL) {
			return AXB_ERR_NOMEM;
		}
		*entry = (uint64_t)table | TABLE;
		entry = entry_of(table, gpa, level - 1);
	}
	*entry = hpa.pa | RAM | (leaf_level == LEVEL_BLOCK ? LARGE : 0);
	return AXB_OK;
}

bool npt_translate(const struct npt *npt, axb_gpa_t gpa, axb_hpa_t *out)
{
	uint32_t level;
	if (gpa.pa >> GPA_BITS != 0) {
		return false;
	}
	uint64_t entry = *find(npt, gpa, &level);
	if ((entry & PRESENT) == 0) {
		return false;
	}
	uint64_t offset_mask = (UINT64_C(1) << (12 + 9 * level)) - 1;
	out->pa = (entry & ADDRESS & ~offset_mask) | (gpa.pa & offset_mask);
	return true;
}

bool npt_has_pages(const struct npt *npt, axb_gpa_t gpa)
{
	uint32_t level;
	(void)find(npt, gpa, &level);
	return level == 0;
}

/* Replace the block in *@entry by a table of pages with the same permissions. */
static enum axb_status split(uint64_t *entry)
{
	uint64_t *pages = pages_alloc();
	if (pages == NULL) {
		return AXB_ERR_NOMEM;
	}
	for (uint64_t i = 0; i < ENTRIES; i++) {
		pages[i] = (*entry & ~(uint64_t)LARGE) + i * NPT_PAGE_SIZE;
	}
	/* One store: another CPU's walk sees the block or the table, which say the same. */
	__atomic_store_n(entry, (uint64_t)pages | TABLE, __ATOMIC_RELEASE);
	return AXB_OK;
}

enum axb_status npt_protect(struct npt *npt, axb_gpa_t gpa, uint32_t permissions)
{
	uint32_t level;
	uint64_t *entry = find(npt, gpa, &level);
	if ((*entry & PRESENT) == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	if (level != 0) {
		AXB_TRY(split(entry));
		entry = find(npt, gpa, &level);
	}
	uint64_t value = (*entry & ADDRESS) | USER | PRESENT;
	value |= (permissions & NPT_WRITE) != 0 ? WRITABLE : 0;
	value |= (permissions & NPT_EXECUTE) != 0 ? 0 : NO_EXECUTE;
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	return AXB_OK;
}
