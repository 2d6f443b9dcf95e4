/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry of pf_bare by PVH, 32 bits without paging, to 64 bits with 5 levels where the CPU has them;
 * and the accesses that may fault. Ref: Xen's PVH boot protocol; AMD64 APM vol. 2, 14.6.
 */
#define CR4_PAE (1 << 5)
#define CR4_LA57 (1 << 12)
#define EFER 0xc0000080
#define EFER_LME (1 << 8)
#define CR0_PE_PG 0x80000001
#define CODE64 8
#define PRESENT_WRITE 3
#define LARGE 0x80

	.section .note.pvh, "a", @note
	.long	4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	_start

	.section .text.start, "ax"
	.code32
	.globl	_start
_start:
	movl	$stack_top, %esp
	/* The first GiB at itself, by entry 0 of each level. */
	movl	$(PRESENT_WRITE | LARGE), pf_level3
	movl	$pf_level3 + PRESENT_WRITE, pf_level4
	movl	$pf_level4 + PRESENT_WRITE, pf_level5
	movl	$7, %eax
	xorl	%ecx, %ecx
	cpuid
	movl	$CR4_PAE, %eax
	movl	$pf_level4, %edx
	testl	$(1 << 16), %ecx
	jz	1f
	orl	$CR4_LA57, %eax
	movl	$pf_level5, %edx
1:	movl	%eax, %cr4
	movl	%edx, %cr3
	movl	$EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$CR0_PE_PG, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$CODE64, $start64

	.code64
start64:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	call	pf_main

/* uint64_t pf_read(uint64_t address, uint64_t *out): 0, or 1 + the error code of the fault. */
	.globl	pf_read
pf_read:
	leaq	faulted(%rip), %rax
	movq	%rax, resume(%rip)
	movq	(%rdi), %rax
	movq	%rax, (%rsi)
	xorl	%eax, %eax
	ret
/* uint64_t pf_write(uint64_t address, uint64_t value): the same. */
	.globl	pf_write
pf_write:
	leaq	faulted(%rip), %rax
	movq	%rax, resume(%rip)
	movq	%rsi, (%rdi)
	xorl	%eax, %eax
	ret
faulted:
	movq	error(%rip), %rax
	incq	%rax
	ret

/* #GP and #PF: note the error code, go on at resume. */
	.globl	pf_general_protection, pf_page_fault
pf_general_protection:
	orq	$0x10000, (%rsp)
pf_page_fault:
	popq	error(%rip)
	pushq	%rax
	movq	resume(%rip), %rax
	movq	%rax, 8(%rsp)
	popq	%rax
	iretq

	.data
	.balign	16
gdt:
	.quad	0
	.quad	0x00af9a000000ffff /* code, 64 bits */
	.quad	0x00cf92000000ffff /* data */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign	4096
	.globl	pf_level3, pf_level4, pf_level5
pf_level5:
	.space	4096
pf_level4:
	.space	4096
pf_level3:
	.space	4096
	.space	65536
stack_top:
resume:
	.space	8
error:
	.space	8
