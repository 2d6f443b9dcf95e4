/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Exceptions and interrupts of the hypervisor itself, and the copy that may fault.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_TRAP_H_
#define AXB_PLATFORMS_X86_64_QEMU_TRAP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAP_IDT_SIZE (256u * 16u)

/** What vectors.S pushes: what programs of probes see (struct axb_pt_regs_x86_64). */
struct trap_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10;
	uint64_t r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/** Address of the IDT, which the first call fills in. Context: boot. */
uint64_t trap_idt(void);

/** Exception or interrupt @vector. Returns to @frame, or not at all. Context: trap. */
void trap_host(struct trap_frame *frame, uint32_t vector);

/** Copy bytes; false when an access faulted (then @to is partly written). Context: any. */
bool copy_guarded(void *to, uint64_t from, size_t size);

#endif
