/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/irq.h"

#include <stddef.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/vcpu.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/text.h"

/* More are not pending at once: one per source. */
#define IRQ_BURST_MAX 8u

void irq_poll(void)
{
	uint32_t irq;
	for (uint32_t i = 0; i < IRQ_BURST_MAX && gic_ack(&irq); i++) {
		uint64_t began_ns = machine_time_ns();
		trace_irq_ack(irq);
		if (irq == BOARD_IRQ_EL2_TIMER) {
			timer_tick();
		} else if (irq == GIC_IRQ_TEXT) {
			text_answer();
		}
		gic_drop(irq);
		struct vcpu *vcpu = percpu()->vcpu;
		if (vcpu != NULL && irq < VGIC_BANK && (VGIC_HARDWARE & 1u << irq) != 0) {
			/* Stays active until the guest ends it. */
			vcpu_hardware_irq(vcpu, irq);
		} else {
			/* A kick has no other meaning, a maintenance interrupt neither. */
			gic_deactivate(irq);
		}
		trace_irq_eoi(irq, machine_time_ns() - began_ns);
	}
}
