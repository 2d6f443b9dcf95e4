/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Offsets that assembly and C share. percpu.c, vcpu.c and trap.c assert them.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_OFFSETS_H_
#define AXB_PLATFORMS_X86_64_QEMU_OFFSETS_H_

/* struct cpu_regs, in the order of the instruction set's numbers. rax and rsp are in the VMCB. */
#define REGS_RCX 8
#define REGS_RDX 16
#define REGS_RBX 24
#define REGS_RBP 40
#define REGS_RSI 48
#define REGS_RDI 56
#define REGS_R8 64
#define REGS_R9 72
#define REGS_R10 80
#define REGS_R11 88
#define REGS_R12 96
#define REGS_R13 104
#define REGS_R14 112
#define REGS_R15 120

/* struct percpu. */
#define PERCPU_HOST_STATE 24

/* Interrupt stack table: which of the TSS's stacks an exception takes. */
#define IST_NMI 1
#define IST_DOUBLE_FAULT 2
#define IST_MACHINE_CHECK 3

#endif
