/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The places where a hypervisor tells axebpf what happens. These functions speak of VMs and vCPUs,
 * whose insides are the hypervisor's own; its hooks.c, which also has all that axebpf asks for
 * (axb_plat_*, declared in runtime/hooks), turns them into tracepoints. hooks_off.c is what is
 * linked instead without axebpf. Context: any.
 */
#ifndef AXB_PLATFORMS_REFERENCE_HOOKS_H_
#define AXB_PLATFORMS_REFERENCE_HOOKS_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu;
struct vm;

void trace_vmm_init(uint32_t cpu_count, uint64_t duration_ns);
void trace_config_load(uint16_t vm_id, uint64_t duration_ns);
void trace_vm_create(const struct vm *vm);
void trace_image_load(uint16_t vm_id, uint64_t size, uint64_t duration_ns);
void trace_vm_boot(const struct vcpu *vcpu);
/** Also axb_vm_gone(): nothing of the VM is used any more. */
void trace_vm_destroy(uint16_t vm_id);
void trace_timer_tick(uint64_t now_ns);
/** The guest's own timer expired. @param irq interrupt or vector, here and below */
void trace_timer_event(const struct vcpu *vcpu, uint32_t irq);

void trace_vcpu_create(const struct vcpu *vcpu);
/** Right before the guest runs. @param in_hypervisor_ns since its last exit, without waits for
 * interrupts; 0 = it has not exited yet. */
void trace_vcpu_enter(const struct vcpu *vcpu, uint64_t in_hypervisor_ns);
/** Right after, with the reason in @vcpu. */
void trace_vcpu_exit(const struct vcpu *vcpu, uint64_t in_guest_ns);
void trace_vcpu_block(const struct vcpu *vcpu, uint64_t duration_ns);
void trace_vcpu_inject(const struct vcpu *vcpu, uint32_t vector, uint64_t syndrome);

void trace_s2_fault(const struct vcpu *vcpu, axb_gpa_t gpa);
void trace_s2_map(uint16_t vm_id, axb_gpa_t gpa, axb_hpa_t hpa, uint64_t size, uint32_t attributes);
void trace_s2_unmap(uint16_t vm_id, axb_gpa_t gpa, uint64_t size);
/** @param size 0 = all of the VM */
void trace_s2_tlbi(uint16_t vm_id, axb_gpa_t gpa, uint64_t size);
void trace_mmio(
	const struct vcpu *vcpu, axb_gpa_t gpa, uint64_t value, uint8_t size, bool is_write);
/** @param which system register, or MSR */
void trace_sysreg(const struct vcpu *vcpu, uint32_t which, uint64_t value, bool is_write);
void trace_hypercall(
	const struct vcpu *vcpu, uint64_t number, uint64_t arg0, uint64_t arg1, int64_t result);
void trace_psci_call(
	const struct vcpu *vcpu, uint64_t function, uint64_t arg0, uint64_t arg1, int64_t result);

void trace_irq_ack(uint32_t irq);
/** Pending in the vCPU's interrupt controller. */
void trace_irq_inject(const struct vcpu *vcpu, uint32_t irq, uint8_t priority);
void trace_irq_eoi(uint32_t irq, uint64_t duration_ns);

#ifdef __cplusplus
}
#endif

#endif
