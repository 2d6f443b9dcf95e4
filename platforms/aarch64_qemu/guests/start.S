/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry and vectors of a guest.
 */

/* Purpose: first instruction. In: abi.h. Out: never returns; guest_run(id, rounds, period).
 * Interrupts: masked. */
	.section .text.boot, "ax"
	.globl guest_start
guest_start:
	ldr	x9, =guest_stack_end
	mov	sp, x9
	ldr	x9, =guest_vectors
	msr	vbar_el1, x9
	ldr	x9, =guest_bss_start
	ldr	x10, =guest_bss_end
1:	cmp	x9, x10
	b.hs	2f
	stp	xzr, xzr, [x9], #16
	b	1b
2:	isb
	bl	guest_run
	b	.

	.macro	vector target
	.balign	0x80
	b	\target
	.endm

	.text
	.balign	0x800
guest_vectors:
	.rept	4
	vector	unexpected
	.endr
	vector	synchronous
	vector	interrupt
	.rept	6
	vector	unexpected
	.endr
	vector	from_a32
	.rept	3
	vector	unexpected
	.endr

	.macro	call_saving_registers function
	stp	x0, x1, [sp, #-176]!
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x29, [sp, #144]
	str	x30, [sp, #160]
	bl	\function
	ldr	x30, [sp, #160]
	ldp	x18, x29, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #176
	eret
	.endm

/* Purpose: call guest_on_exception(), then return to where ELR_EL1 says. Clobbers: nothing. */
synchronous:
	call_saving_registers guest_on_exception

/* Purpose: call guest_on_interrupt(), then go on. Clobbers: nothing. */
interrupt:
	call_saving_registers guest_on_interrupt

unexpected:
	bl	guest_on_unexpected
	b	.

/* AArch32 user mode, interrupts masked. */
#define PSTATE_A32_USER 0x1d0

/* uint64_t guest_run_a32(const uint32_t *code);
 * Purpose: run A32 code at EL0 until its first synchronous exception. In: x0. Out: x0 = ESR_EL1.
 * Stack: 96. */
	.globl	guest_run_a32
guest_run_a32:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x9, #PSTATE_A32_USER
	msr	spsr_el1, x9
	msr	elr_el1, x0
	eret
from_a32:
	mrs	x0, esr_el1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
