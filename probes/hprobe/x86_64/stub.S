/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The ways from code that no trap interrupts into the handling of hits: all registers become a
 * struct axb_pt_regs_x86_64, and what the handler left in it is restored but for rsp and rflags,
 * which no function expects from its caller or callee (System V ABI for AMD64, 3.2.1; DF stays).
 * Where C code may use vector registers, those that carry arguments or results are saved too.
 */
#define REG_RIP 128
#define REG_CS 136
#define REG_EFLAGS 144
#define REG_RSP 152
#define REG_SS 160
#define REG_ORIG_RAX 120
#define REGS_SIZE 168
/* From the return address of the call in a stub to the site (arch.c). */
#define STUB_SITE 11

	/* Make room for the registers below what is there, and put them there. */
	.macro	save
	leaq	-(REGS_SIZE - REG_EFLAGS - 8)(%rsp), %rsp
	pushfq
	leaq	-REG_EFLAGS(%rsp), %rsp
	movq	%r15, 0(%rsp)
	movq	%r14, 8(%rsp)
	movq	%r13, 16(%rsp)
	movq	%r12, 24(%rsp)
	movq	%rbp, 32(%rsp)
	movq	%rbx, 40(%rsp)
	movq	%r11, 48(%rsp)
	movq	%r10, 56(%rsp)
	movq	%r9, 64(%rsp)
	movq	%r8, 72(%rsp)
	movq	%rax, 80(%rsp)
	movq	%rcx, 88(%rsp)
	movq	%rdx, 96(%rsp)
	movq	%rsi, 104(%rsp)
	movq	%rdi, 112(%rsp)
	movq	$-1, REG_ORIG_RAX(%rsp)
	movl	hprobe_segments(%rip), %eax
	movq	%rax, REG_CS(%rsp)
	movl	4 + hprobe_segments(%rip), %eax
	movq	%rax, REG_SS(%rsp)
	movq	%rsp, %rbx
	.endm

	/* Those that C code keeps; rbx is used above. */
	.macro	restore_kept
	movq	0(%rsp), %r15
	movq	8(%rsp), %r14
	movq	16(%rsp), %r13
	movq	24(%rsp), %r12
	movq	32(%rsp), %rbp
	.endm

	/* The others, but for r11. */
	.macro	restore
	movq	40(%rsp), %rbx
	movq	56(%rsp), %r10
	movq	64(%rsp), %r9
	movq	72(%rsp), %r8
	movq	80(%rsp), %rax
	movq	88(%rsp), %rcx
	movq	96(%rsp), %rdx
	movq	104(%rsp), %rsi
	movq	112(%rsp), %rdi
	.endm

	/* The first \count vector registers to the stack and back. */
	.macro	vectors_out mov, reg, count
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	.if	\n < \count
	\mov	%\reg\()\n, \n * 32(%rsp)
	.endif
	.endr
	.endm

	.macro	vectors_in mov, reg, count
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	.if	\n < \count
	\mov	\n * 32(%rsp), %\reg\()\n
	.endif
	.endr
	.endm

	/* Call \function with the stack aligned, and the first \count vector registers kept. */
	.macro	call_c function, count
	andq	$-32, %rsp
#ifdef __SSE__
	subq	$(\count * 32), %rsp
	cmpl	$0, hprobe_has_avx(%rip)
	jne	1f
	vectors_out movaps, xmm, \count
	call	\function
	vectors_in movaps, xmm, \count
	jmp	2f
1:	vectors_out vmovaps, ymm, \count
	call	\function
	vectors_in vmovaps, ymm, \count
2:
#else
	call	\function
#endif
	movq	%rbx, %rsp
	.endm

	.section axb_noprobe, "ax", @progbits

	/* Called by the stub of a site, in place of its NOPs: the function was just called. */
	.balign	32
	.globl	hprobe_site_entry
	.hidden	hprobe_site_entry
	.type	hprobe_site_entry, @function
hprobe_site_entry:
	save
	leaq	REGS_SIZE + 8(%rsp), %rax
	movq	%rax, REG_RSP(%rsp)
	movq	REGS_SIZE(%rsp), %rdi
	movq	STUB_SITE(%rdi), %rdi
	movq	(%rdi), %rax
	movq	%rax, REG_RIP(%rsp)
	movq	%rsp, %rsi
	call_c	hprobe_on_site, 8
	testq	%rax, %rax
	je	3f
	movq	%rax, REGS_SIZE(%rsp)
	restore_kept
3:	movq	48(%rsp), %r11
	restore
	leaq	REGS_SIZE(%rsp), %rsp
	ret
	.size	hprobe_site_entry, . - hprobe_site_entry

	/* A probed function returned to this. r11 carries nothing from a function to its caller. */
	.balign	32
	.globl	hprobe_return_stub
	.hidden	hprobe_return_stub
	.type	hprobe_return_stub, @function
hprobe_return_stub:
	save
	leaq	REGS_SIZE(%rsp), %rax
	movq	%rax, REG_RSP(%rsp)
	movq	%rsp, %rdi
	call_c	hprobe_on_return, 2
	movq	%rax, %r11
	restore_kept
	restore
	leaq	REGS_SIZE(%rsp), %rsp
#if defined(__CET__) && (__CET__ & 1)
	/* What it returns to is no landing pad. */
	pushq	%r11
	ret
#else
	/* A return here would be predicted wrong, and those of the callers after it. */
	jmpq	*%r11
#endif
	.size	hprobe_return_stub, . - hprobe_return_stub

	.section .note.GNU-stack, "", @progbits
