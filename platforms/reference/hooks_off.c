/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Instead of hooks.c of a hypervisor: it without axebpf.
 */
#include "platforms/reference/hooks.h"

void trace_vmm_init(uint32_t cpu_count, uint64_t duration_ns)
{
	(void)cpu_count;
	(void)duration_ns;
}

void trace_config_load(uint16_t vm_id, uint64_t duration_ns)
{
	(void)vm_id;
	(void)duration_ns;
}

void trace_vm_create(const struct vm *vm)
{
	(void)vm;
}

void trace_image_load(uint16_t vm_id, uint64_t size, uint64_t duration_ns)
{
	(void)vm_id;
	(void)size;
	(void)duration_ns;
}

void trace_vm_boot(const struct vcpu *vcpu)
{
	(void)vcpu;
}

void trace_vm_destroy(uint16_t vm_id)
{
	(void)vm_id;
}

void trace_timer_tick(uint64_t now_ns)
{
	(void)now_ns;
}

void trace_timer_event(const struct vcpu *vcpu, uint32_t irq)
{
	(void)vcpu;
	(void)irq;
}

void trace_vcpu_create(const struct vcpu *vcpu)
{
	(void)vcpu;
}

void trace_vcpu_enter(const struct vcpu *vcpu, uint64_t in_hypervisor_ns)
{
	(void)vcpu;
	(void)in_hypervisor_ns;
}

void trace_vcpu_exit(const struct vcpu *vcpu, uint64_t in_guest_ns)
{
	(void)vcpu;
	(void)in_guest_ns;
}

void trace_vcpu_block(const struct vcpu *vcpu, uint64_t duration_ns)
{
	(void)vcpu;
	(void)duration_ns;
}

void trace_vcpu_inject(const struct vcpu *vcpu, uint32_t vector, uint64_t syndrome)
{
	(void)vcpu;
	(void)vector;
	(void)syndrome;
}

void trace_s2_fault(const struct vcpu *vcpu, axb_gpa_t gpa)
{
	(void)vcpu;
	(void)gpa;
}

void trace_s2_map(uint16_t vm_id, axb_gpa_t gpa, axb_hpa_t hpa, uint64_t size, uint32_t attributes)
{
	(void)vm_id;
	(void)gpa;
	(void)hpa;
	(void)size;
	(void)attributes;
}

void trace_s2_unmap(uint16_t vm_id, axb_gpa_t gpa, uint64_t size)
{
	(void)vm_id;
	(void)gpa;
	(void)size;
}

void trace_s2_tlbi(uint16_t vm_id, axb_gpa_t gpa, uint64_t size)
{
	(void)vm_id;
	(void)gpa;
	(void)size;
}

void trace_mmio(const struct vcpu *vcpu, axb_gpa_t gpa, uint64_t value, uint8_t size, bool is_write)
{
	(void)vcpu;
	(void)gpa;
	(void)value;
	(void)size;
	(void)is_write;
}

void trace_sysreg(const struct vcpu *vcpu, uint32_t which, uint64_t value, bool is_write)
{
	(void)vcpu;
	(void)which;
	(void)value;
	(void)is_write;
}

void trace_hypercall(
	const struct vcpu *vcpu, uint64_t number, uint64_t arg0, uint64_t arg1, int64_t result)
{
	(void)vcpu;
	(void)number;
	(void)arg0;
	(void)arg1;
	(void)result;
}

void trace_psci_call(
	const struct vcpu *vcpu, uint64_t function, uint64_t arg0, uint64_t arg1, int64_t result)
{
	(void)vcpu;
	(void)function;
	(void)arg0;
	(void)arg1;
	(void)result;
}

void trace_irq_ack(uint32_t irq)
{
	(void)irq;
}

void trace_irq_inject(const struct vcpu *vcpu, uint32_t irq, uint8_t priority)
{
	(void)vcpu;
	(void)irq;
	(void)priority;
}

void trace_irq_eoi(uint32_t irq, uint64_t duration_ns)
{
	(void)irq;
	(void)duration_ns;
}
