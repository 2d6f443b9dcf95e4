/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A virtual CPU: its VMCB and what the VMCB does not hold. It belongs to one CPU from its start to
 * its end; only *_pending, the APIC's requests and in_guest are touched by others.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_VCPU_H_
#define AXB_PLATFORMS_X86_64_QEMU_VCPU_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/devices/x2apic.h"
#include "platforms/reference/x86_64/vmcb.h"
#include "runtime/base/status.h"

struct vm;

/** Numbers of registers in instructions. */
enum cpu_reg {
	REG_RAX = 0,
	REG_RCX = 1,
	REG_RDX = 2,
	REG_RBX = 3,
	REG_RSP = 4,
	REG_RBP = 5,
	REG_RSI = 6,
	REG_RDI = 7,
};

/** General registers by number, in the layout of offsets.h. */
struct cpu_regs {
	uint64_t gpr[16];
};

/** Why a guest exited. */
enum exit_reason {
	EXIT_UNKNOWN,
	EXIT_INTR,
	EXIT_NMI,
	EXIT_INTERRUPT_WINDOW,
	EXIT_HLT,
	EXIT_IO,
	EXIT_MSR,
	EXIT_CPUID,
	EXIT_NPF,
	EXIT_VMMCALL,
	EXIT_BREAKPOINT,
	EXIT_SOFTWARE_INTERRUPT,
	EXIT_DEBUG_REGISTER,
	EXIT_CONTROL_REGISTER,
	EXIT_INSN, /**< one that is the hypervisor's: VMRUN, MONITOR, WBINVD ... */
	EXIT_IRET,
	EXIT_SHUTDOWN,
	EXIT_INVALID,
	EXIT_COUNT_,
};

/** Bits of vcpu.events_pending. */
enum vcpu_event {
	VCPU_NMI = 1,
	VCPU_INIT = 2,
	VCPU_STARTUP = 4,
};

struct vcpu {
	struct vm *vm;
	uint16_t id;
	uint32_t cpu;      /**< where it runs */
	uint32_t attached; /**< that CPU has it in its queue */
	struct cpu_regs regs;
	struct vmcb *vmcb;
	struct x2apic apic;

	void *fpu; /**< XSAVE area, a page */
	uint64_t xcr0;
	uint64_t tsc_aux;
	uint64_t dr[4];

	uint64_t asid_generation;
	uint32_t flush_pending; /**< nested translations were taken away */
	uint32_t in_guest;

	uint32_t events_pending;
	uint32_t startup_vector;
	bool waits_for_startup;
	bool halted;
	bool nmi_blocked; /**< until its IRET */
	uint64_t nmi_iret_pc;
	uint64_t blocked_ns; /**< when it halted */

	uint64_t switched_ns; /**< time of the last entry, or exit */
	bool in_exit;         /**< an exit is being handled; it is: */
	enum exit_reason reason;
	uint64_t exit_count[EXIT_COUNT_];
};

/** Make it ready: vCPU 0 to run as the package says, others to wait for INIT and SIPI.
 * @return AXB_ERR_NOMEM. Context: thread. */
AXB_MUST_USE enum axb_status vcpu_init(struct vcpu *vcpu, struct vm *vm, uint16_t id);
void vcpu_deinit(struct vcpu *vcpu);

/** Make the interrupt of its timer pending, when that has expired. Context: its CPU. */
void vcpu_poll_timer(struct vcpu *vcpu);

/** Can it run, or be woken to? Context: its CPU. */
bool vcpu_is_runnable(struct vcpu *vcpu);

/** When the TSC is what, its timer expires. */
static inline uint64_t vcpu_deadline(const struct vcpu *vcpu)
{
	return vcpu->apic.deadline;
}

/** Enter the guest; on return it has exited and @vcpu says why. Context: its CPU. */
void vcpu_run(struct vcpu *vcpu);

/** Take what vcpu_run() put into the CPU out of it. Context: its CPU. */
void vcpu_unload(struct vcpu *vcpu);

/** Step over an instruction of @length bytes that interrupts, so that no single step follows. */
void vcpu_advance(struct vcpu *vcpu, uint64_t length);
/** Step over one that has been done: when the guest steps, its step is over. */
void vcpu_skip(struct vcpu *vcpu, uint64_t length);

/** Give the guest an exception before its next instruction. */
void vcpu_inject(struct vcpu *vcpu, uint32_t vector);
void vcpu_inject_error(struct vcpu *vcpu, uint32_t vector, uint32_t error);
/** The same as INT n would, the instruction being done. */
void vcpu_inject_software(struct vcpu *vcpu, uint32_t vector);

#define VECTOR_DEBUG 1u
#define VECTOR_BREAKPOINT 3u
#define VECTOR_INVALID_OPCODE 6u
#define VECTOR_GENERAL_PROTECTION 13u

/** Post an interrupt or event from any CPU and see to it that it is noticed. */
void vcpu_post_interrupt(struct vcpu *vcpu, uint8_t vector);
void vcpu_post_event(struct vcpu *vcpu, enum vcpu_event event);

/** Have it leave the guest, if it is there. Context: any CPU. */
void vcpu_kick(struct vcpu *vcpu);

/** Registers as after INIT and, with @vector, SIPI. */
void vcpu_reset(struct vcpu *vcpu, uint32_t vector);

const char *exit_reason_name(enum exit_reason reason);

#endif
