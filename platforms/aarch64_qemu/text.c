/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What changing the hypervisor's own code needs of this machine (platforms/reference/text.h).
 * Ref: Arm ARM DDI 0487J.a B2.4.4 (caches), D8.14.1 (break before make).
 */
#include "platforms/reference/text.h"

#include <stddef.h>
#include <stdint.h>

#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/aarch64_qemu/vcpu.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/main.h"
#include "runtime/base/atomic.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

#include "codegen/gen/contexts_gen.h" // Generated.

#define TABLE_ADDRESS UINT64_C(0xfffffffff000)
#define TABLE_INDEX 0x1ffu
#define ROOT_SHIFT 30u
#define LEVEL_BITS 9u
#define PAGE_SHIFT 12u

/* The frame of an exception (vectors.S) is what programs of probes see. */
AXB_STATIC_ASSERT(sizeof(struct cpu_regs) == sizeof(struct axb_user_pt_regs), "the same");
AXB_STATIC_ASSERT(
	offsetof(struct cpu_regs, sp) == offsetof(struct axb_user_pt_regs, sp), "the same");
AXB_STATIC_ASSERT(
	offsetof(struct cpu_regs, pc) == offsetof(struct axb_user_pt_regs, pc), "the same");

/* Addresses through which a page of the text is written; from the first use on they map nothing,
 * or that page. */
static uint8_t window[PAGE_SIZE] AXB_ALIGNED(PAGE_SIZE);

uint32_t machine_cpus_online(void)
{
	return cpus_online();
}

void machine_text_kick(uint32_t cpu)
{
	gic_kick_for_text(cpu);
}

AXB_NOPROBE void machine_text_serialize(void)
{
	isb();
}

static uint64_t *descriptor_of(uint64_t address)
{
	uint64_t *table = mmu_root_table;
	for (uint32_t shift = ROOT_SHIFT; shift > PAGE_SHIFT; shift -= LEVEL_BITS) {
		table = (uint64_t *)(table[address >> shift & TABLE_INDEX] & TABLE_ADDRESS);
	}
	return &table[address >> PAGE_SHIFT & TABLE_INDEX];
}

static void set_window(uint64_t descriptor)
{
	uint64_t *at = descriptor_of((uint64_t)window);
	axb_store_relaxed(at, UINT64_C(0));
	dsb_ish();
	tlbi_vae2is((uint64_t)window);
	dsb_ish();
	axb_store_relaxed(at, descriptor);
	dsb_ish();
	isb();
}

void *machine_text_map(uint64_t page)
{
	static uint64_t attributes; /* of writable memory */
	if (attributes == 0) {
		attributes = *descriptor_of((uint64_t)window) - (uint64_t)window;
	}
	set_window(page | attributes);
	return window;
}

void machine_text_unmap(const void *alias, uint64_t address, size_t size)
{
	uint64_t data_line = UINT64_C(4) << (read_ctr_el0() >> 16 & 0xf);
	uint64_t code_line = UINT64_C(4) << (read_ctr_el0() & 0xf);
	uint64_t first = (uint64_t)alias;
	for (uint64_t at = first & ~(data_line - 1); at < first + size; at += data_line) {
		dc_cvau(at);
	}
	dsb_ish();
	for (uint64_t at = address & ~(code_line - 1); at < address + size; at += code_line) {
		ic_ivau(at);
	}
	dsb_ish();
	isb();
	set_window(0);
}
