/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The ways from code that no trap interrupts into the handling of hits: all general registers
 * become a struct axb_user_pt_regs, and what the handler left in it is restored, but for sp and the
 * flags, which no function expects from its caller or callee, and x17, by which veneers may go
 * (AAPCS64, 6.1.1).
 */
#define REG_X16 128
#define REG_LINK 240
#define REG_PC 256
#define REG_PSTATE 264
#define REGS_SIZE 272
/* What the stub has pushed: x17 and x30. */
#define PUSHED 16

	.macro	save
	sub	sp, sp, #REGS_SIZE
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #REG_X16]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	/* PSTATE as SPSR has it. */
	mrs	x1, nzcv
	mrs	x2, daif
	orr	x1, x1, x2
	mrs	x2, CurrentEL
	orr	x1, x1, x2
	mrs	x2, SPSel
	orr	x1, x1, x2
	str	x1, [sp, #REG_PSTATE]
	.endm

	/* Those that C code keeps; x19 is used below. */
	.macro	restore_kept
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	.endm

	/* The others, but for x17; x30 is what the handler left. */
	.macro	restore
	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldr	x16, [sp, #REG_X16]
	ldp	x18, x19, [sp, #144]
	ldr	x30, [sp, #REG_LINK]
	.endm

	.section axb_noprobe, "ax"

	/* Called by the stub of a site, in place of its NOP: x17 is the site. */
	.globl	hprobe_site_entry
	.hidden	hprobe_site_entry
	.type	hprobe_site_entry, %function
hprobe_site_entry:
	save
	mov	x0, x17
	ldr	x1, [x0]
	str	x1, [sp, #REG_PC]
	ldp	x1, x2, [sp, #REGS_SIZE]
	str	x1, [sp, #REG_X16 + 8]
	add	x3, sp, #REGS_SIZE + PUSHED
	stp	x2, x3, [sp, #REG_LINK]
	mov	x19, x30
	mov	x1, sp
	bl	hprobe_on_site
	mov	x17, x19
	cbz	x0, 1f
	mov	x17, x0
	restore_kept
1:	restore
	add	sp, sp, #REGS_SIZE + PUSHED
	ret	x17
	.size	hprobe_site_entry, . - hprobe_site_entry

	/* A probed function returned to this. */
	.globl	hprobe_return_stub
	.hidden	hprobe_return_stub
	.type	hprobe_return_stub, %function
hprobe_return_stub:
	save
	add	x3, sp, #REGS_SIZE
	stp	x30, x3, [sp, #REG_LINK]
	mov	x0, sp
	bl	hprobe_on_return
	/* As after a return: x30 is where it went. */
	str	x0, [sp, #REG_LINK]
	restore_kept
	restore
	ldr	x17, [sp, #REG_X16 + 8]
	add	sp, sp, #REGS_SIZE
	ret
	.size	hprobe_return_stub, . - hprobe_return_stub
