/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Where a platform's trap handlers enter axebpf: what happened, to whom it belongs, and what to do.
 * The kinds of probes that a platform links in register their handlers; the others are not there.
 */
#ifndef AXB_PROBES_CORE_DISPATCH_H_
#define AXB_PROBES_CORE_DISPATCH_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Immediate of the BRK instructions that are ours on AArch64: none that Linux uses (its list is in
 * arch/arm64/include/asm/brk-imm.h). */
#define AXB_A64_BREAKPOINT 0xe0b0u

/** What trapped. */
enum axb_trap_kind {
	AXB_TRAP_BREAKPOINT = 0, /**< pc is the address of the breakpoint instruction */
	AXB_TRAP_KIND_COUNT_
};

/** Whose code was executing. */
enum axb_trap_origin { AXB_TRAP_HYPERVISOR = 0, AXB_TRAP_GUEST };

struct axb_trap {
	uint8_t kind;   /**< enum axb_trap_kind */
	uint8_t origin; /**< enum axb_trap_origin */
	uint16_t vm;    /**< of AXB_TRAP_GUEST */
	uint16_t vcpu;
	uint64_t pc;
	uint64_t gva;
	uint64_t gpa;
	uint64_t syndrome;
};

/** What the trap handler does next. */
enum axb_verdict {
	AXB_NOT_OURS = 0, /**< as if axebpf did not exist */
	AXB_RESUME,       /**< go on with the registers as they are now */
	AXB_RETRY,        /**< go on at the trapped address: the breakpoint is gone already */
	AXB_STEP,         /**< single-step, in the view or slot that was set up */
	AXB_INJECT        /**< give the event to the guest */
};

/** The registers of whoever trapped: struct axb_user_pt_regs or axb_pt_regs_x86_64. */
struct axb_regs;

/** @return AXB_NOT_OURS when another may look at it. Context: trap. */
typedef enum axb_verdict (*axb_trap_handler_fn_t)(
	const struct axb_trap *trap, struct axb_regs *regs);

#define AXB_TRAP_HANDLER_MAX 4u

/** Add a handler; again with the same one changes nothing. Context: boot, one CPU. */
void axb_trap_handler_add(axb_trap_handler_fn_t handler);

/** Context: trap; it may trap again inside. */
enum axb_verdict axb_probe_dispatch(const struct axb_trap *trap, struct axb_regs *regs);

#ifdef __cplusplus
}
#endif

#endif
