/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry, page tables, descriptor tables and handlers of a small guest.
 */
#include "platforms/x86_64_qemu/guests/machine.h"

#define CODE 0x08
#define DATA 0x10
#define STUB_SIZE 16

/* 4 GiB by 1 GiB pages: present, writable, large. */
	.section .data.tables, "aw"
	.balign	4096
	.quad	gib_table + 3
	.skip	4088
gib_table:
	.quad	0x83, 0x40000083, 0x80000083, 0xc0000083
	.skip	4064

/* Purpose: first instruction, at 8 KiB of the image. In: machine.h. Out: never returns;
 * guest_run(id, rounds, period). Interrupts: masked. .bss is fresh memory. */
	.section .text.boot, "ax"
	.globl	guest_start
guest_start:
	movq	$guest_stack_end, %rsp
	lgdt	gdt_pointer
	pushq	$CODE
	pushq	$1f
	lretq
1:	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	call	guest_run
	ud2

	.text
	.globl	guest_stubs
	.balign	STUB_SIZE
guest_stubs:
	.set	vector, 0
	.rept	256
	.balign	STUB_SIZE
	.if	vector != 8 && (vector < 10 || vector > 14) && vector != 17
	pushq	$0
	.endif
	pushq	$vector
	jmp	handle
	.set	vector, vector + 1
	.endr

/* Purpose: guest_on_event(vector, &rip), then go on there. Clobbers: nothing. */
handle:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	cld
	movq	72(%rsp), %rdi
	leaq	88(%rsp), %rsi
	call	guest_on_event
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

	.section .rodata
	.balign	8
gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	23
	.quad	gdt
