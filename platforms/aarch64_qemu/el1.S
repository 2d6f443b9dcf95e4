/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The registers of EL1 and EL0, and those of SIMD, as a vCPU finds them after reset.
 */

/* RES1 bits; MMU and caches off. */
#define SCTLR_EL1_AT_RESET 0x30d00800

/* void el1_reset(void);
 * Purpose:   forget all that a guest left in this CPU; its timers stop.
 * Clobbers:  x0, x1, SIMD registers. Stack: none.
 * Interrupts: masked. */
	.arch_extension fp
	.arch_extension simd
	.text
	.globl	el1_reset
el1_reset:
	ldr	x0, =SCTLR_EL1_AT_RESET
	msr	sctlr_el1, x0
	.irp	name, cpacr, vbar, ttbr0, ttbr1, tcr, mair, amair, esr, far, afsr0, afsr1, elr, spsr, tpidr, contextidr, par, cntkctl
	msr	\name\()_el1, xzr
	.endr
	msr	sp_el0, xzr
	msr	sp_el1, xzr
	msr	tpidr_el0, xzr
	msr	tpidrro_el0, xzr
	msr	cntv_ctl_el0, xzr
	msr	cntv_cval_el0, xzr
	msr	cntp_ctl_el0, xzr
	msr	cntp_cval_el0, xzr
	msr	csselr_el1, xzr
	msr	mdscr_el1, xzr
	msr	oslar_el1, xzr
	/* ID_AA64DFR0_EL1: numbers of breakpoints and watchpoints, less 1. Computed jumps into
	 * lists that go down from 15. */
	mrs	x0, id_aa64dfr0_el1
	ubfx	x1, x0, #12, #4
	adr	x2, 1f
	mov	x3, #15
	sub	x3, x3, x1
	add	x2, x2, x3, lsl #2
	br	x2
1:	.irp	n, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
	msr	dbgbcr\n\()_el1, xzr
	.endr
	ubfx	x1, x0, #20, #4
	adr	x2, 2f
	mov	x3, #15
	sub	x3, x3, x1
	add	x2, x2, x3, lsl #2
	br	x2
2:	.irp	n, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
	msr	dbgwcr\n\()_el1, xzr
	.endr
	msr	cptr_el2, xzr
	isb
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movi	v\n\().2d, #0
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	movi	v\n\().2d, #0
	.endr
	msr	fpcr, xzr
	msr	fpsr, xzr
	isb
	ret
