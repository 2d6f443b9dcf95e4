/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A virtual CPU and its run loop. Each vCPU stays on one CPU, so its EL1 registers and list
 * registers live in the hardware from its start to its end.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_VCPU_H_
#define AXB_PLATFORMS_AARCH64_QEMU_VCPU_H_

#include <stdbool.h>
#include <stdint.h>

struct vm;

/** General registers, in the layout of offsets.h. */
struct cpu_regs {
	uint64_t x[31];
	uint64_t pc;
	uint64_t pstate;
	uint64_t reserved;
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
	EXIT_COUNT_,
};

struct vcpu {
	struct vm *vm;
	uint16_t id;
	struct cpu_regs regs;
	uint64_t switched_ns; /**< time of the last entry, or exit */
	bool in_exit;         /**< an exit is being handled; it is: */
	enum exit_reason reason;
	uint64_t esr;
	uint64_t far;
	uint64_t hpfar;
	uint64_t exit_count[EXIT_COUNT_];
};

/** A vCPU that will begin at @entry. Context: boot. */
void vcpu_init(struct vcpu *vcpu, struct vm *vm, uint64_t entry);

/** Run it on this CPU until its VM stops. @param housekeeping called, if not NULL, after each
 * interrupt and while the vCPU waits. Context: thread. */
void vcpu_run(struct vcpu *vcpu, void (*housekeeping)(void));

const char *exit_reason_name(enum exit_reason reason);

#endif
