/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The machine: QEMU "virt" with virtualization=on, gic-version=3, -smp 4, -m 2G (QEMU
 * hw/arch/virt.c, docs/system/arm/virt.rst). Also included by assembly.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_BOARD_H_
#define AXB_PLATFORMS_AARCH64_QEMU_BOARD_H_

#define BOARD_CPU_COUNT 4

/* All devices lie in the first GiB. */
#define BOARD_DEVICE_BASE 0x08000000
#define BOARD_DEVICE_END 0x0a000000
#define BOARD_GICD_BASE 0x08000000
#define BOARD_GICR_BASE 0x080a0000
#define BOARD_GICR_STRIDE 0x20000
#define BOARD_UART_BASE 0x09000000

/* The DTB lies at the start of RAM, the image from 2 MiB on (hypervisor.ld). */
#define BOARD_RAM_BASE 0x40000000
#define BOARD_RAM_SIZE 0x80000000
#define BOARD_RAM_SECOND_GIB 0x80000000
#define BOARD_RAM_END (BOARD_RAM_BASE + BOARD_RAM_SIZE)

/* QEMU puts the VM package here. */
#define BOARD_PACKAGE_BASE 0x50000000

/* Private peripheral interrupts (Arm BSA, table 4). */
#define BOARD_IRQ_MAINTENANCE 25 /* of the virtual CPU interface */
#define BOARD_IRQ_EL2_TIMER 26
#define BOARD_IRQ_VIRTUAL_TIMER 27
#define BOARD_IRQ_PHYSICAL_TIMER 30

/* Stacks: each CPU has a stack of this size above an unmapped guard of the same size. Both are
 * aligned to twice the size, so one address bit tells stack from guard (vectors.S). */
#define STACK_SHIFT 14
#define STACK_SIZE (1 << STACK_SHIFT)

#endif
