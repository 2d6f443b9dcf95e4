/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The EL2 vectors, the way into a guest and back, and the copy that survives faults.
 *
 * EL2 code runs on SP_EL2 with all interrupts masked; interrupts are taken from a guest only, or
 * found pending by irq_poll(). So an exception from EL2 itself is a breakpoint of a probe, a fault of
 * copy_guarded(), or a bug. Breakpoints nest, but nothing here may have one: ELR_EL2 and SPSR_EL2
 * are in use.
 */
#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/offsets.h"

/* Stack of vcpu_enter(): callee-saved registers, then the address of the guest's registers. */
#define ENTER_REGS 96
#define ENTER_SIZE 112

	.macro	el2_vector kind
	.balign	0x80
	/* A push into the guard page below the stack would fault for ever, so test the bit of the
	 * new SP that tells guard from stack; x0 is preserved by arithmetic, there is no place to
	 * put it yet. */
	sub	sp, sp, #REGS_SIZE
	add	sp, sp, x0
	sub	x0, sp, x0
	tbz	x0, #STACK_SHIFT, stack_overflow
	sub	x0, sp, x0
	sub	sp, sp, x0
	stp	x0, x1, [sp, #REGS_X]
	mov	x1, #\kind
	b	el2_exception
	.endm

	.macro	guest_vector kind
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\kind
	b	guest_exit
	.endm

	.macro	save_x2_to_x30 base
	stp	x2, x3, [\base, #REGS_X + 16]
	stp	x4, x5, [\base, #REGS_X + 32]
	stp	x6, x7, [\base, #REGS_X + 48]
	stp	x8, x9, [\base, #REGS_X + 64]
	stp	x10, x11, [\base, #REGS_X + 80]
	stp	x12, x13, [\base, #REGS_X + 96]
	stp	x14, x15, [\base, #REGS_X + 112]
	stp	x16, x17, [\base, #REGS_X + 128]
	stp	x18, x19, [\base, #REGS_X + 144]
	stp	x20, x21, [\base, #REGS_X + 160]
	stp	x22, x23, [\base, #REGS_X + 176]
	stp	x24, x25, [\base, #REGS_X + 192]
	stp	x26, x27, [\base, #REGS_X + 208]
	stp	x28, x29, [\base, #REGS_X + 224]
	str	x30, [\base, #REGS_X + 240]
	.endm

	.macro	load_x2_to_x30 base
	ldp	x2, x3, [\base, #REGS_X + 16]
	ldp	x4, x5, [\base, #REGS_X + 32]
	ldp	x6, x7, [\base, #REGS_X + 48]
	ldp	x8, x9, [\base, #REGS_X + 64]
	ldp	x10, x11, [\base, #REGS_X + 80]
	ldp	x12, x13, [\base, #REGS_X + 96]
	ldp	x14, x15, [\base, #REGS_X + 112]
	ldp	x16, x17, [\base, #REGS_X + 128]
	ldp	x18, x19, [\base, #REGS_X + 144]
	ldp	x20, x21, [\base, #REGS_X + 160]
	ldp	x22, x23, [\base, #REGS_X + 176]
	ldp	x24, x25, [\base, #REGS_X + 192]
	ldp	x26, x27, [\base, #REGS_X + 208]
	ldp	x28, x29, [\base, #REGS_X + 224]
	ldr	x30, [\base, #REGS_X + 240]
	.endm

/* Arm ARM DDI 0487J.a, table D1-6. */
	.section axb_noprobe, "ax"
	.balign	0x800
	.globl	vectors
vectors:
	el2_vector 0
	el2_vector 1
	el2_vector 2
	el2_vector 3
	el2_vector 4
	el2_vector 5
	el2_vector 6
	el2_vector 7
	guest_vector GUEST_VECTOR_SYNC
	guest_vector GUEST_VECTOR_IRQ
	guest_vector GUEST_VECTOR_FIQ
	guest_vector GUEST_VECTOR_SERROR
	/* From an AArch32 EL1, which does not exist here: HCR_EL2.RW is set. An AArch32 EL0 comes above. */
	el2_vector 12
	el2_vector 13
	el2_vector 14
	el2_vector 15

/* Purpose:   exception of EL2 itself: call trap_el2(regs, vector), then resume.
 * In:        x1 = vector number; sp = struct cpu_regs with x0 and x1 filled in.
 * Clobbers:  nothing but what trap_el2() changes in the registers. Stack: REGS_SIZE. */
el2_exception:
	save_x2_to_x30 sp
	add	x2, sp, #REGS_SIZE
	mrs	x3, elr_el2
	stp	x2, x3, [sp, #REGS_SP]
	mrs	x2, spsr_el2
	str	x2, [sp, #REGS_PSTATE]
	mov	x0, sp
	bl	trap_el2
	ldr	x1, [sp, #REGS_SP]
	sub	x1, x1, #REGS_SIZE
	mov	x0, sp
	cmp	x0, x1
	b.ne	move_frame
resume:
	ldp	x2, x3, [sp, #REGS_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	load_x2_to_x30 sp
	ldp	x0, x1, [sp, #REGS_X]
	add	sp, sp, #REGS_SIZE
	eret

/* Purpose:   a program has changed SP: move the frame to right below the new SP, where it is resumed
 *            from. The two may overlap; no other stack is in use.
 * In:        x0 = sp = struct cpu_regs; x1 = where it belongs. Clobbers: what resume loads. */
move_frame:
	mov	x2, #(REGS_SIZE / 16)
	b.lo	2f
	mov	x5, x1
1:	ldp	x3, x4, [x0], #16
	stp	x3, x4, [x5], #16
	subs	x2, x2, #1
	b.ne	1b
	mov	sp, x1
	b	resume
2:	add	x0, x0, #REGS_SIZE
	add	x5, x1, #REGS_SIZE
3:	ldp	x3, x4, [x0, #-16]!
	stp	x3, x4, [x5, #-16]!
	subs	x2, x2, #1
	b.ne	3b
	mov	sp, x1
	b	resume

/* Purpose:   the stack ran into its guard; report on the emergency stack of this CPU.
 * In:        TPIDR_EL2 = struct percpu. Never returns, so every register may be lost. */
stack_overflow:
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #PERCPU_EMERGENCY_STACK]
	mov	sp, x0
	mrs	x0, elr_el2
	b	trap_stack_overflow

/* uint32_t vcpu_enter(struct cpu_regs *regs);
 * Purpose:   run the guest until it exits.
 * In:        x0 = registers of the guest; its EL1 state is in the CPU; VTTBR_EL2, HCR_EL2 set.
 * Out:       w0 = GUEST_VECTOR_*; *regs updated.
 * Clobbers:  as a C function. Stack: ENTER_SIZE and 16 bytes more at the exit.
 * Interrupts: masked here; in the guest they come to EL2 (HCR_EL2.IMO). */
	.globl	vcpu_enter
vcpu_enter:
	sub	sp, sp, #ENTER_SIZE
	stp	x29, x30, [sp]
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x0, [sp, #ENTER_REGS]
	ldp	x2, x3, [x0, #REGS_PC]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	load_x2_to_x30 x0
	ldp	x0, x1, [x0, #REGS_X]
	eret
	/* Nothing after ERET may be executed speculatively. */
	dsb	nsh
	isb

/* Purpose:   second half of vcpu_enter(): the guest exited.
 * In:        x1 = GUEST_VECTOR_*; x0 and x1 of the guest on the stack. */
guest_exit:
	ldr	x0, [sp, #(16 + ENTER_REGS)]
	save_x2_to_x30 x0
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0, #REGS_X]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x2, x3, [x0, #REGS_PC]
	mov	w0, w1
	ldp	x29, x30, [sp]
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	add	sp, sp, #ENTER_SIZE
	ret

/* bool copy_guarded(void *to, uint64_t from, size_t size);
 * Purpose:   copy bytes; a fault of a load or store between the two labels makes it return false
 *            (trap_el2() sends it to copy_guarded_failed).
 * In:        x0, x1, x2. Out: w0. Clobbers: x0 .. x3. Stack: none. */
	.globl	copy_guarded
	.globl	copy_guarded_end
	.globl	copy_guarded_failed
copy_guarded:
	cbz	x2, 2f
1:	ldrb	w3, [x1], #1
	strb	w3, [x0], #1
	subs	x2, x2, #1
	b.ne	1b
2:	mov	w0, #1
	ret
copy_guarded_end:
copy_guarded_failed:
	mov	w0, #0
	ret
