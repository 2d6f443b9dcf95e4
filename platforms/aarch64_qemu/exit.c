/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Arm ARM DDI 0487J.a D19.2.37 (ESR_EL2), D1.3.1 (exception entry).
 */
#include "platforms/aarch64_qemu/exit.h"

#include "platforms/aarch64_qemu/calls.h"
#include "platforms/aarch64_qemu/idregs.h"
#include "platforms/aarch64_qemu/offsets.h"
#include "platforms/aarch64_qemu/vm.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/hooks.h"

#define ESR_EC_SHIFT 26
#define ESR_IL (UINT64_C(1) << 25)
#define ESR_ISS 0x1ffffffu

#define EC_UNKNOWN 0x00u
#define EC_WFX 0x01u
#define EC_FP_ACCESS 0x07u
#define EC_HVC64 0x16u
#define EC_SMC64 0x17u
#define EC_SYSREG 0x18u
#define EC_SVE_ACCESS 0x19u
#define EC_SME_ACCESS 0x1du
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
#define SYSREG_CRM(iss) ((iss) >> 1 & 0xf)
#define SYSREG_OP2(iss) ((iss) >> 17 & 0x7)
#define SYSREG_ID_FIELDS SYSREG_ISS(0u, 0u, 0u, 7u, 7u)
#define SYSREG_ACTLR_EL1 SYSREG_ISS(3u, 0u, 1u, 0u, 1u)

#define REGISTER_ZERO 31u

/* PSTATE and exception entry. */
#define PSTATE_MODE 0x1fu
#define PSTATE_EL1T 0x04u
#define PSTATE_EL1H 0x05u
#define PSTATE_EL1H_MASKED 0x3c5u
#define PSTATE_AARCH32 (1u << 4)
#define PSTATE_KEPT (0xfu << 28 | 1u << 24 | 1u << 22) /* NZCV, DIT, PAN */
#define PSTATE_PAN (1u << 22)
#define PSTATE_SSBS (1u << 12)
#define PSTATE_SS (1u << 21)
#define PSTATE_BTYPE (3u << 10)
#define SCTLR_SPAN (1u << 23)
#define SCTLR_DSSBS (UINT64_C(1) << 44)
#define VECTOR_CURRENT_SPX 0x200u
#define VECTOR_LOWER_A64 0x400u
#define VECTOR_LOWER_A32 0x600u

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
	case EC_FP_ACCESS:
	case EC_SVE_ACCESS:
	case EC_SME_ACCESS:
		return EXIT_FP_ACCESS;
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

void exit_skip_insn(struct vcpu *vcpu)
{
	struct cpu_regs *regs = &vcpu->regs;
	regs->pc += (vcpu->esr & ESR_IL) != 0 ? 4 : 2;
	/* As if executed: a step is over, and no branch came just before. */
	regs->pstate &= ~(uint64_t)PSTATE_SS;
	if ((regs->pstate & PSTATE_AARCH32) == 0) {
		regs->pstate &= ~(uint64_t)PSTATE_BTYPE;
	}
}

static bool is_el1(uint64_t pstate)
{
	uint64_t mode = pstate & PSTATE_MODE;
	return mode == PSTATE_EL1H || mode == PSTATE_EL1T;
}

static uint32_t vector_offset(uint64_t pstate)
{
	if (is_el1(pstate)) {
		return (pstate & PSTATE_MODE) == PSTATE_EL1H ? VECTOR_CURRENT_SPX : 0;
	}
	return (pstate & PSTATE_AARCH32) != 0 ? VECTOR_LOWER_A32 : VECTOR_LOWER_A64;
}

/* Make the guest take a synchronous exception at EL1, as its own CPU would. */
static void inject(struct vcpu *vcpu, uint64_t esr)
{
	uint64_t old = vcpu->regs.pstate;
	uint32_t offset = vector_offset(old);
	uint64_t sctlr = read_sctlr_el1();
	write_esr_el1(esr);
	write_elr_el1(vcpu->regs.pc);
	write_spsr_el1(old);
	trace_vcpu_inject(vcpu, offset, esr);
	vcpu->regs.pc = read_vbar_el1() + offset;
	/* What the CPU does not have reads as 0 (D1.3.1). */
	vcpu->regs.pstate = PSTATE_EL1H_MASKED | (is_el1(old) ? old & PSTATE_KEPT : 0) |
			    ((sctlr & SCTLR_SPAN) == 0 ? PSTATE_PAN : 0) |
			    ((sctlr & SCTLR_DSSBS) != 0 ? PSTATE_SSBS : 0);
}

static void inject_undefined(struct vcpu *vcpu)
{
	inject(vcpu, (uint64_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL);
}

static void inject_external_abort(struct vcpu *vcpu)
{
	uint64_t class =
		(vcpu->reason == EXIT_INSN_ABORT ? EC_INSN_ABORT_LOWER : EC_DATA_ABORT_LOWER) +
		(is_el1(vcpu->regs.pstate) ? EC_ABORT_SAME_LEVEL : 0);
	write_far_el1(vcpu->far);
	inject(vcpu, class << ESR_EC_SHIFT | ESR_IL | ABORT_EXTERNAL);
}

/* ICC_SGI1R_EL1, and those of the group that does not exist here. */
static bool is_send_sgi(uint32_t which)
{
	return which == SYSREG_ISS(3u, 0u, 12u, 11u, 5u) ||
	       which == SYSREG_ISS(3u, 0u, 12u, 11u, 6u) ||
	       which == SYSREG_ISS(3u, 0u, 12u, 11u, 7u);
}

static void send_sgi(struct vcpu *vcpu, uint32_t which, uint64_t value)
{
	struct vm *vm = vcpu->vm;
	if (which != SYSREG_ISS(3u, 0u, 12u, 11u, 5u)) {
		return;
	}
	axb_spinlock_lock(&vm->lock);
	vgic_send_sgi(&vm->vgic, vcpu->id, value);
	uint32_t wanting = vgic_wanting(&vm->vgic);
	axb_spinlock_unlock(&vm->lock);
	vm_kick(vm, wanting & ~(1u << vcpu->id));
}

/* @return false when there is no such register. */
static bool access_sysreg(struct vcpu *vcpu, uint32_t which, bool is_write, uint64_t *value)
{
	if (is_write && is_send_sgi(which)) {
		send_sgi(vcpu, which, *value);
		return true;
	}
	if (which == SYSREG_ACTLR_EL1) {
		*value = is_write ? *value : 0;
		return true;
	}
	bool is_id = (which & ~SYSREG_ID_FIELDS) == SYSREG_ISS(3u, 0u, 0u, 0u, 0u);
	if (!is_id || is_write) {
		return false;
	}
	*value = idregs_read(SYSREG_CRM(which), SYSREG_OP2(which));
	return true;
}

static void handle_sysreg(struct vcpu *vcpu)
{
	uint32_t iss = (uint32_t)vcpu->esr & ESR_ISS;
	uint32_t target = SYSREG_REGISTER(iss);
	bool is_write = (iss & SYSREG_IS_READ) == 0;
	uint64_t value = is_write && target != REGISTER_ZERO ? vcpu->regs.x[target] : 0;
	if (!is_el1(vcpu->regs.pstate) ||
		!access_sysreg(vcpu, iss & SYSREG_WHICH, is_write, &value)) {
		inject_undefined(vcpu);
		return;
	}
	if (!is_write && target != REGISTER_ZERO) {
		vcpu->regs.x[target] = value;
	}
	trace_sysreg(vcpu, iss & SYSREG_WHICH, value, is_write);
	exit_skip_insn(vcpu);
}

/* The value that a load of the width and sign in @iss leaves in its register. */
static uint64_t loaded_value(uint32_t iss, uint64_t value)
{
	uint32_t unused_bits = 64 - 8 * ABORT_SIZE(iss);
	value <<= unused_bits;
	if ((iss & ABORT_SIGN_EXTEND) == 0) {
		return value >> unused_bits;
	}
	value = (uint64_t)((int64_t)value >> unused_bits);
	return (iss & ABORT_64_BIT) != 0 ? value : (uint32_t)value;
}

/* @return false when no device answers. */
static bool emulate_access(struct vcpu *vcpu, axb_gpa_t gpa)
{
	uint32_t iss = (uint32_t)vcpu->esr & ESR_ISS;
	uint32_t target = ABORT_REGISTER(iss);
	bool is_write = (iss & ABORT_IS_WRITE) != 0;
	/* Without ISV the syndrome does not say which register (pairs, write-back). */
	bool is_aarch32 = (vcpu->regs.pstate & PSTATE_AARCH32) != 0;
	if ((iss & ABORT_ISV) == 0 || (iss & ABORT_ON_TABLE_WALK) != 0 || is_aarch32) {
		return false;
	}
	uint64_t value = is_write && target != REGISTER_ZERO ? vcpu->regs.x[target] : 0;
	if (!vm_device_access(vcpu->vm, vcpu->id, gpa, ABORT_SIZE(iss), is_write, &value)) {
		return false;
	}
	trace_mmio(vcpu, gpa, value, (uint8_t)ABORT_SIZE(iss), is_write);
	if (!is_write && target != REGISTER_ZERO) {
		vcpu->regs.x[target] = loaded_value(iss, value);
	}
	exit_skip_insn(vcpu);
	return true;
}

static void handle_abort(struct vcpu *vcpu)
{
	/* HPFAR_EL2 has bits 51..12 of the guest physical address from bit 4 on. */
	axb_gpa_t gpa = {(vcpu->hpfar & ~UINT64_C(0xf)) << 8 | (vcpu->far & 0xfff)};
	bool translation = (vcpu->esr & ABORT_STATUS_TYPE) == ABORT_TRANSLATION;
	if (translation && vm_has_ram(vcpu->vm, gpa)) {
		trace_s2_fault(vcpu, gpa);
		vm_back(vcpu->vm, gpa);
		return;
	}
	/* Of other faults HPFAR_EL2 does not tell the address. */
	if (translation && vcpu->reason == EXIT_DATA_ABORT && emulate_access(vcpu, gpa)) {
		return;
	}
	inject_external_abort(vcpu);
}

void exit_handle(struct vcpu *vcpu)
{
	switch (vcpu->reason) {
	case EXIT_HVC:
	case EXIT_SMC:
		calls_handle(vcpu);
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
