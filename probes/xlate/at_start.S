/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry of at_bare at EL2 with the MMU off, as QEMU starts an ELF file. An AT instruction that meets no
 * memory on its walk takes an exception: at_abort gets its syndrome, and it is stepped over.
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
	bl	at_main
	b	.

	.balign	2048
vectors:
	.rept	4
	.balign	128
	mov	x0, #2
	b	at_exit
	.endr
	.balign	128
	stp	x0, x1, [sp, #-16]!
	mrs	x0, esr_el2
	adrp	x1, at_abort
	str	x0, [x1, :lo12:at_abort]
	mrs	x0, elr_el2
	add	x0, x0, #4
	msr	elr_el2, x0
	ldp	x0, x1, [sp], #16
	eret
	.rept	11
	.balign	128
	mov	x0, #2
	b	at_exit
	.endr

	.bss
	.balign	16
	.space	65536
stack_top:
