/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/irq.h"

#include <stdint.h>

#include "platforms/reference/hooks.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/timer.h"

/* More are not pending at once: one per vector, and one that came meanwhile. */
#define IRQ_BURST_MAX 4u

static void handle(uint32_t vector)
{
	uint64_t began_ns = time_now_ns();
	trace_irq_ack(vector);
	if (vector == VECTOR_TIMER) {
		timer_expired();
	}
	lapic_eoi();
	trace_irq_eoi(vector, time_now_ns() - began_ns);
}

bool irq_poll(void)
{
	struct percpu *cpu = percpu();
	bool timer = false;
	for (uint32_t i = 0; i < IRQ_BURST_MAX; i++) {
		irq_window();
		uint32_t taken = cpu->irqs_taken;
		cpu->irqs_taken = 0;
		if (taken == 0) {
			break;
		}
		/* VECTOR_KICK only had to end the run of the guest. */
		if ((taken & PERCPU_IRQ_KICK) != 0) {
			handle(VECTOR_KICK);
		}
		if ((taken & PERCPU_IRQ_TIMER) != 0) {
			handle(VECTOR_TIMER);
			timer = true;
		}
	}
	return timer;
}
