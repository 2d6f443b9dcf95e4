/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * GICv3 (Arm IHI 0069): physical interrupts of this CPU, and the list registers by which its vCPU
 * gets virtual ones. Priority drop and deactivation are separate (EOImode 1), so that an interrupt
 * given to a guest stays active until the guest ends it.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_GIC_H_
#define AXB_PLATFORMS_AARCH64_QEMU_GIC_H_

#include <stdbool.h>
#include <stdint.h>

/** Of a list register: ICH_LR<n>_EL2. */
#define GIC_LIST_PENDING (UINT64_C(1) << 62)
#define GIC_LIST_IRQ(value) ((uint32_t)(value))
#define GIC_LIST_PRIORITY(value) ((uint8_t)((value) >> 48))

/** Brings a CPU out of its guest, or out of WFI. */
#define GIC_IRQ_KICK 0u
/** The same, and text_answer(). */
#define GIC_IRQ_TEXT 1u

/** The distributor, once. Context: boot, CPU 0. */
void gic_init(void);

/** Redistributor, CPU interface and virtual interface of CPU @id. Context: boot, on that CPU. */
void gic_cpu_init(uint32_t id);

/** Take the most urgent pending interrupt. @return false when there is none. */
bool gic_ack(uint32_t *irq);

/** Drop the priority of @irq, so that others may come. */
void gic_drop(uint32_t irq);

/** Deactivate @irq: it may come again. */
void gic_deactivate(uint32_t irq);

/** Interrupt CPU @cpu by GIC_IRQ_KICK; what this CPU wrote before is visible to it then. */
void gic_kick(uint32_t cpu);

/** The same, by GIC_IRQ_TEXT. */
void gic_kick_for_text(uint32_t cpu);

/** The virtual CPU interface of this CPU as after reset. */
void gic_guest_reset(void);

/** Write @count list registers, the others become empty. @param more  interrupt us when the guest
 * has ended most of them. */
void gic_lists_write(const uint64_t *list, uint32_t count, bool more);

/** Read the first @count list registers, and turn off the virtual interrupts until the next
 * gic_lists_write(). */
void gic_lists_read(uint64_t *list, uint32_t count);

#endif
