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

/** Priority of all virtual interrupts here. */
#define GIC_VIRQ_PRIORITY 0xa0u

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

/**
 * Make @irq pending for the guest of this CPU as the same number; the guest's end of interrupt
 * deactivates the physical one.
 * @return false when all list registers are taken; nothing changed.
 */
bool gic_inject(uint32_t irq);

/** Does the guest of this CPU have interrupts that it has not ended? */
bool gic_guest_has_work(void);

#endif
