/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The machine: QEMU "q35" with -cpu EPYC (SVM), -smp 2, -m 2G, booted by PVH. Also included by
 * assembly.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_BOARD_H_
#define AXB_PLATFORMS_X86_64_QEMU_BOARD_H_

#define BOARD_CPU_COUNT 2

/* All of RAM lies below the devices. The image is at 2 MiB (hypervisor.ld). */
#define BOARD_RAM_END 0x80000000
#define BOARD_PACKAGE_BASE 0x40000000

#define BOARD_LAPIC_BASE 0xfee00000
/* -device isa-debug-exit,iobase=0xf4: writing v ends QEMU with status (v << 1) | 1. */
#define BOARD_EXIT_PORT 0xf4

/* Where the other CPUs begin, in real mode: a page below 1 MiB that nothing else uses. */
#define BOARD_TRAMPOLINE 0x8000

/* Stacks: each CPU has a stack of this size above an unmapped guard of the same size. */
#define STACK_SHIFT 14
#define STACK_SIZE (1 << STACK_SHIFT)

/* Selectors of every CPU's GDT. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS 0x18

/* Vectors of the interrupts that the hypervisor takes itself. */
#define VECTOR_TIMER 0xf0
#define VECTOR_KICK 0xf1
#define VECTOR_TEXT 0xf2
#define VECTOR_SPURIOUS 0xff

#endif
