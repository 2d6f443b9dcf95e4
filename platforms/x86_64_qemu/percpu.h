/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What each CPU keeps for itself; GS points at it, always: a guest's GS is in its VMCB before the
 * hypervisor takes any interrupt or NMI (vmenter.S). Only the owner writes it.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PERCPU_H_
#define AXB_PLATFORMS_X86_64_QEMU_PERCPU_H_

#include <stdint.h>

struct vcpu;

struct percpu {
	struct percpu *self; /**< first: read by percpu() */
	uint32_t id;
	volatile uint32_t irqs_taken; /**< bits of enum percpu_irq, set by the handlers */
	uint64_t nmi_count;
	uint64_t host_state_pa; /**< what VMLOAD needs after an exit; offset known to vmenter.S */
	struct vcpu *vcpu;      /**< the one that runs or is handled here, or NULL */
	struct vcpu *loaded;    /**< whose FPU and debug registers are in the CPU, or NULL */
	uint64_t asid_generation;
	uint32_t asid_next;
	uint32_t asid_count;
	uint64_t tick_period; /**< in TSC counts */
	uint64_t tick_deadline;
	uint64_t timer_deadline; /**< what the local APIC's timer is set to */
};

/** Bits of percpu.irqs_taken. */
enum percpu_irq {
	PERCPU_IRQ_TIMER = 1,
	PERCPU_IRQ_KICK = 2,
};

/** GDT, TSS, IDT and GS of this CPU. Context: boot, on the CPU itself, before anything else. */
void percpu_init(uint32_t id);

static inline struct percpu *percpu(void)
{
	struct percpu *self;
	__asm__("movq %%gs:0, %0" : "=r"(self));
	return self;
}

#endif
