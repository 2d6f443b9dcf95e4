/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The hypervisor's own translation tables: VA = PA; text is executable and read-only, constants are
 * read-only, all else is writable and never executable; nothing is mapped below a stack.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_MMU_H_
#define AXB_PLATFORMS_AARCH64_QEMU_MMU_H_

#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096u

/** Fill in the tables that mmu_on (boot.S) turns on. Context: boot, CPU 0, MMU off. */
void mmu_build_tables(void);

/** Level 1 of the tables. */
extern uint64_t mmu_root_table[];

/** Write @size bytes from @start back to memory, for readers with caches off (young guests). */
void cache_clean(const void *start, size_t size);

#endif
