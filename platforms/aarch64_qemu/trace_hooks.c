/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/trace_hooks.h"

#define UNUSED(x) ((void)(x))

void trace_vmm_init(uint32_t cpu_count, uint64_t duration_ns)
{
	UNUSED(cpu_count);
	UNUSED(duration_ns);
}
void trace_vm_create(const struct vm *vm)
{
	UNUSED(vm);
}
void trace_image_load(uint16_t vm_id, uint64_t size, uint64_t duration_ns)
{
	UNUSED(vm_id);
	UNUSED(size);
	UNUSED(duration_ns);
}
void trace_vm_boot(const struct vcpu *vcpu)
{
	UNUSED(vcpu);
}
void trace_timer_tick(void)
{
}
void trace_vcpu_create(const struct vcpu *vcpu)
{
	UNUSED(vcpu);
}
void trace_vcpu_enter(const struct vcpu *vcpu)
{
	UNUSED(vcpu);
}
void trace_vcpu_exit(const struct vcpu *vcpu)
{
	UNUSED(vcpu);
}
void trace_vcpu_block(const struct vcpu *vcpu, uint64_t duration_ns)
{
	UNUSED(vcpu);
	UNUSED(duration_ns);
}
void trace_vcpu_inject(const struct vcpu *vcpu, uint32_t vector, uint64_t syndrome)
{
	UNUSED(vcpu);
	UNUSED(vector);
	UNUSED(syndrome);
}
void trace_s2_fault(const struct vcpu *vcpu, axb_gpa_t gpa)
{
	UNUSED(vcpu);
	UNUSED(gpa);
}
void trace_s2_map(uint16_t vm_id, axb_gpa_t gpa, axb_hpa_t hpa, uint64_t size, uint32_t attributes)
{
	UNUSED(vm_id);
	UNUSED(gpa);
	UNUSED(hpa);
	UNUSED(size);
	UNUSED(attributes);
}
void trace_mmio(const struct vcpu *vcpu, axb_gpa_t gpa, uint64_t value, uint8_t size, bool is_write)
{
	UNUSED(vcpu);
	UNUSED(gpa);
	UNUSED(value);
	UNUSED(size);
	UNUSED(is_write);
}
void trace_sysreg(const struct vcpu *vcpu, uint32_t sysreg, uint64_t value, bool is_write)
{
	UNUSED(vcpu);
	UNUSED(sysreg);
	UNUSED(value);
	UNUSED(is_write);
}
void trace_hypercall(
	const struct vcpu *vcpu, uint64_t number, uint64_t arg0, uint64_t arg1, int64_t result)
{
	UNUSED(vcpu);
	UNUSED(number);
	UNUSED(arg0);
	UNUSED(arg1);
	UNUSED(result);
}
void trace_psci_call(
	const struct vcpu *vcpu, uint64_t function, uint64_t arg0, uint64_t arg1, int64_t result)
{
	UNUSED(vcpu);
	UNUSED(function);
	UNUSED(arg0);
	UNUSED(arg1);
	UNUSED(result);
}
void trace_irq_ack(uint32_t irq)
{
	UNUSED(irq);
}
void trace_irq_inject(const struct vcpu *vcpu, uint32_t irq, uint8_t priority)
{
	UNUSED(vcpu);
	UNUSED(irq);
	UNUSED(priority);
}
void trace_irq_eoi(uint32_t irq, uint64_t duration_ns)
{
	UNUSED(irq);
	UNUSED(duration_ns);
}
