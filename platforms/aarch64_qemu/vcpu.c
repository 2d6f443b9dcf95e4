/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/vcpu.h"

#include <stddef.h>

#include "platforms/aarch64_qemu/exit.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/irq.h"
#include "platforms/aarch64_qemu/offsets.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/trace_hooks.h"
#include "platforms/aarch64_qemu/vm.h"
#include "runtime/base/types.h"

AXB_STATIC_ASSERT(offsetof(struct cpu_regs, x) == REGS_X, "used by vectors.S");
AXB_STATIC_ASSERT(offsetof(struct cpu_regs, pc) == REGS_PC, "used by vectors.S");
AXB_STATIC_ASSERT(offsetof(struct cpu_regs, pstate) == REGS_PSTATE, "used by vectors.S");
AXB_STATIC_ASSERT(sizeof(struct cpu_regs) == REGS_SIZE, "used by vectors.S");

/* EL1h, all interrupts masked (Arm ARM C5.2.19). */
#define PSTATE_AT_RESET 0x3c5u
/* RES1 bits; MMU and caches off. */
#define SCTLR_EL1_AT_RESET 0x30d00800u

/* HCR_EL2 (Arm ARM D19.2.48). */
#define HCR_VM (1u << 0)
#define HCR_SWIO (1u << 1)
#define HCR_FMO (1u << 3)
#define HCR_IMO (1u << 4)
#define HCR_AMO (1u << 5)
#define HCR_TWI (1u << 13)
#define HCR_TID3 (1u << 18)
#define HCR_TSC (1u << 19)
#define HCR_TACR (1u << 21)
#define HCR_RW (UINT64_C(1) << 31)
#define HCR_GUEST                                                                                  \
	(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TWI | HCR_TID3 | HCR_TSC |          \
		HCR_TACR | HCR_RW)
/* RES1 bits; SIMD and floating point (TFP) and SVE (TZ) are the guest's: EL2 does not use them. */
#define CPTR_EL2_GUEST 0x32ffu
/* Counter and timer of EL1 are the guest's. */
#define CNTHCTL_EL2_GUEST 3u
/* TDA, TDOSA, TDRA: debug registers belong to the hypervisor. */
#define MDCR_EL2_TRAP_DEBUG (7u << 9)
#define MPIDR_RES1 (1u << 31)
#define GUEST_CPACR_RESET 0u

uint32_t vcpu_enter(struct cpu_regs *regs);

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
};
AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(reason_names) == EXIT_COUNT_, "one name each");

const char *exit_reason_name(enum exit_reason reason)
{
	return reason_names[reason];
}

void vcpu_init(struct vcpu *vcpu, struct vm *vm, uint64_t entry)
{
	*vcpu = (struct vcpu){.vm = vm, .regs = {.pc = entry, .pstate = PSTATE_AT_RESET}};
	trace_vcpu_create(vcpu);
}

/* Give this CPU to the vCPU: EL1 as after reset, traps and stage 2 on. */
static void load(struct vcpu *vcpu)
{
	write_sctlr_el1(SCTLR_EL1_AT_RESET);
	write_cpacr_el1(GUEST_CPACR_RESET);
	write_vbar_el1(0);
	write_cntv_ctl_el0(0);
	write_cntvoff_el2(0);
	write_vpidr_el2(read_midr_el1());
	write_vmpidr_el2(MPIDR_RES1 | vcpu->id);
	write_cptr_el2(CPTR_EL2_GUEST);
	write_cnthctl_el2(CNTHCTL_EL2_GUEST);
	write_mdcr_el2(read_mdcr_el2() | MDCR_EL2_TRAP_DEBUG);
	write_hcr_el2(HCR_GUEST);
	isb();
	s2_activate(&vcpu->vm->s2);
	percpu()->vcpu = vcpu;
	trace_vm_boot(vcpu);
}

static void unload(void)
{
	percpu()->vcpu = NULL;
	write_cntv_ctl_el0(0);
	isb();
}

/* Time since the last switch between guest and hypervisor, which is now. */
static uint64_t lap(struct vcpu *vcpu)
{
	uint64_t now_ns = time_now_ns();
	uint64_t passed_ns = vcpu->switched_ns == 0 ? 0 : now_ns - vcpu->switched_ns;
	vcpu->switched_ns = now_ns;
	return passed_ns;
}

/* Into the guest and back; says in *@vcpu why. */
static void run_once(struct vcpu *vcpu)
{
	trace_vcpu_enter(vcpu, lap(vcpu));
	vcpu->in_exit = false;
	uint32_t vector = vcpu_enter(&vcpu->regs);
	vcpu->esr = 0;
	if (vector == GUEST_VECTOR_SYNC) {
		vcpu->esr = read_esr_el2();
		vcpu->far = read_far_el2();
		vcpu->hpfar = read_hpfar_el2();
	}
	vcpu->reason = exit_decode(vector, vcpu->esr);
	vcpu->in_exit = true;
	vcpu->exit_count[vcpu->reason]++;
	trace_vcpu_exit(vcpu, lap(vcpu));
}

/* The guest executed WFI: idle until something is pending for it. */
static void block(struct vcpu *vcpu, void (*housekeeping)(void))
{
	uint64_t began_ns = time_now_ns();
	while (irq_poll(), !gic_guest_has_work() && !vm_stop_is_wanted()) {
		if (housekeeping != NULL) {
			housekeeping();
		}
		wfi();
	}
	uint64_t waited_ns = time_now_ns() - began_ns;
	/* Waiting is not work: leave it out of the time in the hypervisor. */
	vcpu->switched_ns += waited_ns;
	trace_vcpu_block(vcpu, waited_ns);
}

void vcpu_run(struct vcpu *vcpu, void (*housekeeping)(void))
{
	load(vcpu);
	while (vm_state(vcpu->vm) == VM_READY) {
		run_once(vcpu);
		switch (vcpu->reason) {
		case EXIT_IRQ:
			irq_poll();
			if (housekeeping != NULL) {
				housekeeping();
			}
			break;
		case EXIT_WFI:
			vcpu->regs.pc += 4;
			block(vcpu, housekeeping);
			break;
		default:
			exit_handle(vcpu);
			break;
		}
		if (vm_stop_is_wanted()) {
			vm_stop(vcpu->vm, 0);
		}
	}
	unload();
	trace_vm_destroy(vcpu->vm->id);
}
