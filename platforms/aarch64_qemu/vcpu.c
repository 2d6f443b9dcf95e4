/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/vcpu.h"

#include <stddef.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/exit.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/irq.h"
#include "platforms/aarch64_qemu/offsets.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/vm.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/tracing.h"
#include "runtime/base/atomic.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

AXB_STATIC_ASSERT(offsetof(struct cpu_regs, x) == REGS_X, "used by vectors.S");
AXB_STATIC_ASSERT(offsetof(struct cpu_regs, sp) == REGS_SP, "used by vectors.S");
AXB_STATIC_ASSERT(offsetof(struct cpu_regs, pc) == REGS_PC, "used by vectors.S");
AXB_STATIC_ASSERT(offsetof(struct cpu_regs, pstate) == REGS_PSTATE, "used by vectors.S");
AXB_STATIC_ASSERT(sizeof(struct cpu_regs) == REGS_SIZE, "used by vectors.S");

/* EL1h, all interrupts masked (Arm ARM C5.2.19). */
#define PSTATE_AT_RESET 0x3c5u

/* HCR_EL2 (Arm ARM D19.2.48). */
#define HCR_VM (1u << 0)
#define HCR_SWIO (1u << 1)
#define HCR_FMO (1u << 3)
#define HCR_IMO (1u << 4)
#define HCR_AMO (1u << 5)
#define HCR_TWI (1u << 13)
#define HCR_TID3 (1u << 18)
#define HCR_TSC (1u << 19)
#define HCR_TIDCP (1u << 20)
#define HCR_TACR (1u << 21)
#define HCR_RW (UINT64_C(1) << 31)
#define HCR_TLOR (UINT64_C(1) << 35)
#define HCR_TERR (UINT64_C(1) << 36)
#define HCR_APK (UINT64_C(1) << 40)
#define HCR_API (UINT64_C(1) << 41)
#define HCR_GUEST                                                                                  \
	(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TWI | HCR_TID3 | HCR_TSC |          \
		HCR_TIDCP | HCR_TACR | HCR_RW | HCR_TLOR | HCR_TERR | HCR_APK | HCR_API)
/* Interrupts come to EL2, no stage 2. */
#define HCR_IDLE (HCR_FMO | HCR_IMO | HCR_AMO | HCR_RW)
/* RES1 bits; TAM, TTA, TZ, TSM: no activity monitors, trace, SVE nor SME. SIMD and floating point
 * (TFP) are the guest's: EL2 does not use them. */
#define CPTR_EL2_GUEST (1u << 30 | 1u << 20 | 0x33ffu)
/* Counters and timers of EL1 are the guest's. */
#define CNTHCTL_EL2_GUEST 3u
/* TPMCR, TPM, TPMS, TTRF: no performance monitors, profiling nor trace filter. Debug registers
 * are the guest's, and its debug exceptions go to EL1. HPMN stays: all counters are EL1's. */
#define MDCR_EL2_HPMN 0x1fu
#define MDCR_EL2_GUEST (1u << 5 | 1u << 6 | 1u << 14 | 1u << 19)
#define MPIDR_RES1 (1u << 31)

#define TIMER_CONTROL 7u /* enabled, not masked, expired: */
#define TIMER_FIRES 5u
#define KERNEL_ADDRESSES UINT64_C(0xffff000000000000)

uint32_t vcpu_enter(struct cpu_regs *regs);
void el1_reset(void);

static const char *const reason_names[] = {
	[EXIT_UNKNOWN] = "unknown",
	[EXIT_IRQ] = "irq",
	[EXIT_FIQ] = "fiq",
	[EXIT_SERROR] = "serror",
	[EXIT_WFI] = "wfi",
	[EXIT_WFE] = "wfe",
	[EXIT_HVC] = "hvc",
	[EXIT_SMC] = "smc",
	[EXIT_SYSREG] = "sysreg",
	[EXIT_DATA_ABORT] = "data-abort",
	[EXIT_INSN_ABORT] = "insn-abort",
	[EXIT_FP_ACCESS] = "fp-access",
};
AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(reason_names) == EXIT_COUNT_, "one name each");

const char *exit_reason_name(enum exit_reason reason)
{
	return reason_names[reason];
}

void vcpu_init(struct vcpu *vcpu, struct vm *vm, uint16_t id, uint32_t cpu)
{
	*vcpu = (struct vcpu){.vm = vm, .id = id, .cpu = cpu};
}

void vcpu_power_on(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	vcpu->regs = (struct cpu_regs){.pc = entry, .pstate = PSTATE_AT_RESET};
	vcpu->regs.x[0] = argument;
	trace_vcpu_create(vcpu);
	/* Release; pairs with the acquire in find_vcpu(). */
	axb_store_release(&vcpu->power, (uint32_t)VCPU_ON_PENDING);
}

/* Give this CPU to the vCPU: EL1 as after reset, traps and stage 2 on. */
static void load(struct vcpu *vcpu)
{
	el1_reset();
	gic_guest_reset();
	write_cntvoff_el2(0);
	write_vpidr_el2(read_midr_el1());
	write_vmpidr_el2(MPIDR_RES1 | vcpu->id);
	write_cptr_el2(CPTR_EL2_GUEST);
	write_cnthctl_el2(CNTHCTL_EL2_GUEST);
	write_mdcr_el2((read_mdcr_el2() & MDCR_EL2_HPMN) | MDCR_EL2_GUEST);
	s2_activate(&vcpu->vm->s2);
	write_hcr_el2(HCR_GUEST);
	isb();
	percpu()->vcpu = vcpu;
	if (vcpu->cpu != 0) {
		/* CPU 0 ticks for ever. */
		timer_start();
	}
	vcpu->switched_ns = 0;
	if (vcpu->id == 0) {
		trace_vm_boot(vcpu);
	}
	axb_store_release(&vcpu->power, (uint32_t)VCPU_ON);
}

static void unload(struct vcpu *vcpu)
{
	el1_reset(); /* also stops its timers */
	for (uint32_t irqs = vcpu->hardware_active; irqs != 0; irqs &= irqs - 1) {
		gic_deactivate((uint32_t)__builtin_ctz(irqs));
	}
	vcpu->hardware_active = 0;
	vcpu->waiting = false;
	vcpu->off_wanted = false;
	write_hcr_el2(HCR_IDLE);
	write_vttbr_el2(0);
	isb();
	if (vcpu->cpu != 0) {
		timer_stop();
	}
	percpu()->vcpu = NULL;
	axb_store_release(&vcpu->power, (uint32_t)VCPU_OFF);
}

/* The vCPU to run here, loaded; NULL when there is none. */
static struct vcpu *find_vcpu(void)
{
	struct percpu *cpu = percpu();
	struct vcpu *vcpu = axb_load_acquire(&cpu->assigned);
	if (vcpu == NULL) {
		return NULL;
	}
	bool ended = vm_state(vcpu->vm) != VM_RUNNING;
	if (cpu->vcpu != NULL && (ended || vcpu->off_wanted)) {
		unload(vcpu);
	}
	if (ended) {
		/* Release: all that this CPU did to the VM; pairs with the acquire in
		 * vm_has_left(). */
		axb_store_release(&cpu->assigned, NULL);
		sev();
		return NULL;
	}
	if (axb_load_acquire(&vcpu->power) == VCPU_ON_PENDING) {
		load(vcpu);
	}
	return cpu->vcpu;
}

void vcpu_leave_ended(void)
{
	(void)find_vcpu();
}

/* Time since the last switch between guest and hypervisor, which is now. */
static uint64_t lap(struct vcpu *vcpu)
{
	uint64_t now_ns = machine_time_ns();
	uint64_t passed_ns = vcpu->switched_ns == 0 ? 0 : now_ns - vcpu->switched_ns;
	vcpu->switched_ns = now_ns;
	return passed_ns;
}

/* Interrupts. */

void vcpu_hardware_irq(struct vcpu *vcpu, uint32_t irq)
{
	axb_spinlock_lock(&vcpu->vm->lock);
	vgic_set_line(&vcpu->vm->vgic, vcpu->id, irq, true);
	axb_spinlock_unlock(&vcpu->vm->lock);
	vcpu->hardware_active |= 1u << irq;
	trace_timer_event(vcpu, irq);
}

/* Timers that the guest stopped or set anew before it took their interrupt: take that back. */
static void drop_stale_timers(struct vcpu *vcpu)
{
	struct vgic *vgic = &vcpu->vm->vgic;
	uint32_t irqs = vcpu->hardware_active & ~vgic->own[vcpu->id].active;
	for (; irqs != 0; irqs &= irqs - 1) {
		uint32_t irq = (uint32_t)__builtin_ctz(irqs);
		uint64_t control =
			irq == BOARD_IRQ_VIRTUAL_TIMER ? read_cntv_ctl_el0() : read_cntp_ctl_el0();
		if ((control & TIMER_CONTROL) != TIMER_FIRES) {
			vgic_set_line(vgic, vcpu->id, irq, false);
			gic_deactivate(irq);
			vcpu->hardware_active &= ~(1u << irq);
		}
	}
}

/* Tell once of each interrupt that is listed as pending. */
static void trace_listed(struct vcpu *vcpu)
{
	for (uint32_t i = 0; i < vcpu->list_count; i++) {
		uint32_t irq = GIC_LIST_IRQ(vcpu->list[i]);
		uint64_t bit = UINT64_C(1) << irq;
		if ((vcpu->list[i] & GIC_LIST_PENDING) != 0 && (vcpu->list_told & bit) == 0) {
			vcpu->list_told |= bit;
			trace_irq_inject(vcpu, irq, GIC_LIST_PRIORITY(vcpu->list[i]));
		}
	}
}

static void load_interrupts(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	bool more;
	axb_spinlock_lock(&vm->lock);
	drop_stale_timers(vcpu);
	vcpu->list_count = vgic_load(&vm->vgic, vcpu->id, vcpu->list, &more);
	axb_spinlock_unlock(&vm->lock);
	trace_listed(vcpu);
	gic_lists_write(vcpu->list, vcpu->list_count, more);
}

static void save_interrupts(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	if (vcpu->list_count == 0) {
		return;
	}
	gic_lists_read(vcpu->list, vcpu->list_count);
	axb_spinlock_lock(&vm->lock);
	vgic_save(&vm->vgic, vcpu->id, vcpu->list, vcpu->list_count);
	vcpu->hardware_active &= vm->vgic.own[vcpu->id].line;
	axb_spinlock_unlock(&vm->lock);
	for (uint32_t i = 0; i < vcpu->list_count; i++) {
		if ((vcpu->list[i] & GIC_LIST_PENDING) == 0) {
			vcpu->list_told &= ~(UINT64_C(1) << GIC_LIST_IRQ(vcpu->list[i]));
		}
	}
}

/* Does it sleep in WFI, with nothing to wake it? */
static bool is_waiting(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	if (!vcpu->waiting) {
		return false;
	}
	axb_spinlock_lock(&vm->lock);
	drop_stale_timers(vcpu);
	bool wakes = (vgic_wanting(&vm->vgic) & 1u << vcpu->id) != 0;
	axb_spinlock_unlock(&vm->lock);
	if (wakes) {
		uint64_t waited_ns = machine_time_ns() - vcpu->waiting_since_ns;
		vcpu->waiting = false;
		/* Waiting is not work: leave it out of the time in the hypervisor. */
		vcpu->switched_ns += waited_ns;
		trace_vcpu_block(vcpu, waited_ns);
	}
	return !wakes;
}

/* Running. */

/* Into the guest and back. A breakpoint behind the exit would overwrite what it left in the CPU. */
AXB_NOPROBE static uint32_t enter(struct vcpu *vcpu)
{
	uint32_t vector = vcpu_enter(&vcpu->regs);
	vcpu->esr = 0;
	if (vector == GUEST_VECTOR_SYNC) {
		vcpu->esr = read_esr_el2();
		vcpu->far = read_far_el2();
		vcpu->hpfar = read_hpfar_el2();
	}
	return vector;
}

static void note_exit(struct vcpu *vcpu, uint32_t vector)
{
	vcpu->reason = exit_decode(vector, vcpu->esr);
	vcpu->in_exit = true;
	vcpu->exit_count[vcpu->reason]++;
	if (vcpu->vectors == 0 && read_vbar_el1() >= KERNEL_ADDRESSES) {
		vcpu->vectors = read_vbar_el1();
	}
}

/* Into the guest and back, and what it asked for. @return whether an interrupt ended the run. */
static bool run(struct vcpu *vcpu)
{
	load_interrupts(vcpu);
	trace_vcpu_enter(vcpu, lap(vcpu));
	vcpu->in_exit = false;
	note_exit(vcpu, enter(vcpu));
	trace_vcpu_exit(vcpu, lap(vcpu));
	save_interrupts(vcpu);
	switch (vcpu->reason) {
	case EXIT_IRQ:
	case EXIT_FIQ:
		return true;
	case EXIT_WFI:
		exit_skip_insn(vcpu);
		vcpu_wait(vcpu);
		return false;
	default:
		exit_handle(vcpu);
		return false;
	}
}

void vcpu_wait(struct vcpu *vcpu)
{
	vcpu->waiting = true;
	vcpu->waiting_since_ns = machine_time_ns();
}

void vcpu_loop(void (*thread)(void))
{
	for (;;) {
		struct vcpu *vcpu = find_vcpu();
		bool interrupted = true;
		if (vcpu != NULL && !is_waiting(vcpu)) {
			interrupted = run(vcpu);
		} else {
			wfi();
		}
		/* After every exit: no tick comes while the host keeps QEMU's main loop waiting. */
		tracing_relieve();
		if (interrupted) {
			irq_poll();
			if (thread != NULL) {
				thread();
			}
		}
	}
}
