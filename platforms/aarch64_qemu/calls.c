/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/calls.h"

#include "platforms/aarch64_qemu/exit.h"
#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/aarch64_qemu/vm.h"
#include "platforms/reference/aarch64/psci.h"
#include "platforms/reference/hooks.h"
#include "runtime/base/atomic.h"

#define SMCCC_VERSION 0x80000000u
#define SMCCC_VERSION_1_1 0x10001
#define SMCCC_NOT_SUPPORTED (-1)

/* The vCPU whose MPIDR affinity @target is; NULL when there is none. */
static struct vcpu *find_target(struct vm *vm, uint64_t target)
{
	return target < vm->vcpu_count ? &vm->vcpus[target] : NULL;
}

static int64_t cpu_on(struct vm *vm, uint64_t target, uint64_t entry, uint64_t context)
{
	struct vcpu *vcpu = find_target(vm, target);
	if (vcpu == NULL) {
		return PSCI_INVALID_PARAMETERS;
	}
	if (!vm_has_ram(vm, (axb_gpa_t){entry})) {
		return PSCI_INVALID_ADDRESS;
	}
	axb_spinlock_lock(&vm->lock);
	uint32_t power = axb_load_acquire(&vcpu->power);
	if (power == VCPU_OFF) {
		vcpu_power_on(vcpu, entry, context);
	}
	axb_spinlock_unlock(&vm->lock);
	if (power != VCPU_OFF) {
		return power == VCPU_ON ? PSCI_ALREADY_ON : PSCI_ON_PENDING;
	}
	vm_kick(vm, 1u << vcpu->id);
	return PSCI_SUCCESS;
}

static int64_t affinity_info(struct vm *vm, uint64_t target, uint64_t level)
{
	static const int64_t states[] = {
		[VCPU_ON] = PSCI_AFFINITY_ON,
		[VCPU_OFF] = PSCI_AFFINITY_OFF,
		[VCPU_ON_PENDING] = PSCI_AFFINITY_ON_PENDING,
	};
	const struct vcpu *vcpu = find_target(vm, target);
	if (vcpu == NULL || level != 0) {
		return PSCI_INVALID_PARAMETERS;
	}
	return states[axb_load_acquire(&vcpu->power)];
}

static int64_t features(uint64_t function)
{
	switch (function) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND_64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON_32:
	case PSCI_CPU_ON:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO_64:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

/* @param x  x0 .. x3 of the guest, or their low halves */
static int64_t psci(struct vcpu *vcpu, const uint64_t *x)
{
	struct vm *vm = vcpu->vm;
	switch (x[0]) {
	case PSCI_VERSION:
		return PSCI_VERSION_1_1;
	case PSCI_FEATURES:
		return features(x[1]);
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND_64:
		/* Any state is a standby state. */
		vcpu_wait(vcpu);
		return PSCI_SUCCESS;
	case PSCI_CPU_OFF:
		vcpu->off_wanted = true;
		return PSCI_SUCCESS;
	case PSCI_CPU_ON_32:
	case PSCI_CPU_ON:
		return cpu_on(vm, x[1], x[2], x[3]);
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO_64:
		return affinity_info(vm, x[1], x[2]);
	case PSCI_MIGRATE_INFO_TYPE:
		return PSCI_NO_MIGRATION;
	case PSCI_SYSTEM_OFF:
		vm_end(vm, 0);
		return PSCI_SUCCESS;
	case PSCI_SYSTEM_RESET:
		vm_end_and_restart(vm);
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static int64_t protect(struct vm *vm, axb_gpa_t gpa, uint32_t permissions)
{
	bool done = vm_has_ram(vm, gpa) && s2_protect(&vm->s2, gpa, permissions) == AXB_OK;
	return done ? 0 : HYPERCALL_UNKNOWN;
}

static int64_t release(struct vm *vm, axb_gpa_t gpa)
{
	bool done = vm_has_ram(vm, gpa) && s2_unmap(&vm->s2, gpa) == AXB_OK;
	return done ? 0 : HYPERCALL_UNKNOWN;
}

static int64_t hypercall(struct vm *vm, const uint64_t *x)
{
	switch (x[0]) {
	case SMCCC_VERSION:
		return SMCCC_VERSION_1_1;
	case HYPERCALL_ADD:
		return (int64_t)(x[1] + x[2]);
	case HYPERCALL_TIME:
		return (int64_t)machine_time_ns();
	case HYPERCALL_PROTECT:
		return protect(vm, (axb_gpa_t){x[1]}, (uint32_t)x[2] & S2_ALL);
	case HYPERCALL_RELEASE:
		return release(vm, (axb_gpa_t){x[1]});
	case HYPERCALL_STOP:
		vm_end(vm, x[1]);
		return 0;
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

void calls_handle(struct vcpu *vcpu)
{
	/* The function is in w0; one of 32 bits has such arguments (DEN0028 2.7). */
	uint64_t x[4] = {(uint32_t)vcpu->regs.x[0]};
	bool is_64 = (x[0] & SMCCC_64_BIT) != 0;
	for (int i = 1; i < 4; i++) {
		x[i] = is_64 ? vcpu->regs.x[i] : (uint32_t)vcpu->regs.x[i];
	}
	int64_t result;
	if (psci_is_function(x[0])) {
		result = psci(vcpu, x);
		trace_psci_call(vcpu, x[0], x[1], x[2], result);
	} else {
		result = hypercall(vcpu->vm, x);
		trace_hypercall(vcpu, x[0], x[1], x[2], result);
	}
	vcpu->regs.x[0] = (uint64_t)result;
	if (vcpu->reason == EXIT_SMC) {
		/* A trapped SMC has not been executed, an HVC has. */
		exit_skip_insn(vcpu);
	}
}
