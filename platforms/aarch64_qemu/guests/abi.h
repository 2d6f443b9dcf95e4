/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The machine that a guest sees: what hypervisor and guests agree on. Also included by assembly.
 *
 * Entry: EL1, MMU off, x0 = id of the VM, x1 = rounds to do, x2 = nanoseconds per round.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_GUESTS_ABI_H_
#define AXB_PLATFORMS_AARCH64_QEMU_GUESTS_ABI_H_

/* RAM; the image is at its start, and each page is backed when it is first touched. */
#define GUEST_RAM_BASE 0x40000000
#define GUEST_RAM_SIZE 0x02000000

/* The device: registers of up to 64 bits. */
#define GUEST_DEVICE_BASE 0x0a000000
#define GUEST_DEVICE_SIZE 0x1000
#define DEVICE_ID 0x00       /* read: DEVICE_ID_MAGIC | id of the VM */
#define DEVICE_SCRATCH 0x08  /* read, write */
#define DEVICE_ACCESSES 0x10 /* read: accesses until now */
#define DEVICE_ID_MAGIC 0xa7eb0000

/* Nothing answers here. */
#define GUEST_HOLE_BASE 0x0b000000

/* Hypercalls: SMCCC fast calls of the vendor hypervisor range (Arm DEN0028), function in x0,
 * arguments in x1 and x2, result in x0. */
#define HYPERCALL_ADD 0xc6000001  /* (a, b): a + b */
#define HYPERCALL_TIME 0xc6000002 /* (): nanoseconds of the hypervisor's clock */
#define HYPERCALL_STOP 0xc60000ff /* (status): does not return; 0 = all was as expected */
#define HYPERCALL_UNKNOWN (-1)

#define GUEST_IRQ_TIMER 27

#endif
