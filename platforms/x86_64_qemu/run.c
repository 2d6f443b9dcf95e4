/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/run.h"

#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/x86_64/cpu.h"
#include "platforms/reference/tracing.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/exit.h"
#include "platforms/x86_64_qemu/irq.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/vcpu.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/atomic.h"

#define SLOTS (PACKAGE_VMS_MAX * PACKAGE_VCPUS_MAX)

/* CPU 0 fills empty slots; the CPU that has the queue empties them. */
struct queue {
	struct vcpu *slots[SLOTS];
	uint32_t current;
};

static struct queue queues[BOARD_CPU_COUNT];

static struct vcpu *slot(const struct queue *queue, uint32_t i)
{
	/* Acquire; pairs with the release in run_attach(). */
	return axb_load_acquire(&queue->slots[i]);
}

static uint32_t length(const struct queue *queue)
{
	uint32_t taken = 0;
	for (uint32_t i = 0; i < SLOTS; i++) {
		taken += slot(queue, i) != NULL ? 1 : 0;
	}
	return taken;
}

void run_attach(struct vcpu *vcpu)
{
	uint32_t best = 0;
	for (uint32_t cpu = 1; cpu < BOARD_CPU_COUNT; cpu++) {
		if (length(&queues[cpu]) < length(&queues[best])) {
			best = cpu;
		}
	}
	vcpu->cpu = best;
	vcpu->attached = 1;
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (slot(&queues[best], i) == NULL) {
			axb_store_release(&queues[best].slots[i], vcpu);
			break;
		}
	}
	vcpu_kick(vcpu);
}

void run_detach_ended(void)
{
	struct queue *queue = &queues[percpu()->id];
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct vcpu *vcpu = slot(queue, i);
		if (vcpu != NULL && vm_has_ended(vcpu->vm)) {
			vcpu_unload(vcpu);
			axb_store_release(&queue->slots[i], NULL);
			/* Release; pairs with the acquire in is_detached(): we are done with it. */
			axb_store_release(&vcpu->attached, 0u);
			if (percpu()->id != 0) {
				lapic_kick(0); /* it cleans up */
			}
		}
	}
}

/* The vCPU whose turn it is; NULL when none can run. */
static struct vcpu *pick(struct queue *queue, bool slice_is_over)
{
	uint32_t first = queue->current + (slice_is_over ? 1 : 0);
	for (uint32_t i = 0; i < SLOTS; i++) {
		uint32_t at = (first + i) % SLOTS;
		struct vcpu *vcpu = slot(queue, at);
		if (vcpu != NULL && vcpu_is_runnable(vcpu)) {
			queue->current = at;
			return vcpu;
		}
	}
	return NULL;
}

/* Have this CPU interrupted when the next timer of a vCPU expires. */
static void set_timer(const struct queue *queue)
{
	uint64_t deadline = TSC_NEVER;
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct vcpu *vcpu = slot(queue, i);
		if (vcpu == NULL) {
			continue;
		}
		vcpu_poll_timer(vcpu);
		if (vcpu_deadline(vcpu) < deadline) {
			deadline = vcpu_deadline(vcpu);
		}
	}
	timer_set(deadline);
}

/* @vcpu runs until something else is to be done. */
static void run_slice(const struct queue *queue, struct vcpu *vcpu)
{
	percpu()->vcpu = vcpu;
	do {
		uint64_t deadline = vcpu_deadline(vcpu);
		vcpu_run(vcpu);
		exit_handle(vcpu);
		/* After every exit: no tick comes while the host keeps QEMU's main loop waiting. */
		tracing_relieve();
		if (vcpu_deadline(vcpu) != deadline) {
			set_timer(queue);
		} else {
			vcpu_poll_timer(vcpu);
		}
	} while (vcpu->reason != EXIT_INTR && vcpu->reason != EXIT_NMI && !vm_has_ended(vcpu->vm) &&
		 vcpu_is_runnable(vcpu));
	vcpu->in_exit = false;
	percpu()->vcpu = NULL;
}

void run_for_ever(void (*housekeeping)(void))
{
	struct queue *queue = &queues[percpu()->id];
	for (;;) {
		bool slice_is_over = irq_poll();
		run_detach_ended();
		if (housekeeping != NULL) {
			housekeeping();
		}
		set_timer(queue);
		struct vcpu *vcpu = pick(queue, slice_is_over);
		if (vcpu != NULL) {
			run_slice(queue, vcpu);
		} else {
			irq_wait();
		}
	}
}
