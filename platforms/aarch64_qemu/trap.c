/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Exceptions of EL2 itself, called by vectors.S. Context: trap.
 */
#include <stdbool.h>
#include <stdint.h>

#include "platforms/aarch64_qemu/trap.h"
#include "platforms/aarch64_qemu/vcpu.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/text.h"
#include "probes/core/dispatch.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/text.h"

#define VECTOR_SYNC_SPX 4u
#define ESR_EC_SHIFT 26
#define EC_DATA_ABORT_SAME 0x25u
#define EC_BRK 0x3cu
#define ESR_ISS_IMMEDIATE 0xffffu
#define SP_ALIGNMENT 16u /* SCTLR_EL2.SA */

extern const uint8_t copy_guarded_end[], copy_guarded_failed[];

AXB_NOPROBE_INLINE bool is_fault_of_copy(const struct cpu_regs *regs, uint64_t vector, uint64_t esr)
{
	return vector == VECTOR_SYNC_SPX && esr >> ESR_EC_SHIFT == EC_DATA_ABORT_SAME &&
	       regs->pc >= (uint64_t)copy_guarded && regs->pc < (uint64_t)copy_guarded_end;
}

__attribute__((noreturn, noinline)) static void die(
	const struct cpu_regs *regs, uint64_t vector, uint64_t esr)
{
	char buffer[192];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "exception at EL2, vector ");
	axb_text_u64(&text, vector);
	axb_text_str(&text, ", pc ");
	axb_text_0x(&text, regs->pc, 1);
	axb_text_str(&text, ", sp ");
	axb_text_0x(&text, regs->sp, 1);
	axb_text_str(&text, ", lr ");
	axb_text_0x(&text, regs->x[30], 1);
	axb_text_str(&text, ", esr ");
	axb_text_0x(&text, esr, 8);
	axb_text_str(&text, ", far ");
	axb_text_0x(&text, read_far_el2(), 1);
	panic(buffer);
}

AXB_NOPROBE void trap_el2(struct cpu_regs *regs, uint64_t vector)
{
	uint64_t esr = read_esr_el2();
	if (is_fault_of_copy(regs, vector, esr)) {
		regs->pc = (uint64_t)copy_guarded_failed;
		return;
	}
	bool is_ours = vector == VECTOR_SYNC_SPX && esr >> ESR_EC_SHIFT == EC_BRK &&
		       (esr & ESR_ISS_IMMEDIATE) == AXB_A64_BREAKPOINT;
	/* vectors.S goes on with the SP that a program may have written. */
	if (!is_ours || !text_breakpoint(regs->pc, esr, regs) || regs->sp % SP_ALIGNMENT != 0) {
		die(regs, vector, esr);
	}
}

void trap_stack_overflow(uint64_t pc)
{
	char buffer[80];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, "stack overflow, pc ");
	axb_text_0x(&text, pc, 1);
	panic(buffer);
}
