/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * RDMSR and WRMSR of what is not the guest's own (svm_init()): the x2APIC, EFER, and what kernels
 * expect on every AMD CPU.
 */
#include "platforms/reference/devices/pvclock.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/exit.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define LENGTH_MSR 2u
#define APIC_BASE_BSP (1u << 8)
#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define MSR_ARCH_CAPABILITIES 0x10au
#define ARCH_XAPIC_STATUS (1u << 21) /* there is: */
#define MSR_XAPIC_STATUS 0xbdu
#define XAPIC_DISABLED 1u
#define MSR_HWCR 0xc0010015u
#define HWCR_TSC_FREQUENCY (1u << 24) /* the TSC counts at the frequency of P0 */
#define EFER_GUEST (EFER_SCE | EFER_LME | EFER_NXE | EFER_FFXSR)

/* Read as 0, and writes are ignored: nothing depends on them here, but kernels use them without
 * asking CPUID. */
static bool is_harmless(uint32_t msr)
{
	static const uint32_t harmless[] = {
		0x0000008b, /* PATCH_LEVEL */
		0xc0010010, /* SYS_CFG */
		0xc001001f, /* NB_CFG */
		0xc0010055, /* interrupt pending */
		0xc0011022, /* DC_CFG */
		0xc0011029, /* DE_CFG */
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(harmless); i++) {
		if (harmless[i] == msr) {
			return true;
		}
	}
	return false;
}

static bool is_x2apic(uint32_t msr)
{
	return (msr >= X2APIC_MSR_FIRST && msr <= X2APIC_MSR_LAST) ||
	       msr == X2APIC_MSR_TSC_DEADLINE;
}

/* x2APIC mode cannot be left: there is no APIC by MMIO. MSR_XAPIC_STATUS says so to kernels that
 * would (nox2apic). */
static uint64_t apic_base(const struct vcpu *vcpu)
{
	return BOARD_LAPIC_BASE | APIC_BASE_ENABLE | APIC_BASE_X2APIC |
	       (vcpu->id == 0 ? APIC_BASE_BSP : 0);
}

static bool read(struct vcpu *vcpu, uint32_t msr, uint64_t *value)
{
	if (is_x2apic(msr)) {
		return x2apic_read(&vcpu->apic, msr, read_tsc(), value);
	}
	switch (msr) {
	case MSR_APIC_BASE:
		*value = apic_base(vcpu);
		return true;
	case MSR_ARCH_CAPABILITIES:
		*value = ARCH_XAPIC_STATUS;
		return true;
	case MSR_XAPIC_STATUS:
		*value = XAPIC_DISABLED;
		return true;
	case MSR_EFER:
		*value = vcpu->vmcb->efer & ~(uint64_t)EFER_SVME;
		return true;
	case MSR_HWCR:
		*value = HWCR_TSC_FREQUENCY;
		return true;
	default:
		*value = 0;
		return is_harmless(msr);
	}
}

static bool write_efer(struct vmcb *vmcb, uint64_t value)
{
	bool changes_lme = ((value ^ vmcb->efer) & EFER_LME) != 0;
	if ((value & ~(uint64_t)(EFER_GUEST | EFER_LMA)) != 0 ||
		(changes_lme && (vmcb->cr0 & CR0_PG) != 0)) {
		return false;
	}
	vmcb->efer = (value & EFER_GUEST) | (vmcb->efer & EFER_LMA) | EFER_SVME;
	return true;
}

static void send_to(struct vcpu *target, uint64_t command)
{
	uint8_t vector = (uint8_t)x2apic_command_vector(command);
	switch (x2apic_command_delivery(command)) {
	case X2APIC_FIXED:
	case X2APIC_LOWEST:
		vcpu_post_interrupt(target, vector);
		break;
	case X2APIC_NMI:
		vcpu_post_event(target, VCPU_NMI);
		break;
	case X2APIC_INIT:
		vcpu_post_event(target, VCPU_INIT);
		break;
	case X2APIC_STARTUP:
		__atomic_store_n(&target->startup_vector, vector, __ATOMIC_RELAXED);
		vcpu_post_event(target, VCPU_STARTUP);
		break;
	default:
		break; /* SMI, reserved: nobody listens */
	}
}

static void send(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	uint64_t command = vcpu->apic.command;
	for (uint32_t i = 0; i < vm->package->vcpu_count; i++) {
		if (!x2apic_is_target(command, vcpu->id, i)) {
			continue;
		}
		send_to(&vm->vcpus[i], command);
		if (x2apic_command_delivery(command) == X2APIC_LOWEST) {
			break; /* to one of them */
		}
	}
}

/* Write @size bytes at @gpa, which must not cross a page. */
static bool write_guest(struct vm *vm, uint64_t gpa, const void *bytes, size_t size)
{
	void *to = vm_memory(vm, (axb_gpa_t){gpa});
	if (to == NULL || gpa % NPT_PAGE_SIZE > NPT_PAGE_SIZE - size) {
		return false;
	}
	memcpy(to, bytes, size);
	return true;
}

static bool write_pvclock(struct vm *vm, uint32_t msr, uint64_t value)
{
	if (msr == PVCLOCK_MSR_WALL) {
		/* When it is, is not known here. */
		const struct pvclock_wall wall = {.version = PVCLOCK_VERSION};
		return write_guest(vm, value, &wall, sizeof(wall));
	}
	if ((value & PVCLOCK_ENABLE) == 0) {
		return true;
	}
	/* Once is enough: the TSC never changes its pace. */
	const struct pvclock_system now =
		pvclock_system_at(time_tsc_khz(), read_tsc(), time_now_ns());
	return write_guest(vm, value & ~(uint64_t)PVCLOCK_ENABLE, &now, sizeof(now));
}

static bool write(struct vcpu *vcpu, uint32_t msr, uint64_t value)
{
	if (is_x2apic(msr)) {
		enum x2apic_effect effect = x2apic_write(&vcpu->apic, msr, value, read_tsc());
		if (effect == X2APIC_SEND) {
			send(vcpu);
		}
		return effect != X2APIC_REFUSED;
	}
	switch (msr) {
	case MSR_APIC_BASE:
		return value == apic_base(vcpu);
	case MSR_EFER:
		return write_efer(vcpu->vmcb, value);
	case PVCLOCK_MSR_WALL:
	case PVCLOCK_MSR_SYSTEM:
		return write_pvclock(vcpu->vm, msr, value);
	case MSR_HWCR:
		return true;
	case MSR_TSC:
		return true; /* it is the CPU's, for all */
	default:
		return is_harmless(msr);
	}
}

void exit_handle_msr(struct vcpu *vcpu)
{
	uint64_t *gpr = vcpu->regs.gpr;
	uint32_t msr = (uint32_t)gpr[REG_RCX];
	bool is_write = (vcpu->vmcb->exit_info1 & 1) != 0;
	uint64_t value = gpr[REG_RDX] << 32 | (uint32_t)gpr[REG_RAX];
	if (!(is_write ? write(vcpu, msr, value) : read(vcpu, msr, &value))) {
		vcpu_inject_error(vcpu, VECTOR_GENERAL_PROTECTION, 0);
		return;
	}
	trace_sysreg(vcpu, msr, value, is_write);
	if (!is_write) {
		gpr[REG_RAX] = (uint32_t)value;
		gpr[REG_RDX] = value >> 32;
	}
	vcpu_skip(vcpu, LENGTH_MSR);
}
