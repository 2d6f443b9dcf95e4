/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The registers of EL1 and EL0, and those of SIMD, as a vCPU finds them after reset.
 */

/* RES1 bits; MMU and caches off. */
#define SCTLR_EL1_AT_RESET 0x30d00800

/* Zero the registers \name<n>_el1: 0 .. what 4 bits of x0 from \shift on say. Jumps into a list that
 * goes down from 15. Clobbers x1, x2. */
	.macro	reset_list name, shift
	ubfx	x1, x0, #\shift, #4
	adr	x2, 2f
	sub	x2, x2, x1, lsl #2
	br	x2
	.irp	end, 15_el1, 14_el1, 13_el1, 12_el1, 11_el1, 10_el1, 9_el1, 8_el1, 7_el1, 6_el1, 5_el1, 4_el1, 3_el1, 2_el1, 1_el1
	msr	\name\end, xzr
	.endr
2:	msr	\name\()0_el1, xzr
	.endm

/* void el1_reset(void);
 * Purpose:   forget all that a guest left in this CPU; its timers stop.
 * Clobbers:  x0 .. x2, SIMD registers. Stack: none.
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
	msr	osdlr_el1, xzr
	/* As many as ID_AA64DFR0_EL1 tells, less 1, are there. */
	mrs	x0, id_aa64dfr0_el1
	reset_list	dbgbcr, 12
	reset_list	dbgwcr, 20
	/* ID_AA64ISAR1_EL1.APA and .API: keys for pointer authentication. */
	mrs	x0, id_aa64isar1_el1
	tst	x0, #0xff0
	b.eq	1f
	.irp	name, c1_0, c1_1, c1_2, c1_3, c2_0, c2_1, c2_2, c2_3, c3_0, c3_1
	msr	s3_0_c2_\name, xzr
	.endr
1:
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
