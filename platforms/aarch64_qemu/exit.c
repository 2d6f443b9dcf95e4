/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Arm ARM DDI 0487J.a D19.2.37 (ESR_EL2), D1.3.1 (exception entry).
 */
#include "platforms/aarch64_qemu/exit.h"

#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/aarch64_qemu/offsets.h"
#include "platforms/aarch64_qemu/psci.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/trace_hooks.h"
#include "platforms/aarch64_qemu/vm.h"

#define ESR_EC_SHIFT 26
#define ESR_IL (UINT64_C(1) << 25)
#define ESR_ISS 0x1ffffffu

#define EC_UNKNOWN 0x00u
#define EC_WFX 0x01u
#define EC_HVC64 0x16u
#define EC_SMC64 0x17u
#define EC_SYSREG 0x18u
#define EC_INSN_ABORT_LOWER 0x20u
#define EC_DATA_ABORT_LOWER 0x24u
/* The same from the current level: one more. */
#define EC_ABORT_SAME_LEVEL 1u

/* ISS of WFx: 0 WFI, 1 WFE. */
#define WFX_IS_WFE 1u

/* ISS of aborts. */
#define ABORT_STATUS 0x3fu
#define ABORT_STATUS_TYPE 0x3cu
#define ABORT_TRANSLATION 0x04u
#define ABORT_EXTERNAL 0x10u
#define ABORT_IS_WRITE (1u << 6)
#define ABORT_ON_TABLE_WALK (1u << 7)
#define ABORT_64_BIT (1u << 15)
#define ABORT_REGISTER(iss) ((iss) >> 16 & 0x1f)
#define ABORT_SIGN_EXTEND (1u << 21)
#define ABORT_SIZE(iss) (1u << ((iss) >> 22 & 3))
#define ABORT_ISV (1u << 24)

/* ISS of MSR and MRS. */
#define SYSREG_IS_READ 1u
#define SYSREG_REGISTER(iss) ((iss) >> 5 & 0x1f)
#define SYSREG_WHICH 0x3ffc1eu
#define SYSREG_ISS(op0, op1, crn, crm, op2)                                                        \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)

#define REGISTER_ZERO 31u

/* PSTATE and exception entry. */
#define PSTATE_MODE 0x1fu
#define PSTATE_EL1T 0x04u
#define PSTATE_EL1H 0x05u
#define PSTATE_EL1H_MASKED 0x3c5u
#define VECTOR_CURRENT_SPX 0x200u
#define VECTOR_LOWER_A64 0x400u

enum exit_reason exit_decode(uint32_t vector, uint64_t esr)
{
	switch (vector) {
	case GUEST_VECTOR_IRQ:
		return EXIT_IRQ;
	case GUEST_VECTOR_FIQ:
		return EXIT_FIQ;
	case GUEST_VECTOR_SERROR:
		return EXIT_SERROR;
	default:
		break;
	}
	switch (esr >> ESR_EC_SHIFT) {
	case EC_WFX:
		return (esr & WFX_IS_WFE) != 0 ? EXIT_WFE : EXIT_WFI;
	case EC_HVC64:
		return EXIT_HVC;
	case EC_SMC64:
		return EXIT_SMC;
	case EC_SYSREG:
		return EXIT_SYSREG;
	case EC_DATA_ABORT_LOWER:
		return EXIT_DATA_ABORT;
	case EC_INSN_ABORT_LOWER:
		return EXIT_INSN_ABORT;
	default:
		return EXIT_UNKNOWN;
	}
}

/* Make the guest take a synchronous exception at EL1, as its own CPU would. */
static void inject(struct vcpu *vcpu, uint64_t esr)
{
	uint64_t mode = vcpu->regs.pstate & PSTATE_MODE;
	uint64_t offset = VECTOR_LOWER_A64;
	if (mode == PSTATE_EL1H || mode == PSTATE_EL1T) {
		offset = mode == PSTATE_EL1H ? VECTOR_CURRENT_SPX : 0;
	}
	write_esr_el1(esr);
	write_elr_el1(vcpu->regs.pc);
	write_spsr_el1(vcpu->regs.pstate);
	trace_vcpu_inject(vcpu, (uint32_t)offset, esr);
	vcpu->regs.pc = read_vbar_el1() + offset;
	vcpu->regs.pstate = PSTATE_EL1H_MASKED;
}

static void inject_undefined(struct vcpu *vcpu)
{
	inject(vcpu, (uint64_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL);
}

static void inject_external_abort(struct vcpu *vcpu)
{
	uint64_t mode = vcpu->regs.pstate & PSTATE_MODE;
	bool from_el1 = mode == PSTATE_EL1H || mode == PSTATE_EL1T;
	uint64_t class =
		(vcpu->reason == EXIT_INSN_ABORT ? EC_INSN_ABORT_LOWER : EC_DATA_ABORT_LOWER) +
		(from_el1 ? EC_ABORT_SAME_LEVEL : 0);
	write_far_el1(vcpu->far);
	inject(vcpu, class << ESR_EC_SHIFT | ESR_IL | ABORT_EXTERNAL);
}

static int64_t psci(struct vm *vm, uint64_t function)
{
	switch (function) {
	case PSCI_VERSION:
		return PSCI_VERSION_1_1;
	case PSCI_SYSTEM_OFF:
		vm_stop(vm, 0);
		return 0;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static int64_t hypercall(struct vm *vm, uint64_t function, uint64_t arg0, uint64_t arg1)
{
	switch (function) {
	case HYPERCALL_ADD:
		return (int64_t)(arg0 + arg1);
	case HYPERCALL_TIME:
		return (int64_t)time_now_ns();
	case HYPERCALL_STOP:
		vm_stop(vm, arg0);
		return 0;
	default:
		return HYPERCALL_UNKNOWN;
	}
}

/* HVC and SMC, both by SMCCC: function in x0, arguments from x1 on, result in x0. */
static void handle_call(struct vcpu *vcpu)
{
	uint64_t *x = vcpu->regs.x;
	uint64_t function = x[0];
	int64_t result;
	if (psci_is_function(function)) {
		result = psci(vcpu->vm, function);
		trace_psci_call(vcpu, function, x[1], x[2], result);
	} else {
		result = hypercall(vcpu->vm, function, x[1], x[2]);
		trace_hypercall(vcpu, function, x[1], x[2], result);
	}
	x[0] = (uint64_t)result;
	if (vcpu->reason == EXIT_SMC) {
		/* A trapped SMC has not been executed, an HVC has. */
		vcpu->regs.pc += 4;
	}
}

static bool read_id_register(uint64_t which, uint64_t *value)
{
	switch (which) {
	case SYSREG_ISS(3u, 0u, 0u, 4u, 0u):
		*value = read_id_aa64pfr0_el1();
		return true;
	case SYSREG_ISS(3u, 0u, 0u, 5u, 0u):
		*value = read_id_aa64dfr0_el1();
		return true;
	case SYSREG_ISS(3u, 0u, 0u, 6u, 0u):
		*value = read_id_aa64isar0_el1();
		return true;
	case SYSREG_ISS(3u, 0u, 0u, 7u, 0u):
		*value = read_id_aa64mmfr0_el1();
		return true;
	default:
		return false;
	}
}

static void handle_sysreg(struct vcpu *vcpu)
{
	uint32_t iss = (uint32_t)vcpu->esr & ESR_ISS;
	uint32_t target = SYSREG_REGISTER(iss);
	uint64_t value;
	if ((iss & SYSREG_IS_READ) == 0 || !read_id_register(iss & SYSREG_WHICH, &value)) {
		inject_undefined(vcpu);
		return;
	}
	if (target != REGISTER_ZERO) {
		vcpu->regs.x[target] = value;
	}
	trace_sysreg(vcpu, iss & SYSREG_WHICH, value, false);
	vcpu->regs.pc += 4;
}

/* The value that a load of the width and sign in @iss leaves in its register. */
static uint64_t loaded_value(uint32_t iss, uint64_t value)
{
	uint32_t unused_bits = 64 - 8 * ABORT_SIZE(iss);
	if ((iss & ABORT_SIGN_EXTEND) == 0) {
		return value;
	}
	value = (uint64_t)((int64_t)(value << unused_bits) >> unused_bits);
	return (iss & ABORT_64_BIT) != 0 ? value : (uint32_t)value;
}

/* @return false when no device answers. */
static bool emulate_access(struct vcpu *vcpu, axb_gpa_t gpa)
{
	uint32_t iss = (uint32_t)vcpu->esr & ESR_ISS;
	uint32_t target = ABORT_REGISTER(iss);
	bool is_write = (iss & ABORT_IS_WRITE) != 0;
	/* Without ISV the syndrome does not say which register (pairs, write-back). */
	if ((iss & ABORT_ISV) == 0 || (iss & ABORT_ON_TABLE_WALK) != 0) {
		return false;
	}
	uint64_t value = is_write && target != REGISTER_ZERO ? vcpu->regs.x[target] : 0;
	uint64_t offset = gpa.pa - GUEST_DEVICE_BASE;
	if (offset >= GUEST_DEVICE_SIZE ||
		!device_access(&vcpu->vm->device, offset, ABORT_SIZE(iss), is_write, &value)) {
		return false;
	}
	trace_mmio(vcpu, gpa, value, (uint8_t)ABORT_SIZE(iss), is_write);
	if (!is_write && target != REGISTER_ZERO) {
		vcpu->regs.x[target] = loaded_value(iss, value);
	}
	vcpu->regs.pc += 4;
	return true;
}

static void handle_abort(struct vcpu *vcpu)
{
	/* HPFAR_EL2 has bits 51..12 of the guest physical address from bit 4 on. */
	axb_gpa_t gpa = {(vcpu->hpfar & ~UINT64_C(0xf)) << 8 | (vcpu->far & 0xfff)};
	bool translation = (vcpu->esr & ABORT_STATUS_TYPE) == ABORT_TRANSLATION;
	if (translation && vm_has_ram(gpa)) {
		trace_s2_fault(vcpu, gpa);
		vm_back_page(vcpu->vm, gpa);
		return;
	}
	if (vcpu->reason == EXIT_DATA_ABORT && emulate_access(vcpu, gpa)) {
		return;
	}
	inject_external_abort(vcpu);
}

void exit_handle(struct vcpu *vcpu)
{
	switch (vcpu->reason) {
	case EXIT_HVC:
	case EXIT_SMC:
		handle_call(vcpu);
		break;
	case EXIT_SYSREG:
		handle_sysreg(vcpu);
		break;
	case EXIT_DATA_ABORT:
	case EXIT_INSN_ABORT:
		handle_abort(vcpu);
		break;
	case EXIT_SERROR:
		vm_fail(vcpu->vm, "SError");
		break;
	default:
		inject_undefined(vcpu);
		break;
	}
}
