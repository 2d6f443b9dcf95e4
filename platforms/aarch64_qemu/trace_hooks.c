/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/trace_hooks.h"

#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/aarch64_qemu/vm.h"

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.

#define ESR_ISS 0x1ffffffu

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
};
AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(reasons) == EXIT_COUNT_, "one each");

uint32_t trace_exit_reason(enum exit_reason reason)
{
	return reasons[reason];
}

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
	axb_trace_vmm_vm_create(vm->id, 1, GUEST_RAM_SIZE, vm->name);
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

void trace_vcpu_enter(const struct vcpu *vcpu, uint64_t in_hypervisor_ns)
{
	axb_trace_vcpu_enter(vcpu->vm->id, vcpu->id, vcpu->regs.pc);
	if (in_hypervisor_ns != 0) {
		axb_trace_hyp_hyp_exit(vcpu->vm->id, vcpu->id, in_hypervisor_ns);
	}
}

void trace_vcpu_exit(const struct vcpu *vcpu, uint64_t in_guest_ns)
{
	uint32_t reason = trace_exit_reason(vcpu->reason);
	axb_trace_hyp_hyp_enter(vcpu->vm->id, vcpu->id, reason);
	axb_trace_vcpu_exit(vcpu->vm->id, vcpu->id, reason, vcpu->regs.pc, vcpu->esr, in_guest_ns);
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
