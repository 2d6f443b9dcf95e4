/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry of pac_bare at EL2 with the MMU off, as QEMU starts an ELF file, and a call that shows
 * whether the registers that a function keeps were kept.
 */
	.section .text.start, "ax"
	.globl	_start
_start:
	adrp	x0, stack_top
	add	x0, x0, :lo12:stack_top
	mov	sp, x0
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el2, x0
	isb
	bl	pac_main
	b	.

	.balign	2048
vectors:
	.rept	16
	.balign	128
	mov	x0, #2
	b	pac_exit
	.endr

	.text
	/* pac_call(n, function): function(n); all ones when x19 .. x28 are not what they were. */
	.globl	pac_call
	.type	pac_call, %function
pac_call:
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
	mov	x\n, #(\n * 257)
	.endr
	blr	x1
	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28
	mov	x9, #(\n * 257)
	cmp	x\n, x9
	csinv	x0, x0, xzr, eq
	.endr
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
	.size	pac_call, . - pac_call

	.bss
	.balign	16
	.space	65536
stack_top:
