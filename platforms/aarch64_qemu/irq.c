/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/irq.h"

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/trace_hooks.h"

/* More are not pending at once: one per source. */
#define IRQ_BURST_MAX 8u

/* The guest's own timer: the guest ends it, which deactivates it (gic_inject()). */
static void give_to_guest(uint32_t irq)
{
	struct vcpu *vcpu = percpu()->vcpu;
	if (vcpu != NULL && gic_inject(irq)) {
		trace_timer_event(vcpu, irq);
		trace_irq_inject(vcpu, irq, GIC_VIRQ_PRIORITY);
		return;
	}
	gic_deactivate(irq);
}

void irq_poll(void)
{
	uint32_t irq;
	for (uint32_t i = 0; i < IRQ_BURST_MAX && gic_ack(&irq); i++) {
		uint64_t began_ns = time_now_ns();
		trace_irq_ack(irq);
		if (irq == BOARD_IRQ_EL2_TIMER) {
			timer_tick();
		}
		gic_drop(irq);
		if (irq == BOARD_IRQ_VIRTUAL_TIMER) {
			give_to_guest(irq);
		} else {
			gic_deactivate(irq);
		}
		trace_irq_eoi(irq, time_now_ns() - began_ns);
	}
}
