/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Exceptions and interrupts of the hypervisor itself.
 */
#include "platforms/x86_64_qemu/board.h"

#define STUB_SIZE 16

/* Exceptions whose frame has an error code: #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX. */
#define HAS_ERROR_CODE ((1 << 8) | (0x1f << 10) | (1 << 17) | (1 << 21) | (1 << 29) | (1 << 30))

#define VECTOR_BREAKPOINT 3
/* Below the stack of what a breakpoint interrupted: simulated pushes go there. */
#define BREAKPOINT_GAP 64

/* One stub for each of the 256 vectors, STUB_SIZE bytes apart. */
	.section axb_noprobe, "ax"
	.balign	STUB_SIZE
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	STUB_SIZE
	.if	vector == VECTOR_BREAKPOINT
	jmp	breakpoint_entry
	.else
	.if	vector >= 32 || !((HAS_ERROR_CODE >> (vector & 31)) & 1)
	pushq	$0
	.endif
	pushq	%rdi
	movl	$vector, %edi
	jmp	trap_entry
	.endif
	.set	vector, vector + 1
	.endr

/* Purpose:   INT3: as the other stubs, with the CPU's frame moved down by BREAKPOINT_GAP.
 * Breakpoints nest, so they have no stack of their own. */
breakpoint_entry:
	subq	$BREAKPOINT_GAP, %rsp
	.rept	5
	pushq	(BREAKPOINT_GAP + 32)(%rsp)
	.endr
	pushq	$0
	pushq	%rdi
	movl	$VECTOR_BREAKPOINT, %edi

/* Purpose:   call trap_host(struct trap_frame *, vector), then resume.
 * In:        error code and rdi pushed, edi = vector; on the interrupted stack, or an IST stack for
 *            NMI, #DF and #MC. GS is the hypervisor's (percpu.h), so an NMI may come at any
 *            instruction. A breakpoint in the handling of an NMI would let the next one come with
 *            its IRET, so there is none.
 * Clobbers:  nothing. Stack: 15 registers.
 * Interrupts: masked. */
trap_entry:
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movl	%edi, %esi
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	trap_host
	movq	%rbp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$8, %rsp
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
