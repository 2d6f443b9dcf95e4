/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * How the x86_64 guests get over exceptions.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_GUESTS_RESUME_H_
#define AXB_PLATFORMS_X86_64_QEMU_GUESTS_RESUME_H_

#include <stdint.h>

/** Where to go on after the next exception; 0 = none is expected. The handler clears it. */
extern volatile uint64_t guest_resume;

/** Execute @insn, whatever comes of it; %0 is its first input. What it does to the registers that
 * instructions name implicitly is undone; it must leave the stack as it was. */
#define GUEST_TRY(insn, ...)                                                                       \
	do {                                                                                       \
		__asm__ __volatile__(                                                              \
			"pushq %%rax\n\tpushq %%rcx\n\tpushq %%rdx\n\tpushq %%rbx\n\t"             \
			"pushq %%rsi\n\tpushq %%rdi\n\t"                                           \
			"leaq 2f(%%rip), %%r11\n\tmovq %%r11, guest_resume\n\t" insn               \
			"\n2:\tmovq $0, guest_resume\n\tpopq %%rdi\n\tpopq %%rsi\n\t"              \
			"popq %%rbx\n\tpopq %%rdx\n\tpopq %%rcx\n\tpopq %%rax"                     \
			:                                                                          \
			: __VA_ARGS__                                                              \
			: "memory", "cc", "r11");                                                  \
	} while (0)

#endif
