/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * void native_run(uint64_t entry, struct native_regs *regs): load *regs, jump to @entry; what
 * arrives at native_exit_next or native_exit_taken stores the registers to *regs and returns, with
 * 0 or 1. Layout of struct native_regs: rax rcx rdx rbx rsp rbp rsi rdi r8 .. r15 rflags.
 */
	.text
	.globl	native_run, native_exit_next, native_exit_taken, native_insns, native_insns_end
native_run:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved_rsp(%rip)
	movq	%rsi, saved_regs(%rip)
	movq	%rdi, entry(%rip)
	movq	%rsi, %rax
	pushq	128(%rax)
	popfq
	movq	8(%rax), %rcx
	movq	16(%rax), %rdx
	movq	24(%rax), %rbx
	movq	32(%rax), %rsp
	movq	40(%rax), %rbp
	movq	48(%rax), %rsi
	movq	56(%rax), %rdi
	movq	64(%rax), %r8
	movq	72(%rax), %r9
	movq	80(%rax), %r10
	movq	88(%rax), %r11
	movq	96(%rax), %r12
	movq	104(%rax), %r13
	movq	112(%rax), %r14
	movq	120(%rax), %r15
	movq	(%rax), %rax
	jmpq	*entry(%rip)

native_exit_next:
	movb	$0, which(%rip)
	jmp	store
native_exit_taken:
	movb	$1, which(%rip)
store:
	movq	%rax, saved_rax(%rip)
	movq	%rsp, saved_guest_rsp(%rip)
	movq	saved_rsp(%rip), %rsp
	pushfq
	movq	saved_regs(%rip), %rax
	popq	128(%rax)
	movq	%rcx, 8(%rax)
	movq	%rdx, 16(%rax)
	movq	%rbx, 24(%rax)
	movq	%rbp, 40(%rax)
	movq	%rsi, 48(%rax)
	movq	%rdi, 56(%rax)
	movq	%r8, 64(%rax)
	movq	%r9, 72(%rax)
	movq	%r10, 80(%rax)
	movq	%r11, 88(%rax)
	movq	%r12, 96(%rax)
	movq	%r13, 104(%rax)
	movq	%r14, 112(%rax)
	movq	%r15, 120(%rax)
	movq	saved_guest_rsp(%rip), %rcx
	movq	%rcx, 32(%rax)
	movq	saved_rax(%rip), %rcx
	movq	%rcx, (%rax)
	cld
	movzbl	which(%rip), %eax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* What is tried: rbx, rbp, rsi, rdi, r8, r9 point to data, rcx is small, targets and RIP-relative
 * displacements are put in by the test. */
	.section .rodata
native_insns:
	nop
	nopl	(%rax,%rax)
	endbr64
	pushq	%rbp
	popq	%rbp
	pushq	%rsp
	pushq	$-2
	pushq	(%rbx)
	popq	(%rbx)
	popq	8(%rsp)
	movq	%rsp, %rbp
	subq	$0x18, %rsp
	addq	%rcx, %rax
	adcq	8(%rbx), %rdx
	sbbl	%eax, (%rbx,%rcx,8)
	lock xaddq %rax, 16(%rbx)
	lock cmpxchgq %rdx, (%rbx)
	incl	(%rbx)
	negq	%rdx
	imulq	%rax, %rdx
	mulq	%rdx
	bswapq	%rdx
	btsq	$5, (%rbx)
	shldq	$3, %rax, %rdx
	rcrq	%cl, %rdx
	setb	%al
	cmovgq	%rax, %rdx
	cmpq	%rax, %rdx
	testb	$3, (%rbx)
	xchgq	%rax, (%rbx)
	movabsq	$0x1122334455667788, %r10
	movzbl	3(%rbx), %r11d
	movslq	(%rbx), %r12
	leaq	native_insns(%rip), %r13
	movq	native_insns(%rip), %r14
	movq	%r15, native_insns(%rip)
	addl	$0x12345678, native_insns(%rip)
	cmpb	$1, native_insns(%rip)
	pushq	native_insns(%rip)
	movdqu	native_insns(%rip), %xmm0
	movsq
	rep stosb
	rep movsb
	lodsb
	cmpsb
	scasb
	cld
	stc
	cmc
	lahf
	sahf
	pushfq
	enter	$16, $0
	leave
	cpuid
	jmp	.+2
	.byte	0xe9, 0, 0, 0, 0
	jo	.+2
	jno	.+2
	jb	.+2
	jae	.+2
	je	.+2
	jne	.+2
	jbe	.+2
	ja	.+2
	js	.+2
	jns	.+2
	jp	.+2
	jnp	.+2
	jl	.+2
	jge	.+2
	jle	.+2
	jg	.+2
	.byte	0x0f, 0x84, 0, 0, 0, 0
	.byte	0x0f, 0x8f, 0, 0, 0, 0
	loop	.+2
	loope	.+2
	loopne	.+2
	jrcxz	.+2
	jecxz	.+3
	.byte	0xe8, 0, 0, 0, 0
	callq	*%r10
	callq	*%r11
	callq	*(%r8)
	callq	*(%r8,%rcx,8)
	callq	*native_insns(%rip)
	jmpq	*%r10
	jmpq	*(%r8)
	jmpq	*8(%r8,%rcx,8)
	jmpq	*native_insns(%rip)
	retq
	retq	$16
	rep
	retq
native_insns_end:
	.byte	0

	.bss
	.balign	8
saved_rsp:
	.quad	0
saved_regs:
	.quad	0
entry:
	.quad	0
saved_rax:
	.quad	0
saved_guest_rsp:
	.quad	0
which:
	.byte	0
	.section .note.GNU-stack, "", @progbits
