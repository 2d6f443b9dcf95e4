/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Functions with hard instructions at their beginning and inside. Each takes and returns a number:
 * victim_*(n) is n + 1.
 */
	.text

	.macro	function name
	.balign	16
	.globl	\name
	.type	\name, @function
\name:
	.endm

	function victim_endbr
	endbr64
	leaq	1(%rdi), %rax
	ret

	function victim_jump
	jmp	1f
	ud2
1:	leaq	1(%rdi), %rax
	ret

	function victim_condition
	testq	%rdi, %rdi
	je	1f
	leaq	1(%rdi), %rax
	ret
1:	movl	$1, %eax
	ret

	function victim_rip_relative
	movq	victim_one(%rip), %rax
	addq	%rdi, %rax
	ret

	function victim_call
	pushq	%rbx
	call	victim_endbr
	popq	%rbx
	ret

	function victim_call_first
	call	1f
	ret
1:	leaq	1(%rdi), %rax
	ret

	function victim_indirect
	leaq	victim_endbr(%rip), %rax
	jmpq	*%rax

	function victim_indirect_memory
	subq	$8, %rsp
	callq	*victim_pointer(%rip)
	addq	$8, %rsp
	ret

	function victim_loop
	movl	$3, %ecx
	movq	%rdi, %rax
	subq	$2, %rax
1:	incq	%rax
	loop	1b
	ret

	function victim_push
	pushq	%rdi
	popq	%rax
	incq	%rax
	ret

	function victim_tail
	jmp	victim_push

	function victim_flags
	pushfq
	popq	%rax
	leaq	1(%rdi), %rax
	ret

	function victim_short
	ret

	function victim_marked
	pushq	%rdi
	popq	%rax
	incq	%rax
	ret

	function victim_marked_too
	jmp	1f
	ud2
1:	leaq	1(%rdi), %rax
	ret

	function victim_marked_always
	movq	%rdi, %rax
	incq	%rax
	ret

	/* As the compiler leaves them: NOPs in one piece (clang) and in five (gcc). */
	.macro	site nops:vararg
.Lsite\@:
	.byte	\nops
	.pushsection __patchable_function_entries, "aw", @progbits
	.balign	8
	.quad	.Lsite\@
	.popsection
	.endm

	function victim_site
	site	0x0f, 0x1f, 0x44, 0, 8
	leaq	1(%rdi), %rax
	ret

	function victim_site_split
	site	0x90, 0x90, 0x90, 0x90, 0x90
	leaq	1(%rdi), %rax
	ret

	function victim_site_endbr
	endbr64
	site	0x0f, 0x1f, 0x44, 0, 8
	leaq	1(%rdi), %rax
	ret

	/* No patch sites: too short, and nowhere told of. */
	function victim_site_short
	site	0x66, 0x90
	leaq	1(%rdi), %rax
	ret

	function victim_nop
	.byte	0x0f, 0x1f, 0x44, 0, 8
	leaq	1(%rdi), %rax
	ret

	function call_marked
	pushq	%rdx
	movq	%rdi, %rax
	movq	%rsi, %rdi
	xorl	%r10d, %r10d
	xorl	%r9d, %r9d
	call	*%rax
	popq	%rdx
	addq	%r9, (%rdx)
	addq	%r10, 8(%rdx)
	ret

	.data
	.balign	8
victim_one:
	.quad	1
victim_pointer:
	.quad	victim_push
	.section .note.GNU-stack, "", @progbits
