/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * 4-level tables: AMD64 Architecture Programmer's Manual (APM) vol. 2, 5.3 "Long-Mode Page
 * Translation". The first 4 GiB are mapped by 2 MiB pages; the first 2 MiB and the image by 4 KiB
 * pages.
 */
#include "platforms/x86_64_qemu/mmu.h"

#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "runtime/base/types.h"

#define TABLE_ENTRIES 512u
#define GIB_SHIFT 30
#define BLOCK_SHIFT 21
#define GIBS 4u
/* 4 KiB tables for the image; hypervisor.ld asserts that it is not larger. */
#define IMAGE_BLOCKS 4u

#define PRESENT 1u
#define WRITABLE 2u
#define UNCACHED 0x18u /* PCD, PWT */
#define LARGE 0x80u
#define NO_EXECUTE (UINT64_C(1) << 63)

#define TEXT PRESENT
#define CONSTANTS (PRESENT | NO_EXECUTE)
#define DATA (PRESENT | WRITABLE | NO_EXECUTE)
#define TABLE (PRESENT | WRITABLE)

typedef uint64_t table_t[TABLE_ENTRIES] AXB_ALIGNED(4096);

extern const uint8_t image_start[], image_text_end[], image_rodata_end[];
extern const uint8_t image_stacks_start[], image_stacks_end[], hypervisor_pages_start[];

table_t mmu_root_table;
static table_t gib_table;
static table_t block_tables[GIBS];
static table_t low_table; /* the first 2 MiB */
static table_t image_tables[IMAGE_BLOCKS];

/* Entry of the page at @address of the first 2 MiB: nothing at 0, where bad pointers go. */
static uint64_t low_page(uint64_t address)
{
	if (address == 0) {
		return 0;
	}
	return address | (address == BOARD_TRAMPOLINE ? TEXT : DATA);
}

static uint64_t image_page(uint64_t address)
{
	if (address < (uint64_t)image_text_end) {
		return address | TEXT;
	}
	if (address < (uint64_t)image_rodata_end) {
		return address | CONSTANTS;
	}
	bool in_stacks =
		address >= (uint64_t)image_stacks_start && address < (uint64_t)image_stacks_end;
	if (in_stacks && (address & STACK_SIZE) == 0) {
		return 0;
	}
	return address | DATA;
}

static void set_block(uint64_t address, uint64_t entry)
{
	block_tables[address >> GIB_SHIFT][(address >> BLOCK_SHIFT) % TABLE_ENTRIES] = entry;
}

void mmu_build_tables(void)
{
	uint64_t image = (uint64_t)image_start;
	uint64_t image_end = (uint64_t)hypervisor_pages_start;
	mmu_root_table[0] = (uint64_t)gib_table | TABLE;
	for (uint64_t i = 0; i < GIBS; i++) {
		gib_table[i] = (uint64_t)block_tables[i] | TABLE;
	}
	for (uint64_t pa = 0; pa < BLOCK_SIZE; pa += PAGE_SIZE) {
		low_table[pa / PAGE_SIZE] = low_page(pa);
	}
	set_block(0, (uint64_t)low_table | TABLE);
	for (uint64_t pa = image; pa < image_end; pa += PAGE_SIZE) {
		uint64_t *table = image_tables[(pa - image) / BLOCK_SIZE];
		table[pa / PAGE_SIZE % TABLE_ENTRIES] = image_page(pa);
		set_block(pa, (uint64_t)table | TABLE);
	}
	for (uint64_t pa = image_end; pa < BOARD_RAM_END; pa += BLOCK_SIZE) {
		set_block(pa, pa | DATA | LARGE);
	}
	uint64_t lapic = BOARD_LAPIC_BASE & ~(uint64_t)(BLOCK_SIZE - 1);
	set_block(lapic, lapic | DATA | UNCACHED | LARGE);
}

bool mmu_map_device(uint64_t pa, uint64_t size)
{
	uint64_t limit = UINT64_C(1) << 32;
	if (pa < BOARD_RAM_END || size == 0 || size > limit || pa > limit - size) {
		return false;
	}
	for (uint64_t at = pa & ~(uint64_t)(BLOCK_SIZE - 1); at < pa + size; at += BLOCK_SIZE) {
		set_block(at, at | DATA | LARGE);
	}
	write_cr3(read_cr3());
	return true;
}
