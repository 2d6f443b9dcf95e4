/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Stage 1 of EL2, 4 KiB granule, 39-bit VA: the root is a level-1 table of 1 GiB entries.
 * Ref: Arm ARM DDI 0487J.a D8.3, "VMSAv8-64 Translation Table format descriptors".
 */
#include "platforms/aarch64_qemu/mmu.h"

#include <stdint.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/machine.h"
#include "runtime/base/types.h"

#define TABLE_ENTRIES 512u
#define BLOCK_SIZE 0x200000u
/* Level-3 tables for the image; hypervisor.ld asserts that it is not larger. */
#define IMAGE_BLOCKS 4u

#define DESC_BLOCK 1u
#define DESC_TABLE 3u
#define DESC_PAGE 3u
#define ATTR_DEVICE (1u << 2) /* index in MAIR_EL2 (boot.S) */
#define ATTR_RES1 (1u << 6)   /* AP[1] */
#define ATTR_READ_ONLY (1u << 7)
#define ATTR_INNER_SHAREABLE (3u << 8)
#define ATTR_ACCESSED (1u << 10)
#define ATTR_NO_EXECUTE (UINT64_C(1) << 54)

#define NORMAL (ATTR_RES1 | ATTR_INNER_SHAREABLE | ATTR_ACCESSED)
#define TEXT (NORMAL | ATTR_READ_ONLY)
#define CONSTANTS (NORMAL | ATTR_READ_ONLY | ATTR_NO_EXECUTE)
#define DATA (NORMAL | ATTR_NO_EXECUTE)
#define DEVICE (ATTR_RES1 | ATTR_DEVICE | ATTR_ACCESSED | ATTR_NO_EXECUTE)

typedef uint64_t table_t[TABLE_ENTRIES] AXB_ALIGNED(4096);

extern const uint8_t image_start[], image_text_end[], image_rodata_end[];
extern const uint8_t image_stacks_start[], image_stacks_end[], hypervisor_pages_start[];

table_t mmu_root_table;
static table_t device_table; /* level 2, first GiB */
static table_t ram_table;    /* level 2, second GiB; the third is a block */
static table_t image_tables[IMAGE_BLOCKS];

/* Descriptor of the image's page at @address; 0 = unmapped. */
static uint64_t image_page(uint64_t address)
{
	if (address < (uint64_t)image_text_end) {
		return address | TEXT | DESC_PAGE;
	}
	if (address < (uint64_t)image_rodata_end) {
		return address | CONSTANTS | DESC_PAGE;
	}
	bool in_stacks =
		address >= (uint64_t)image_stacks_start && address < (uint64_t)image_stacks_end;
	if (in_stacks && (address & STACK_SIZE) == 0) {
		return 0;
	}
	return address | DATA | DESC_PAGE;
}

void mmu_build_tables(void)
{
	mmu_root_table[0] = (uint64_t)device_table | DESC_TABLE;
	mmu_root_table[1] = (uint64_t)ram_table | DESC_TABLE;
	mmu_root_table[2] = BOARD_RAM_SECOND_GIB | DATA | DESC_BLOCK;
	for (uint64_t pa = BOARD_DEVICE_BASE; pa < BOARD_DEVICE_END; pa += BLOCK_SIZE) {
		device_table[pa / BLOCK_SIZE] = pa | DEVICE | DESC_BLOCK;
	}
	uint64_t image = (uint64_t)image_start;
	uint64_t image_end = (uint64_t)hypervisor_pages_start;
	for (uint64_t pa = image; pa < image_end; pa += PAGE_SIZE) {
		uint64_t block = (pa - image) / BLOCK_SIZE;
		image_tables[block][pa / PAGE_SIZE % TABLE_ENTRIES] = image_page(pa);
		ram_table[pa / BLOCK_SIZE % TABLE_ENTRIES] =
			(uint64_t)image_tables[block] | DESC_TABLE;
	}
	for (uint64_t pa = image_end; pa < BOARD_RAM_SECOND_GIB; pa += BLOCK_SIZE) {
		ram_table[pa / BLOCK_SIZE % TABLE_ENTRIES] = pa | DATA | DESC_BLOCK;
	}
}

void cache_clean(const void *start, size_t size)
{
	uint64_t line = UINT64_C(4) << ((read_ctr_el0() >> 16) & 0xf);
	uint64_t end = (uint64_t)start + size;
	for (uint64_t address = (uint64_t)start & ~(line - 1); address < end; address += line) {
		dc_cvac(address);
	}
	dsb_ish();
}

void machine_image(uint64_t *start, uint64_t *end)
{
	*start = (uint64_t)image_start;
	*end = (uint64_t)image_stacks_start;
}

void machine_zero(void *start, size_t size)
{
	uint64_t block = UINT64_C(4) << (read_dczid_el0() & 0xf);
	uint64_t end = (uint64_t)start + size;
	for (uint64_t address = (uint64_t)start; address < end; address += block) {
		dc_zva(address);
	}
	cache_clean(start, size);
}
