/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Offsets that assembly and C share. vcpu.c and trap.c assert them.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_OFFSETS_H_
#define AXB_PLATFORMS_AARCH64_QEMU_OFFSETS_H_

/* struct cpu_regs: x0 .. x30, the stack pointer (of EL2 only), then the return address and state of
 * the exception. */
#define REGS_X 0
#define REGS_SP 248
#define REGS_PC 256
#define REGS_PSTATE 264
#define REGS_SIZE 272

/* What vcpu_enter() returns: the vector that was taken from the guest. */
#define GUEST_VECTOR_SYNC 0
#define GUEST_VECTOR_IRQ 1
#define GUEST_VECTOR_FIQ 2
#define GUEST_VECTOR_SERROR 3

/* struct percpu. */
#define PERCPU_EMERGENCY_STACK 0

#endif
