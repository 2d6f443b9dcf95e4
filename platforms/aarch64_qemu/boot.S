/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry of all CPUs and the switch to our own translation tables.
 */
#include "platforms/aarch64_qemu/board.h"

/* SCTLR_EL2: RES1 bits, I, WXN, SA, C, M (Arm ARM DDI 0487J.a D19.2.119). */
#define SCTLR_EL2_ON (0x30c50830 | (1 << 19) | (1 << 12) | (1 << 3) | (1 << 2) | (1 << 0))
/* MAIR_EL2: index 0 normal write-back, index 1 device nGnRnE. */
#define MAIR_EL2_VALUE 0x00ff
/* TCR_EL2: RES1 bits 31 and 23, 40-bit PA, inner shareable, write-back walks, 4 KiB, 39-bit VA. */
#define TCR_EL2_VALUE (0x80800000 | (2 << 16) | (3 << 12) | (1 << 10) | (1 << 8) | 25)

/* Purpose:   first instruction of the image, on CPU 0.
 * In:        EL2, MMU and caches off, all interrupts masked (QEMU -kernel with an ELF file).
 * Out:       does not return; main() on the stack of CPU 0 with our tables on.
 * Interrupts: masked. */
	.section axb_noprobe, "ax"
	.globl _start
_start:
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	hang
	msr	spsel, #1
	msr	daifset, #0xf
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el2, x0
	adrp	x0, image_stacks_start
	add	x0, x0, #(2 * STACK_SIZE)
	mov	sp, x0
	adrp	x0, image_bss_start
	add	x0, x0, :lo12:image_bss_start
	adrp	x1, image_bss_end
	add	x1, x1, :lo12:image_bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	bl	mmu_build_tables
	bl	mmu_on
	bl	main
hang:
	wfe
	b	hang

/* Purpose:   entry of a CPU that psci_cpu_on() started.
 * In:        x0 = index of the CPU; EL2, MMU and caches off. No memory may be read before
 *            mmu_on: CPU 0 wrote it through its caches.
 * Out:       does not return; secondary_main(index) on its own stack.
 * Interrupts: masked. */
	.globl secondary_start
secondary_start:
	msr	spsel, #1
	msr	daifset, #0xf
	mov	x19, x0
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el2, x1
	adrp	x1, image_stacks_start
	add	x2, x0, #1
	add	x1, x1, x2, lsl #(STACK_SHIFT + 1)
	mov	sp, x1
	bl	mmu_on
	mov	x0, x19
	bl	secondary_main
	b	hang

/* Purpose:   turn on the tables of mmu_build_tables(), and the caches.
 * In:        tables written; VA = PA for this code.
 * Clobbers:  x0. Stack: none.
 * Interrupts: masked. */
mmu_on:
	ldr	x0, =MAIR_EL2_VALUE
	msr	mair_el2, x0
	ldr	x0, =TCR_EL2_VALUE
	msr	tcr_el2, x0
	adrp	x0, mmu_root_table
	add	x0, x0, :lo12:mmu_root_table
	msr	ttbr0_el2, x0
	dsb	sy
	tlbi	alle2
	ic	iallu
	dsb	sy
	isb
	ldr	x0, =SCTLR_EL2_ON
	msr	sctlr_el2, x0
	isb
	ret
