/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/hooks.h"

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/trap.h"
#include "platforms/aarch64_qemu/vm.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/panic.h"
#include "probes/control/control.h"
#include "runtime/base/noprobe.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/guest.h"
#include "runtime/hooks/mem.h"

#include "codegen/gen/contexts_gen.h"    // Generated.
#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.

#define ESR_ISS 0x1ffffffu
#define PSTATE_SPSEL 1u

/* axebpf's number for each reason. */
static const uint8_t reasons[] = {
	[EXIT_UNKNOWN] = AXB_EXIT_UNKNOWN,
	[EXIT_IRQ] = AXB_EXIT_IRQ,
	[EXIT_FIQ] = AXB_EXIT_FIQ,
	[EXIT_SERROR] = AXB_EXIT_SERROR,
	[EXIT_WFI] = AXB_EXIT_WFI,
	[EXIT_WFE] = AXB_EXIT_WFE,
	[EXIT_HVC] = AXB_EXIT_HVC,
	[EXIT_SMC] = AXB_EXIT_SMC,
	[EXIT_SYSREG] = AXB_EXIT_SYSREG,
	[EXIT_DATA_ABORT] = AXB_EXIT_STAGE2_FAULT,
	[EXIT_INSN_ABORT] = AXB_EXIT_INSN_ABORT,
	[EXIT_FP_ACCESS] = AXB_EXIT_FP_ACCESS,
};
AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(reasons) == EXIT_COUNT_, "one each");

uint32_t machine_stream_arch(void)
{
	return AXB_STREAM_ARCH_AARCH64;
}

/* What axebpf asks of this hypervisor. */

AXB_NOPROBE uint32_t axb_plat_cpu_id(void)
{
	return percpu()->id;
}

uint32_t axb_plat_cpu_count(void)
{
	return BOARD_CPU_COUNT;
}

uint64_t axb_plat_time_ns(void)
{
	return machine_time_ns();
}

uint64_t axb_plat_irq_save(void)
{
	uint64_t state = read_daif();
	daif_mask();
	return state;
}

void axb_plat_irq_restore(uint64_t state)
{
	write_daif(state);
}

void axb_plat_vcpu_context(struct axb_vcpu_context *out)
{
	const struct vcpu *vcpu = percpu()->vcpu;
	*out = (struct axb_vcpu_context){.vcpu_id = AXB_VCPU_NONE};
	if (vcpu != NULL) {
		out->vm_id = vcpu->vm->id;
		out->vcpu_id = vcpu->id;
		out->has_exit_reason = vcpu->in_exit;
		out->exit_reason = reasons[vcpu->reason];
	}
}

/* Places in struct axb_user_pt_regs, in units of 8 bytes. */
enum {
	PLACE_SP = offsetof(struct axb_user_pt_regs, sp) / sizeof(uint64_t),
	PLACE_PC = offsetof(struct axb_user_pt_regs, pc) / sizeof(uint64_t),
	PLACE_END = sizeof(struct axb_user_pt_regs) / sizeof(uint64_t),
};

enum axb_status axb_plat_guest_reg(uint64_t index, uint64_t *out)
{
	const struct vcpu *vcpu = percpu()->vcpu;
	if (index >= PLACE_END) {
		return AXB_ERR_ARG;
	}
	if (vcpu == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	const struct cpu_regs *regs = &vcpu->regs;
	if (index < PLACE_SP) {
		*out = regs->x[index];
	} else if (index == PLACE_SP) {
		/* A vCPU stays on its CPU, so these are in the hardware. */
		*out = (regs->pstate & PSTATE_SPSEL) != 0 ? read_sp_el1() : read_sp_el0();
	} else {
		*out = index == PLACE_PC ? regs->pc : regs->pstate;
	}
	return AXB_OK;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	panic_at(file, line, what);
}

AXB_NOPROBE bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	/* Devices are mapped too, and reading one may change it. */
	bool in_ram =
		from >= BOARD_RAM_BASE && from <= BOARD_RAM_END && size <= BOARD_RAM_END - from;
	return in_ram && copy_guarded(to, from, size);
}

/* What the hypervisor tells axebpf. */

void trace_vmm_init(uint32_t cpu_count, uint64_t duration_ns)
{
	axb_trace_vmm_vmm_init(cpu_count, duration_ns);
}

void trace_config_load(uint16_t vm_id, uint64_t duration_ns)
{
	axb_trace_vmm_config_load(vm_id, duration_ns);
}

void trace_vm_create(const struct vm *vm)
{
	axb_trace_vmm_vm_create(
		vm->id, vm->config->vcpu_count, vm->config->ram_size, vm->config->name);
}

void trace_image_load(uint16_t vm_id, uint64_t size, uint64_t duration_ns)
{
	axb_trace_vmm_image_load(vm_id, size, duration_ns);
}

void trace_vm_boot(const struct vcpu *vcpu)
{
	axb_trace_vmm_vm_boot(vcpu->vm->id, vcpu->regs.pc);
}

void trace_vm_destroy(uint16_t vm_id)
{
	axb_trace_vmm_vm_destroy(vm_id);
	axb_vm_gone(vm_id);
}

void trace_timer_tick(uint64_t now_ns)
{
	axb_trace_vmm_timer_tick(now_ns);
}

void trace_timer_event(const struct vcpu *vcpu, uint32_t irq)
{
	axb_trace_vmm_timer_event(irq, vcpu->vm->id);
}

void trace_vcpu_create(const struct vcpu *vcpu)
{
	axb_trace_vcpu_create(vcpu->vm->id, vcpu->id, vcpu->regs.pc);
}

/* Each exit comes here, so that what an event needs is looked up only when there will be one. */

void trace_vcpu_enter(const struct vcpu *vcpu, uint64_t in_hypervisor_ns)
{
	if (axb_tp_on_vcpu_enter()) {
		axb_trace_vcpu_enter(vcpu->vm->id, vcpu->id, vcpu->regs.pc);
	}
	if (axb_tp_on_hyp_hyp_exit() && in_hypervisor_ns != 0) {
		axb_trace_hyp_hyp_exit(vcpu->vm->id, vcpu->id, in_hypervisor_ns);
	}
}

void trace_vcpu_exit(const struct vcpu *vcpu, uint64_t in_guest_ns)
{
	if (axb_tp_on_hyp_hyp_enter()) {
		axb_trace_hyp_hyp_enter(vcpu->vm->id, vcpu->id, reasons[vcpu->reason]);
	}
	if (axb_tp_on_vcpu_exit()) {
		axb_trace_vcpu_exit(vcpu->vm->id, vcpu->id, reasons[vcpu->reason], vcpu->regs.pc,
			vcpu->esr, in_guest_ns);
	}
}

void trace_vcpu_block(const struct vcpu *vcpu, uint64_t duration_ns)
{
	axb_trace_vcpu_block(vcpu->vm->id, vcpu->id, vcpu->regs.pc, duration_ns);
}

void trace_vcpu_inject(const struct vcpu *vcpu, uint32_t vector, uint64_t syndrome)
{
	axb_trace_vcpu_inject(vcpu->vm->id, vcpu->id, vector, syndrome, vcpu->regs.pc);
}

void trace_s2_fault(const struct vcpu *vcpu, axb_gpa_t gpa)
{
	axb_trace_s2_fault(vcpu->vm->id, vcpu->id, gpa.pa, vcpu->far, vcpu->regs.pc,
		(uint32_t)vcpu->esr & ESR_ISS);
}

void trace_s2_map(uint16_t vm_id, axb_gpa_t gpa, axb_hpa_t hpa, uint64_t size, uint32_t attributes)
{
	axb_trace_s2_map(vm_id, gpa.pa, hpa.pa, size, attributes);
}

void trace_s2_unmap(uint16_t vm_id, axb_gpa_t gpa, uint64_t size)
{
	axb_trace_s2_unmap(vm_id, gpa.pa, size);
}

void trace_s2_tlbi(uint16_t vm_id, axb_gpa_t gpa, uint64_t size)
{
	axb_trace_s2_tlbi(vm_id, gpa.pa, size);
}

void trace_mmio(const struct vcpu *vcpu, axb_gpa_t gpa, uint64_t value, uint8_t size, bool is_write)
{
	axb_trace_mmio_access(vcpu->vm->id, vcpu->id, gpa.pa, value, size, is_write);
}

void trace_sysreg(const struct vcpu *vcpu, uint32_t sysreg, uint64_t value, bool is_write)
{
	axb_trace_sysreg_trap(vcpu->vm->id, vcpu->id, sysreg, value, is_write, vcpu->regs.pc);
}

void trace_hypercall(
	const struct vcpu *vcpu, uint64_t number, uint64_t arg0, uint64_t arg1, int64_t result)
{
	axb_trace_hypercall_call(vcpu->vm->id, vcpu->id, number, arg0, arg1, result);
}

void trace_psci_call(
	const struct vcpu *vcpu, uint64_t function, uint64_t arg0, uint64_t arg1, int64_t result)
{
	axb_trace_psci_call(vcpu->vm->id, vcpu->id, (uint32_t)function, arg0, arg1, result);
}

void trace_irq_ack(uint32_t irq)
{
	axb_trace_irq_ack(irq);
}

void trace_irq_inject(const struct vcpu *vcpu, uint32_t irq, uint8_t priority)
{
	axb_trace_irq_inject(vcpu->vm->id, vcpu->id, irq, priority);
}

void trace_irq_eoi(uint32_t irq, uint64_t duration_ns)
{
	axb_trace_irq_eoi(irq, duration_ns);
}
