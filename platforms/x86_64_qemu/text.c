/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What changing the hypervisor's own code needs of this machine (platforms/reference/text.h).
 * Ref: APM vol. 2, 7.6.1 (self- and cross-modifying code), 7.4 (caches are coherent), 5.5.2 (TLB).
 *
 * TCG keeps no stale instructions and serializes more than real CPUs: what is left out here would
 * not show.
 */
#include "platforms/reference/text.h"

#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/reference/main.h"
#include "platforms/x86_64_qemu/mmu.h"
#include "platforms/x86_64_qemu/trap.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

#include "codegen/gen/contexts_gen.h" // Generated.

#define TABLE_ADDRESS UINT64_C(0xffffffffff000)
#define TABLE_INDEX 0x1ffu
#define ROOT_SHIFT 39u
#define LEVEL_BITS 9u
#define PAGE_SHIFT 12u

/* The frame of an exception (vectors.S) is what programs of probes see. */
AXB_STATIC_ASSERT(sizeof(struct trap_frame) == sizeof(struct axb_pt_regs_x86_64), "the same");
AXB_STATIC_ASSERT(
	offsetof(struct trap_frame, rax) == offsetof(struct axb_pt_regs_x86_64, rax), "the same");
AXB_STATIC_ASSERT(
	offsetof(struct trap_frame, rdi) == offsetof(struct axb_pt_regs_x86_64, rdi), "the same");
AXB_STATIC_ASSERT(
	offsetof(struct trap_frame, rip) == offsetof(struct axb_pt_regs_x86_64, rip), "the same");

/* Addresses through which a page of the text is written; from the first use on they map nothing,
 * or that page. */
static uint8_t window[PAGE_SIZE] AXB_ALIGNED(PAGE_SIZE);

uint32_t machine_cpus_online(void)
{
	return cpus_online();
}

void machine_text_kick(uint32_t cpu)
{
	lapic_kick_for_text(cpu);
}

/* MOV CR3 serializes, and drops what this CPU may have cached of another CPU's window. */
AXB_NOPROBE void machine_text_serialize(void)
{
	write_cr3(read_cr3());
}

static uint64_t *entry_of(uint64_t address)
{
	uint64_t *table = mmu_root_table;
	for (uint32_t shift = ROOT_SHIFT; shift > PAGE_SHIFT; shift -= LEVEL_BITS) {
		table = (uint64_t *)(table[address >> shift & TABLE_INDEX] & TABLE_ADDRESS);
	}
	return &table[address >> PAGE_SHIFT & TABLE_INDEX];
}

static void set_window(uint64_t entry)
{
	*(volatile uint64_t *)entry_of((uint64_t)window) = entry;
	invlpg(window);
}

void *machine_text_map(uint64_t page)
{
	static uint64_t attributes; /* of writable memory */
	if (attributes == 0) {
		attributes = *entry_of((uint64_t)window) - (uint64_t)window;
	}
	set_window(page | attributes);
	return window;
}

void machine_text_unmap(const void *alias, uint64_t address, size_t size)
{
	(void)alias;
	(void)address;
	(void)size;
	set_window(0);
}
