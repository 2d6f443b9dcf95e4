/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Every hook in one file: what axebpf asks of this hypervisor (runtime/hooks), and what the
 * hypervisor tells axebpf (platforms/reference/hooks.h).
 */
#include "platforms/reference/hooks.h"

#include "platforms/reference/panic.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/trap.h"
#include "platforms/x86_64_qemu/vcpu.h"
#include "platforms/x86_64_qemu/vm.h"
#include "probes/control/control.h"
#include "runtime/base/noprobe.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/guest.h"
#include "runtime/hooks/mem.h"

#include "codegen/gen/contexts_gen.h"    // Generated.
#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.

#define RFLAGS_INTERRUPTS (1u << 9)

/* Numbers of the spec. */
static const uint8_t reasons[] = {
	[EXIT_UNKNOWN] = AXB_EXIT_UNKNOWN,
	[EXIT_INTR] = AXB_EXIT_INTR,
	[EXIT_NMI] = AXB_EXIT_NMI,
	[EXIT_INTERRUPT_WINDOW] = AXB_EXIT_INTERRUPT_WINDOW,
	[EXIT_HLT] = AXB_EXIT_HLT,
	[EXIT_IO] = AXB_EXIT_IO,
	[EXIT_MSR] = AXB_EXIT_MSR,
	[EXIT_CPUID] = AXB_EXIT_CPUID,
	[EXIT_NPF] = AXB_EXIT_NPF,
	[EXIT_VMMCALL] = AXB_EXIT_VMMCALL,
	[EXIT_BREAKPOINT] = AXB_EXIT_BREAKPOINT,
	[EXIT_SOFTWARE_INTERRUPT] = AXB_EXIT_SOFTWARE_INTERRUPT,
	[EXIT_DEBUG_REGISTER] = AXB_EXIT_DEBUG_REGISTER,
	[EXIT_CONTROL_REGISTER] = AXB_EXIT_CR_ACCESS,
	[EXIT_INSN] = AXB_EXIT_INSN,
	[EXIT_IRET] = AXB_EXIT_IRET,
	[EXIT_SHUTDOWN] = AXB_EXIT_SHUTDOWN,
	[EXIT_INVALID] = AXB_EXIT_INVALID,
};
AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(reasons) == EXIT_COUNT_, "one each");

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
	return time_now_ns();
}

uint64_t axb_plat_irq_save(void)
{
	uint64_t state = read_flags() & RFLAGS_INTERRUPTS;
	irq_mask();
	return state;
}

void axb_plat_irq_restore(uint64_t state)
{
	if (state != 0) {
		irq_unmask();
	}
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

/* Places in struct axb_pt_regs_x86_64, in units of 8 bytes. */
enum {
	PLACE_ORIG_RAX = offsetof(struct axb_pt_regs_x86_64, orig_rax) / sizeof(uint64_t),
	PLACE_RIP = offsetof(struct axb_pt_regs_x86_64, rip) / sizeof(uint64_t),
	PLACE_END = sizeof(struct axb_pt_regs_x86_64) / sizeof(uint64_t),
};

enum axb_status axb_plat_guest_reg(uint64_t index, uint64_t *out)
{
	static const uint8_t general[PLACE_ORIG_RAX] = {15, 14, 13, 12, REG_RBP, REG_RBX, 11, 10, 9,
		8, REG_RAX, REG_RCX, REG_RDX, REG_RSI, REG_RDI};
	const struct vcpu *vcpu = percpu()->vcpu;
	if (index == PLACE_ORIG_RAX || index >= PLACE_END) {
		return AXB_ERR_ARG;
	}
	if (vcpu == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	const uint64_t *gpr = vcpu->regs.gpr;
	const struct vmcb *vmcb = vcpu->vmcb;
	const uint64_t rest[PLACE_END - PLACE_RIP] = {
		vmcb->rip, vmcb->cs.selector, vmcb->rflags, gpr[REG_RSP], vmcb->ss.selector};
	*out = index < PLACE_ORIG_RAX ? gpr[general[index]] : rest[index - PLACE_RIP];
	return AXB_OK;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	panic_at(file, line, what);
}

AXB_NOPROBE bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	/* Devices are mapped too, and reading one may change it. */
	bool in_ram = from <= BOARD_RAM_END && size <= BOARD_RAM_END - from;
	return in_ram && copy_guarded(to, from, size);
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
	axb_trace_vmm_vm_create(
		vm->id, vm->package->vcpu_count, vm->package->ram_size, vm->package->name);
}

void trace_image_load(uint16_t vm_id, uint64_t size, uint64_t duration_ns)
{
	axb_trace_vmm_image_load(vm_id, size, duration_ns);
}

void trace_vm_boot(const struct vcpu *vcpu)
{
	axb_trace_vmm_vm_boot(vcpu->vm->id, vcpu->vmcb->rip);
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

void trace_timer_event(const struct vcpu *vcpu, uint32_t vector)
{
	axb_trace_vmm_timer_event(vector, vcpu->vm->id);
}

void trace_vcpu_create(const struct vcpu *vcpu)
{
	axb_trace_vcpu_create(vcpu->vm->id, vcpu->id, vcpu->vmcb->rip);
}

/* Each exit comes here, so that what an event needs is looked up only when there will be one. */

void trace_vcpu_enter(const struct vcpu *vcpu, uint64_t in_hypervisor_ns)
{
	if (axb_tp_on_vcpu_enter()) {
		axb_trace_vcpu_enter(vcpu->vm->id, vcpu->id, vcpu->vmcb->rip);
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
		axb_trace_vcpu_exit(vcpu->vm->id, vcpu->id, reasons[vcpu->reason], vcpu->vmcb->rip,
			vcpu->vmcb->exit_code, in_guest_ns);
	}
}

void trace_vcpu_block(const struct vcpu *vcpu, uint64_t duration_ns)
{
	axb_trace_vcpu_block(vcpu->vm->id, vcpu->id, vcpu->vmcb->rip, duration_ns);
}

void trace_vcpu_inject(const struct vcpu *vcpu, uint32_t vector, uint64_t syndrome)
{
	axb_trace_vcpu_inject(vcpu->vm->id, vcpu->id, vector, syndrome, vcpu->vmcb->rip);
}

void trace_s2_fault(const struct vcpu *vcpu, axb_gpa_t gpa)
{
	/* SVM does not tell the linear address. */
	axb_trace_s2_fault(vcpu->vm->id, vcpu->id, gpa.pa, 0, vcpu->vmcb->rip,
		(uint32_t)vcpu->vmcb->exit_info1);
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

void trace_sysreg(const struct vcpu *vcpu, uint32_t msr, uint64_t value, bool is_write)
{
	axb_trace_sysreg_trap(vcpu->vm->id, vcpu->id, msr, value, is_write, vcpu->vmcb->rip);
}

void trace_hypercall(
	const struct vcpu *vcpu, uint64_t number, uint64_t arg0, uint64_t arg1, int64_t result)
{
	axb_trace_hypercall_call(vcpu->vm->id, vcpu->id, number, arg0, arg1, result);
}

void trace_irq_ack(uint32_t vector)
{
	axb_trace_irq_ack(vector);
}

void trace_irq_inject(const struct vcpu *vcpu, uint32_t irq, uint8_t priority)
{
	axb_trace_irq_inject(vcpu->vm->id, vcpu->id, irq, priority);
}

void trace_irq_eoi(uint32_t vector, uint64_t duration_ns)
{
	axb_trace_irq_eoi(vector, duration_ns);
}
