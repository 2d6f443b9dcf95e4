/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * uint64_t native_run(uint64_t entry, struct axb_user_pt_regs *regs): load x0 .. x30, sp and the
 * flags of *regs, jump to @entry; what arrives at native_exit_next or native_exit_taken stores them
 * and returns, with 0 or 1. x27 and x28 are the harness's own; what is tried does not use them.
 */
	.text
	.globl	native_run, native_exit_next, native_exit_taken, native_insns, native_insns_end
	.globl	_start
_start:
	bl	test_main
	brk	#1

native_run:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	adrp	x9, saved
	add	x9, x9, :lo12:saved
	mov	x10, sp
	stp	x10, x1, [x9]
	mov	x27, x0
	mov	x28, x1
	ldr	x9, [x28, #264]
	msr	nzcv, x9
	ldr	x9, [x28, #248]
	mov	sp, x9
	ldp	x0, x1, [x28]
	ldp	x2, x3, [x28, #16]
	ldp	x4, x5, [x28, #32]
	ldp	x6, x7, [x28, #48]
	ldp	x8, x9, [x28, #64]
	ldp	x10, x11, [x28, #80]
	ldp	x12, x13, [x28, #96]
	ldp	x14, x15, [x28, #112]
	ldp	x16, x17, [x28, #128]
	ldp	x18, x19, [x28, #144]
	ldp	x20, x21, [x28, #160]
	ldp	x22, x23, [x28, #176]
	ldp	x24, x25, [x28, #192]
	ldr	x26, [x28, #208]
	ldp	x29, x30, [x28, #232]
	br	x27

native_exit_next:
	mov	x27, #0
	b	store
native_exit_taken:
	mov	x27, #1
store:
	adrp	x28, saved
	add	x28, x28, :lo12:saved
	ldr	x28, [x28, #8]
	stp	x0, x1, [x28]
	stp	x2, x3, [x28, #16]
	stp	x4, x5, [x28, #32]
	stp	x6, x7, [x28, #48]
	stp	x8, x9, [x28, #64]
	stp	x10, x11, [x28, #80]
	stp	x12, x13, [x28, #96]
	stp	x14, x15, [x28, #112]
	stp	x16, x17, [x28, #128]
	stp	x18, x19, [x28, #144]
	stp	x20, x21, [x28, #160]
	stp	x22, x23, [x28, #176]
	stp	x24, x25, [x28, #192]
	str	x26, [x28, #208]
	stp	x29, x30, [x28, #232]
	mrs	x9, nzcv
	str	x9, [x28, #264]
	mov	x9, sp
	str	x9, [x28, #248]
	mov	x0, x27
	adrp	x9, saved
	add	x9, x9, :lo12:saved
	ldr	x10, [x9]
	mov	sp, x10
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

/* What is tried: x0 .. x3 point to data, x16 and x17 and x30 to the taken exit. Offsets of branches
 * and literals are put in by the test. */
	.section .rodata
	.arch	armv8.5-a+memtag
	.balign	4
native_insns:
	nop
	yield
	csdb
	bti	c
	paciasp
	autiasp
	xpaclri
	stp	x29, x30, [sp, #-16]!
	ldp	x29, x30, [sp], #16
	mov	x9, x30
	sub	sp, sp, #32
	add	x29, sp, #16
	add	x4, x5, x6, lsl #3
	adcs	x4, x5, x6
	subs	w4, w5, #17
	ands	x4, x5, #0xff00
	csel	x4, x5, x6, lt
	ccmp	x4, x5, #3, ne
	madd	x4, x5, x6, x7
	udiv	x4, x5, x6
	bfi	x4, x5, #3, #9
	extr	x4, x5, x6, #17
	movk	x4, #0x1234, lsl #32
	ldr	x4, [x0]
	ldr	x4, [x0], #8
	ldrsb	w4, [x1, #3]
	str	x4, [x2, #16]
	str	x4, [x2, #-8]!
	ldp	x4, x5, [x3]
	stp	x4, x5, [x3], #16
	ldadd	x4, x5, [x0]
	cas	x4, x5, [x0]
	swpal	x4, x5, [x1]
	ldar	x4, [x0]
	stlr	x4, [x1]
	ldr	d0, [x0]
	str	q0, [x1]
	fadd	d0, d0, d1
	mrs	x4, nzcv
	msr	nzcv, x4
	mrs	x4, tpidr_el0
	dmb	ish
	dsb	sy
	isb
	clrex
	prfm	pldl1keep, [x0]
	dc	cvau, x0
	b	.
	bl	.
	b.eq	.
	b.ne	.
	b.cs	.
	b.cc	.
	b.mi	.
	b.pl	.
	b.vs	.
	b.vc	.
	b.hi	.
	b.ls	.
	b.ge	.
	b.lt	.
	b.gt	.
	b.le	.
	b.al	.
	.word	0x5400000f
	cbz	x4, .
	cbnz	x4, .
	cbz	w4, .
	cbnz	w5, .
	cbz	xzr, .
	tbz	w4, #3, .
	tbnz	w4, #0, .
	tbz	x4, #63, .
	tbnz	x4, #40, .
	br	x16
	blr	x17
	blr	x30
	ret
	ret	x16
	adr	x4, .
	adrp	x4, .
	adrp	xzr, .
	ldr	x4, .
	ldr	w4, .
	ldrsw	x4, .
	prfm	pldl1keep, .
native_insns_end:

	.bss
	.balign	16
saved:
	.zero	16
