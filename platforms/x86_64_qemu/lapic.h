/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The local APIC of each CPU, by MMIO (QEMU's TCG has no x2APIC of its own): timer, EOI, IPIs. The
 * APIC id of a CPU is its index.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_LAPIC_H_
#define AXB_PLATFORMS_X86_64_QEMU_LAPIC_H_

#include <stdint.h>

/** What QEMU's timer counts at, with the divider at 1 (hw/intc/apic_common.c). */
#define LAPIC_TIMER_HZ UINT64_C(1000000000)

/** Mask the legacy interrupt controllers. Context: boot, CPU 0. */
void lapic_mask_legacy(void);

/** Context: boot, on the CPU itself. */
void lapic_cpu_init(void);

/** Interrupt with VECTOR_TIMER after @count ticks; 0 = never. */
void lapic_timer_set(uint32_t count);
uint32_t lapic_timer_left(void);

/** End the interrupt that was taken last. */
void lapic_eoi(void);

/** Interrupt @cpu with VECTOR_KICK. Context: any. */
void lapic_kick(uint32_t cpu);

/** The same with VECTOR_TEXT: it also calls text_answer(). */
void lapic_kick_for_text(uint32_t cpu);

/** Send @cpu an NMI. Context: any. */
void lapic_send_nmi(uint32_t cpu);

/** Start @cpu at BOARD_TRAMPOLINE. Context: boot, CPU 0, time_init() done. */
void lapic_start_cpu(uint32_t cpu);

#endif
