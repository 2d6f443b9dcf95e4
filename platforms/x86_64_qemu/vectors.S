/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Exceptions and interrupts of the hypervisor itself.
 */
#include "platforms/x86_64_qemu/board.h"

#define STUB_SIZE 16

/* Exceptions whose frame has an error code: #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX. */
#define HAS_ERROR_CODE ((1 << 8) | (0x1f << 10) | (1 << 17) | (1 << 21) | (1 << 29) | (1 << 30))

/* One stub for each of the 256 vectors, STUB_SIZE bytes apart. */
	.text
	.balign	STUB_SIZE
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	STUB_SIZE
	.if	vector >= 32 || !((HAS_ERROR_CODE >> (vector & 31)) & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_entry
	.set	vector, vector + 1
	.endr

/* Purpose:   call trap_host(struct trap_frame *), then resume.
 * In:        error code and vector pushed; on the interrupted stack, or an IST stack for NMI, #DF
 *            and #MC. GS is the hypervisor's (percpu.h), so an NMI may come at any instruction.
 * Clobbers:  nothing. Stack: 15 registers.
 * Interrupts: masked. */
trap_entry:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	trap_host
	movq	%rbp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	iretq

/* bool copy_guarded(void *to, uint64_t from, size_t size);
 * Purpose:   copy bytes; a fault between the two labels makes it return false (trap_host() sends it
 *            to copy_guarded_failed).
 * In:        rdi, rsi, rdx. Out: al. Clobbers: rcx, rsi, rdi. Stack: none. */
	.globl	copy_guarded
	.globl	copy_guarded_end
	.globl	copy_guarded_failed
copy_guarded:
	movq	%rdx, %rcx
	rep movsb
	movl	$1, %eax
	ret
copy_guarded_end:
copy_guarded_failed:
	xorl	%eax, %eax
	ret
