/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: APM vol. 2, 4.7-4.8 (descriptors), 12.2.5 (64-bit TSS).
 */
#include "platforms/x86_64_qemu/percpu.h"

#include <stddef.h>

#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/offsets.h"
#include "platforms/x86_64_qemu/trap.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

AXB_STATIC_ASSERT(offsetof(struct percpu, host_state_pa) == PERCPU_HOST_STATE, "in vmenter.S");

#define IST_STACK_SIZE 4096
#define IST_COUNT 3
#define GDT_ENTRIES 5
#define DESCRIPTOR_CODE 0x00af9b000000ffff
#define DESCRIPTOR_DATA 0x00cf93000000ffff
#define DESCRIPTOR_TSS 0x0000890000000000

struct tss {
	uint32_t reserved0;
	uint32_t rsp[6];
	uint32_t reserved1[2];
	uint32_t ist[14]; /* low and high halves of IST 1..7 */
	uint32_t reserved2[2];
	uint32_t io_map;
} __attribute__((packed));
AXB_STATIC_ASSERT(sizeof(struct tss) == 104, "APM vol. 2, figure 12-8");

struct descriptor_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static struct percpu cpus[BOARD_CPU_COUNT];
static struct tss tsses[BOARD_CPU_COUNT];
static uint64_t gdts[BOARD_CPU_COUNT][GDT_ENTRIES];
static uint8_t ist_stacks[BOARD_CPU_COUNT][IST_COUNT][IST_STACK_SIZE] AXB_ALIGNED(16);

AXB_NOPROBE static void load_gdt(uint32_t id)
{
	uint64_t *gdt = gdts[id];
	struct tss *tss = &tsses[id];
	uint64_t base = (uint64_t)tss;
	for (uint32_t i = 0; i < IST_COUNT; i++) {
		/* The image lies below 4 GiB, so the high halves stay 0. */
		tss->ist[2 * i] = (uint32_t)(uint64_t)&ist_stacks[id][i][IST_STACK_SIZE];
	}
	tss->io_map = (uint32_t)sizeof(*tss) << 16;
	gdt[1] = DESCRIPTOR_CODE;
	gdt[2] = DESCRIPTOR_DATA;
	gdt[3] = DESCRIPTOR_TSS | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56 |
		 (sizeof(*tss) - 1);
	gdt[4] = base >> 32;
	struct descriptor_pointer pointer = {sizeof(gdts[id]) - 1, (uint64_t)gdt};
	/* The code and data selectors are those of boot.S: what is loaded stays right. */
	__asm__ __volatile__("lgdt %0\n\tltr %w1" ::"m"(pointer), "r"(SELECTOR_TSS) : "memory");
}

AXB_NOPROBE void percpu_init(uint32_t id)
{
	struct percpu *cpu = &cpus[id];
	load_gdt(id);
	struct descriptor_pointer idt = {TRAP_IDT_SIZE - 1, trap_idt()};
	__asm__ __volatile__("lidt %0" ::"m"(idt) : "memory");
	cpu->self = cpu;
	cpu->id = id;
	write_msr(MSR_GS_BASE, (uint64_t)cpu);
}
