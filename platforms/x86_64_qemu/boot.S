/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry of CPU 0 by PVH (Xen public/arch-x86/hvm/start_info.h) and of the others by INIT-SIPI, and
 * the way of both into 64-bit mode.
 */
#include "platforms/x86_64_qemu/board.h"

#define CR0_ON 0x80010033 /* PG, WP, NE, ET, MP, PE */
#define CR4_ON 0x40660    /* OSXSAVE, OSXMMEXCPT, OSFXSR, MCE, PAE */
#define MSR_EFER 0xc0000080
#define EFER_ON 0x900 /* NXE, LME */

#define XEN_ELFNOTE_PHYS32_ENTRY 18
	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	start32

/* From here: with paging off, to 64-bit code at @target. cr3 is loaded. Clobbers eax, ecx, edx. */
	.macro	enter_long_mode target
	movl	$CR4_ON, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	movl	$EFER_ON, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_ON, %eax
	movl	%eax, %cr0
	ljmpl	$SELECTOR_CODE, $\target
	.endm

/* Purpose:   first instruction of the image, on CPU 0.
 * In:        32-bit mode without paging; ebx = hvm_start_info; .bss is zero (ELF).
 * Out:       does not return; main() on the stack of CPU 0 with our tables on.
 * Interrupts: masked. */
	.section axb_noprobe, "ax"
	.code32
	.globl	start32
start32:
	cld
	movl	%ebx, boot_start_info
	movl	$trampoline_start, %esi
	movl	$BOARD_TRAMPOLINE, %edi
	movl	$(trampoline_end - trampoline_start), %ecx
	rep movsb
	movl	$boot_root_table, %eax
	movl	%eax, %cr3
	lgdt	boot_gdt_pointer
	enter_long_mode start64

/* Purpose:   entry of another CPU, copied to BOARD_TRAMPOLINE.
 * In:        real mode, cs = BOARD_TRAMPOLINE >> 4; secondary_id says which CPU this is.
 * Out:       secondary64 with our tables on. */
	.code16
trampoline_start:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	trampoline_gdt_pointer - trampoline_start
	movl	$mmu_root_table, %eax
	movl	%eax, %cr3
	enter_long_mode secondary64
trampoline_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt
trampoline_end:

	.code64
/* In: flat code segment. Clobbers: eax. */
	.macro	load_data_segments
	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	.endm

start64:
	load_data_segments
	movq	$(image_stacks_start + 2 * STACK_SIZE), %rsp
	xorl	%ebp, %ebp
	call	mmu_build_tables
	movq	$mmu_root_table, %rax
	movq	%rax, %cr3
	call	main
	ud2

/* Purpose:   entry of a further CPU in 64-bit mode; secondary_main(id) on its own stack. */
secondary64:
	load_data_segments
	movl	secondary_id, %edi
	movl	%edi, %eax
	incl	%eax
	shll	$(STACK_SHIFT + 1), %eax
	leaq	image_stacks_start(%rax), %rsp
	xorl	%ebp, %ebp
	call	secondary_main
	ud2

	.section .rodata
	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00af9b000000ffff /* SELECTOR_CODE: 64-bit code */
	.quad	0x00cf93000000ffff /* SELECTOR_DATA */
boot_gdt_end:
boot_gdt_pointer:
	.word	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt

/* The first GiB as it is, until mmu_build_tables() is done. */
	.section .data
	.balign	4096
boot_root_table:
	.quad	boot_gib_table + 0x3
	.skip	4088
boot_gib_table:
	.quad	0x83 /* one 1 GiB page: present, writable */
	.skip	4088
	.globl	boot_start_info
boot_start_info:
	.long	0
	.globl	secondary_id
secondary_id:
	.long	0
