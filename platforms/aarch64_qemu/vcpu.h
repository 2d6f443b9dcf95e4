/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A virtual CPU, and what each CPU does for ever: run the vCPU that is assigned to it, or idle. A
 * vCPU stays on its CPU until its VM ends, so its EL1 registers live in the hardware.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_VCPU_H_
#define AXB_PLATFORMS_AARCH64_QEMU_VCPU_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/devices/vgic.h"

struct vm;

/** General registers, in the layout of offsets.h. */
struct cpu_regs {
	uint64_t x[31];
	uint64_t sp; /**< of EL2; a guest's are in the hardware */
	uint64_t pc;
	uint64_t pstate;
};

/** Why a guest exited. */
enum exit_reason {
	EXIT_UNKNOWN,
	EXIT_IRQ,
	EXIT_FIQ,
	EXIT_SERROR,
	EXIT_WFI,
	EXIT_WFE,
	EXIT_HVC,
	EXIT_SMC,
	EXIT_SYSREG,
	EXIT_DATA_ABORT,
	EXIT_INSN_ABORT,
	EXIT_FP_ACCESS,
	EXIT_COUNT_,
};

/** As PSCI sees it. */
enum vcpu_power {
	VCPU_OFF,
	VCPU_ON_PENDING, /**< its CPU will load it as after reset */
	VCPU_ON,
};

struct vcpu {
	struct vm *vm;
	uint16_t id;
	uint32_t cpu;
	uint32_t power;  /**< enum vcpu_power; store-release */
	bool off_wanted; /**< by itself */
	struct cpu_regs regs;
	bool waiting; /**< in WFI, since: */
	uint64_t waiting_since_ns;
	uint64_t switched_ns; /**< time of the last entry, or exit */
	bool in_exit;         /**< an exit is being handled; it is: */
	enum exit_reason reason;
	uint64_t esr;
	uint64_t far;
	uint64_t hpfar;
	uint64_t exit_count[EXIT_COUNT_];
	uint64_t vectors;        /**< VBAR_EL1 as first set to a kernel address; 0 = not yet */
	uint64_t list[VGIC_LRS]; /**< list registers while it is in the guest */
	uint32_t list_count;     /**< how many of them are used */
	uint64_t list_told;      /**< interrupts traced as pending and not taken yet */
	uint32_t
		hardware_active; /**< bits of VGIC_HARDWARE that wait for the guest's end of them */
};

/** A vCPU that is off, for CPU @cpu. Context: thread. */
void vcpu_init(struct vcpu *vcpu, struct vm *vm, uint16_t id, uint32_t cpu);

/** Let it begin at @entry with @argument in x0; its CPU takes it when kicked. Context: the VM's
 * lock is held, or no other vCPU runs. */
void vcpu_power_on(struct vcpu *vcpu, uint64_t entry, uint64_t argument);

/** It sleeps until an interrupt comes for it. Context: the CPU of the vCPU. */
void vcpu_wait(struct vcpu *vcpu);

/** The physical interrupt @irq, one of VGIC_HARDWARE, has come for the vCPU of this CPU. */
void vcpu_hardware_irq(struct vcpu *vcpu, uint32_t irq);

/** If the VM of this CPU's vCPU has ended, let the CPU be free. Context: thread, CPU 0, when it
 * waits for the end of a VM. */
void vcpu_leave_ended(void);

/** Run what is assigned to this CPU. @param thread called, if not NULL, after each interrupt.
 * Context: boot; any CPU. */
__attribute__((noreturn)) void vcpu_loop(void (*thread)(void));

const char *exit_reason_name(enum exit_reason reason);

#endif
