/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * TCG, like the first CPUs with SVM, has no NRIP save: VMCB.nRIP stays 0. The lengths of
 * intercepted instructions are those without prefixes, which have no meaning with these; the others
 * are decoded.
 */
#include "platforms/x86_64_qemu/exit.h"

#include "platforms/reference/devices/cpuid.h"
#include "platforms/reference/guests/abi.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/guests/machine.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/vm.h"
#include "probes/xlate/x86_64.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"

#define LENGTH_CPUID 2u
#define LENGTH_HLT 1u
#define LENGTH_WBINVD 2u
#define LENGTH_VMMCALL 3u

#define CPUID_FEATURES 1u
#define CPUID_FEATURES_EDX_PSE36 (1u << 17)
#define CPUID_EXTENDED 0x80000001u
#define CPUID_EXTENDED_EDX_1G (1u << 26)
#define CPUID_SIZES 0x80000008u
#define DEBUG_REGISTER_CONTROL 7u
#define DR7_BITS 0xffff23ffu

enum exit_reason exit_decode(uint64_t code)
{
	if (code >= SVM_EXIT_DR0_WRITE && code <= SVM_EXIT_DR7_WRITE) {
		return EXIT_DEBUG_REGISTER;
	}
	if (code >= SVM_EXIT_VMRUN && code <= SVM_EXIT_MWAIT_ARMED && code != SVM_EXIT_VMMCALL) {
		return EXIT_INSN;
	}
	switch (code) {
	case SVM_EXIT_CR8_WRITE:
		return EXIT_CONTROL_REGISTER;
	case SVM_EXIT_INTR:
	case SVM_EXIT_SMI:
	case SVM_EXIT_INIT:
		return EXIT_INTR;
	case SVM_EXIT_NMI:
		return EXIT_NMI;
	case SVM_EXIT_VINTR:
		return EXIT_INTERRUPT_WINDOW;
	case SVM_EXIT_HLT:
		return EXIT_HLT;
	case SVM_EXIT_IO:
		return EXIT_IO;
	case SVM_EXIT_MSR:
		return EXIT_MSR;
	case SVM_EXIT_CPUID:
		return EXIT_CPUID;
	case SVM_EXIT_NPF:
		return EXIT_NPF;
	case SVM_EXIT_VMMCALL:
		return EXIT_VMMCALL;
	case SVM_EXIT_EXCEPTION_BP:
		return EXIT_BREAKPOINT;
	case SVM_EXIT_SWINT:
		return EXIT_SOFTWARE_INTERRUPT;
	case SVM_EXIT_RDPMC:
	case SVM_EXIT_RSM:
	case SVM_EXIT_INVD:
	case SVM_EXIT_INVLPGA:
		return EXIT_INSN;
	case SVM_EXIT_IRET:
		return EXIT_IRET;
	case SVM_EXIT_SHUTDOWN:
		return EXIT_SHUTDOWN;
	case SVM_EXIT_INVALID:
		return EXIT_INVALID;
	default:
		return EXIT_UNKNOWN;
	}
}

static bool is_long_mode(const struct vmcb *vmcb)
{
	return (vmcb->efer & EFER_LMA) != 0;
}

static bool read_guest(void *cookie, uint64_t gpa, uint64_t *out)
{
	const uint64_t *at = vm_memory(cookie, (axb_gpa_t){gpa});
	if (at == NULL) {
		return false;
	}
	/* Once: the guest may change it meanwhile. */
	*out = axb_load_relaxed(at);
	return true;
}

/* Guest physical address of linear address @linear. @return false for what is not mapped. */
static bool translate(struct vcpu *vcpu, uint64_t linear, axb_gpa_t *out)
{
	const struct vmcb *vmcb = vcpu->vmcb;
	const struct axb_xlate_x86_64_cpu cpu = {.pa_bits = (uint8_t)cpuid(CPUID_SIZES, 0).eax,
		.has_1g = (cpuid(CPUID_EXTENDED, 0).edx & CPUID_EXTENDED_EDX_1G) != 0,
		.has_pse36 = (cpuid(CPUID_FEATURES, 0).edx & CPUID_FEATURES_EDX_PSE36) != 0};
	const struct axb_xlate_x86_64_regs regs = {
		.cr0 = vmcb->cr0, .cr3 = vmcb->cr3, .cr4 = vmcb->cr4, .efer = vmcb->efer};
	const struct axb_xlate_reader reader = {read_guest, vcpu->vm};
	struct axb_xlate found;
	if (!axb_xlate_x86_64(&cpu, &regs, &reader, linear, &found)) {
		return false;
	}
	out->pa = found.gpa;
	return true;
}

bool exit_fetch(struct vcpu *vcpu, struct insn *out)
{
	const struct vmcb *vmcb = vcpu->vmcb;
	bool is_64bit = is_long_mode(vmcb) && (vmcb->cs.attributes & SEGMENT_LONG) != 0;
	uint64_t linear = vmcb->rip + (is_64bit ? 0 : vmcb->cs.base);
	uint8_t bytes[INSN_LENGTH_MAX];
	size_t count = 0;
	if (!is_64bit && (vmcb->cs.attributes & SEGMENT_32BIT) == 0) {
		return false;
	}
	while (count < sizeof(bytes)) {
		axb_gpa_t gpa;
		uint64_t at = linear + count;
		size_t part = NPT_PAGE_SIZE - at % NPT_PAGE_SIZE;
		if (!translate(vcpu, is_64bit ? at : (uint32_t)at, &gpa)) {
			break;
		}
		const void *from = vm_memory(vcpu->vm, gpa);
		if (from == NULL) {
			break;
		}
		part = part < sizeof(bytes) - count ? part : sizeof(bytes) - count;
		memcpy(bytes + count, from, part);
		count += part;
	}
	return insn_decode(bytes, count, is_64bit, out);
}

static void handle_cpuid(struct vcpu *vcpu)
{
	uint64_t *gpr = vcpu->regs.gpr;
	uint32_t leaf = (uint32_t)gpr[REG_RAX];
	uint32_t subleaf = (uint32_t)gpr[REG_RCX];
	const struct cpuid_guest guest = {.vcpu_id = vcpu->id,
		.vcpu_count = vcpu->vm->package->vcpu_count,
		.osxsave = (vcpu->vmcb->cr4 & CR4_OSXSAVE) != 0,
		.tsc_khz = (uint32_t)time_tsc_khz()};
	struct cpuid own = cpuid(leaf, subleaf);
	struct cpuid_leaf r = cpuid_of_guest(
		&guest, leaf, subleaf, (struct cpuid_leaf){own.eax, own.ebx, own.ecx, own.edx});
	gpr[REG_RAX] = r.eax;
	gpr[REG_RBX] = r.ebx;
	gpr[REG_RCX] = r.ecx;
	gpr[REG_RDX] = r.edx;
	vcpu_skip(vcpu, LENGTH_CPUID);
}

static void handle_vmmcall(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	uint64_t *gpr = vcpu->regs.gpr;
	uint64_t function = gpr[REG_RAX];
	uint64_t arg0 = gpr[REG_RDI];
	uint64_t arg1 = gpr[REG_RSI];
	int64_t result = HYPERCALL_UNKNOWN;
	vcpu_skip(vcpu, LENGTH_VMMCALL);
	if ((vm->package->flags & PACKAGE_VM_DEVICE) != 0 && vcpu->vmcb->cpl == 0) {
		switch (function) {
		case HYPERCALL_ADD:
			result = (int64_t)(arg0 + arg1);
			break;
		case HYPERCALL_TIME:
			result = (int64_t)time_now_ns();
			break;
		case HYPERCALL_PROTECT:
			result = vm_protect(vm, (axb_gpa_t){arg0}, (uint32_t)arg1) == AXB_OK ? 0
											     : -1;
			break;
		case HYPERCALL_STOP:
			result = 0;
			vm_stop(vm, arg0);
			break;
		default:
			break;
		}
	}
	trace_hypercall(vcpu, function, arg0, arg1, result);
	gpr[REG_RAX] = (uint64_t)result;
}

/* An access to @gpa where there is no RAM: the test device, or nothing. */
static uint64_t device_or_nothing(
	struct vcpu *vcpu, axb_gpa_t gpa, uint8_t size, bool is_write, uint64_t value)
{
	struct vm *vm = vcpu->vm;
	uint64_t read = UINT64_MAX;
	uint64_t offset = gpa.pa - GUEST_DEVICE_BASE;
	if ((vm->package->flags & PACKAGE_VM_DEVICE) != 0 && offset < GUEST_DEVICE_SIZE) {
		uint64_t found = value;
		axb_spinlock_lock(&vm->lock);
		if (device_access(&vm->device, offset, size, is_write, &found)) {
			read = found;
		}
		axb_spinlock_unlock(&vm->lock);
	}
	trace_mmio(vcpu, gpa, is_write ? value : read, size, is_write);
	return read;
}

static void emulate_access(struct vcpu *vcpu, axb_gpa_t gpa)
{
	struct insn insn;
	uint64_t *gpr = vcpu->regs.gpr;
	bool is_write = (vcpu->vmcb->exit_info1 & NPF_WRITE) != 0;
	if (!exit_fetch(vcpu, &insn) || insn.kind > INSN_STORE_IMMEDIATE ||
		(insn.kind != INSN_LOAD) != is_write) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
		return;
	}
	if (is_write) {
		(void)device_or_nothing(vcpu, gpa, insn.size, true, insn_stored(&insn, gpr));
	} else {
		insn_load(&insn, gpr, device_or_nothing(vcpu, gpa, insn.size, false, 0));
	}
	vcpu_skip(vcpu, insn.length);
}

static void handle_npf(struct vcpu *vcpu)
{
	const struct vmcb *vmcb = vcpu->vmcb;
	struct vm *vm = vcpu->vm;
	axb_gpa_t gpa = {vmcb->exit_info2};
	trace_s2_fault(vcpu, gpa);
	if (vm_has_ram(vm, gpa)) {
		if ((vmcb->exit_info1 & NPF_PRESENT) != 0) {
			/* A permission that HYPERCALL_PROTECT took. */
			vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
		} else if (vm_memory(vm, gpa) == NULL) {
			vm_fail(vm, "no memory left for its RAM");
		}
		return;
	}
	if ((vmcb->exit_info1 & NPF_FETCH) != 0) {
		vcpu_inject(vcpu, VECTOR_INVALID_OPCODE); /* of the ones that are read there */
	} else if ((vmcb->exit_info1 & NPF_ON_TABLE_WALK) != 0) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
	} else {
		emulate_access(vcpu, gpa);
	}
}

/* INT n, and under TCG INT3 as well: done as the guest meant it, by event injection. */
static void handle_software_interrupt(struct vcpu *vcpu)
{
	struct insn insn;
	if (!exit_fetch(vcpu, &insn) || (insn.kind != INSN_INT3 && insn.kind != INSN_INT)) {
		/* Another vCPU has changed it since, as Linux does when it patches itself: again.
		 */
		return;
	}
	vcpu_advance(vcpu, insn.length);
	if (insn.kind == INSN_INT3) {
		vcpu_inject(vcpu, VECTOR_BREAKPOINT);
	} else {
		vcpu_inject_software(vcpu, (uint32_t)insn.immediate);
	}
}

static void handle_debug_register(struct vcpu *vcpu)
{
	struct insn insn;
	struct vmcb *vmcb = vcpu->vmcb;
	if (!exit_fetch(vcpu, &insn) || insn.kind != INSN_WRITE_DEBUG) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
		return;
	}
	uint64_t value = vcpu->regs.gpr[insn.reg];
	vcpu_skip(vcpu, insn.length);
	if (insn.immediate < 4) {
		vcpu->dr[insn.immediate] = value;
		vcpu_unload(vcpu); /* the next load writes them all */
	} else {
		vmcb->dr7 = (value & DR7_BITS) | DR7_INIT;
	}
}

/* CR8 is bits 7..4 of the task priority. */
static void handle_cr8(struct vcpu *vcpu)
{
	struct insn insn;
	uint64_t value = 0;
	bool ok = exit_fetch(vcpu, &insn) && insn.kind == INSN_WRITE_CONTROL && insn.immediate == 8;
	if (ok) {
		value = vcpu->regs.gpr[insn.reg];
	}
	if (!ok || value > 0xf) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
		return;
	}
	vcpu->apic.task_priority = (uint32_t)value << 4;
	vcpu_skip(vcpu, insn.length);
}

/* Instructions that only look like the guest's. */
static void handle_insn(struct vcpu *vcpu)
{
	uint64_t code = vcpu->vmcb->exit_code;
	if (code == SVM_EXIT_WBINVD || code == SVM_EXIT_INVD) {
		/* Caches are coherent, and INVD would lose our data. */
		vcpu_skip(vcpu, LENGTH_WBINVD);
	} else if (code == SVM_EXIT_RDPMC) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
	} else {
		vcpu_inject(vcpu, VECTOR_INVALID_OPCODE);
	}
}

static void handle_hlt(struct vcpu *vcpu)
{
	vcpu_skip(vcpu, LENGTH_HLT);
	vcpu->halted = true;
	vcpu->blocked_ns = time_now_ns();
}

/* The guest ends an NMI: another one may come after the IRET. */
static void handle_iret(struct vcpu *vcpu)
{
	vcpu->nmi_blocked = false;
	vcpu->nmi_iret_pc = vcpu->vmcb->rip;
	vcpu->vmcb->intercept_misc1 &= ~INTERCEPT_IRET;
}

/* VMRUN of TCG does not load the interrupt shadow. With "sti; hlt" an interrupt would come before
 * the HLT then, which would wait for ever: so the HLT is done here. */
static void finish_shadow(struct vcpu *vcpu)
{
	struct insn insn;
	if ((vcpu->vmcb->interrupt_shadow & 1) != 0 && (vcpu->vmcb->event & EVENT_VALID) == 0 &&
		exit_fetch(vcpu, &insn) && insn.kind == INSN_HLT) {
		handle_hlt(vcpu);
	}
}

static void handle(struct vcpu *vcpu)
{
	switch (vcpu->reason) {
	case EXIT_INTR:
	case EXIT_NMI:
	case EXIT_INTERRUPT_WINDOW:
		break; /* vcpu_run() puts the interrupt in */
	case EXIT_HLT:
		handle_hlt(vcpu);
		break;
	case EXIT_IO:
		exit_handle_io(vcpu);
		break;
	case EXIT_MSR:
		exit_handle_msr(vcpu);
		break;
	case EXIT_CPUID:
		handle_cpuid(vcpu);
		break;
	case EXIT_NPF:
		handle_npf(vcpu);
		break;
	case EXIT_VMMCALL:
		handle_vmmcall(vcpu);
		break;
	case EXIT_BREAKPOINT:
	case EXIT_SOFTWARE_INTERRUPT:
		handle_software_interrupt(vcpu);
		break;
	case EXIT_DEBUG_REGISTER:
		handle_debug_register(vcpu);
		break;
	case EXIT_CONTROL_REGISTER:
		handle_cr8(vcpu);
		break;
	case EXIT_INSN:
		handle_insn(vcpu);
		break;
	case EXIT_IRET:
		handle_iret(vcpu);
		break;
	case EXIT_SHUTDOWN:
		vm_fail(vcpu->vm, "triple fault");
		break;
	case EXIT_INVALID:
		vm_fail(vcpu->vm, "the CPU refuses its state");
		break;
	default:
		vm_fail(vcpu->vm, "unknown exit");
		break;
	}
}

void exit_handle(struct vcpu *vcpu)
{
	handle(vcpu);
	finish_shadow(vcpu);
}
