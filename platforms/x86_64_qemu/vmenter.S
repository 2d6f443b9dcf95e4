/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Into a guest and back.
 */
#include "platforms/x86_64_qemu/offsets.h"

/* void vcpu_enter(struct cpu_regs *regs, uint64_t vmcb_pa);
 * Purpose:   run the guest until it exits.
 * In:        rdi, rsi; rax and rsp of the guest are in the VMCB. Interrupts masked.
 * Out:       *regs and the VMCB updated.
 * Clobbers:  as a C function. Stack: 9 words.
 * Interrupts: the global interrupt flag is off while any of the guest's state is in the CPU outside
 *            of VMRUN, so that no NMI sees a wrong GS. RFLAGS.IF at VMRUN says that physical
 *            interrupts end the run (APM vol. 2, 15.21.1); nothing takes them here. */
	.section axb_noprobe, "ax"
	.globl	vcpu_enter
vcpu_enter:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%gs:PERCPU_HOST_STATE
	pushq	%rdi
	movq	%rsi, %rax
	clgi
	sti
	movq	REGS_RCX(%rdi), %rcx
	movq	REGS_RDX(%rdi), %rdx
	movq	REGS_RBX(%rdi), %rbx
	movq	REGS_RBP(%rdi), %rbp
	movq	REGS_RSI(%rdi), %rsi
	movq	REGS_R8(%rdi), %r8
	movq	REGS_R9(%rdi), %r9
	movq	REGS_R10(%rdi), %r10
	movq	REGS_R11(%rdi), %r11
	movq	REGS_R12(%rdi), %r12
	movq	REGS_R13(%rdi), %r13
	movq	REGS_R14(%rdi), %r14
	movq	REGS_R15(%rdi), %r15
	movq	REGS_RDI(%rdi), %rdi
	vmload	%rax
	vmrun	%rax
	vmsave	%rax
	pushq	%rdi
	movq	8(%rsp), %rdi
	movq	%rcx, REGS_RCX(%rdi)
	movq	%rdx, REGS_RDX(%rdi)
	movq	%rbx, REGS_RBX(%rdi)
	movq	%rbp, REGS_RBP(%rdi)
	movq	%rsi, REGS_RSI(%rdi)
	movq	%r8, REGS_R8(%rdi)
	movq	%r9, REGS_R9(%rdi)
	movq	%r10, REGS_R10(%rdi)
	movq	%r11, REGS_R11(%rdi)
	movq	%r12, REGS_R12(%rdi)
	movq	%r13, REGS_R13(%rdi)
	movq	%r14, REGS_R14(%rdi)
	movq	%r15, REGS_R15(%rdi)
	popq	REGS_RDI(%rdi)
	addq	$8, %rsp
	popq	%rax
	vmload	%rax
	cli
	stgi
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
