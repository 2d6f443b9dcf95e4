/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The hypervisor's own translation tables: VA = PA; text is executable and read-only, constants are
 * read-only, all else is writable and never executable; nothing is mapped below a stack.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_MMU_H_
#define AXB_PLATFORMS_X86_64_QEMU_MMU_H_

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SIZE 4096u
#define BLOCK_SIZE 0x200000u

/** Level 4 of the tables. */
extern uint64_t mmu_root_table[];

/** Fill in mmu_root_table. Context: boot, CPU 0, with the tables of boot.S. */
void mmu_build_tables(void);

/** Map memory of a device (a PCI BAR) between RAM and 4 GiB, cached. @return false when it is not
 * all there. Context: boot, CPU 0, before other CPUs run. */
bool mmu_map_device(uint64_t pa, uint64_t size);

#endif
