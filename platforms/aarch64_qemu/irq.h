/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Interrupts of this CPU. EL2 never takes them as exceptions: they end a run of the guest, or WFI,
 * and are then handled here.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_IRQ_H_
#define AXB_PLATFORMS_AARCH64_QEMU_IRQ_H_

/** Handle all that is pending. Context: thread. */
void irq_poll(void);

#endif
