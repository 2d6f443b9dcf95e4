/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What vectors.S calls when EL2 itself takes an exception, and the copy that may take one.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_TRAP_H_
#define AXB_PLATFORMS_AARCH64_QEMU_TRAP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu_regs;

/** Exception by @vector (0 .. 15). Returns to regs->pc, or not at all. */
void trap_el2(struct cpu_regs *regs, uint64_t vector);

/** The stack of this CPU ran over at @pc. */
__attribute__((noreturn)) void trap_stack_overflow(uint64_t pc);

/** Copy bytes; false when an access faulted (then @to is partly written). Context: any. */
bool copy_guarded(void *to, uint64_t from, size_t size);

#endif
