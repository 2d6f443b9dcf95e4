/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What hypervisors and the small guests agree on, on every architecture. Where things are is in the
 * machine.h of the architecture's guests.
 *
 * Arguments at entry: id of the VM, rounds to do, nanoseconds per round.
 */
#ifndef AXB_PLATFORMS_REFERENCE_GUESTS_ABI_H_
#define AXB_PLATFORMS_REFERENCE_GUESTS_ABI_H_

/* The device: registers of up to 64 bits. */
#define GUEST_DEVICE_SIZE 0x1000
#define DEVICE_ID 0x00       /* read: DEVICE_ID_MAGIC | id of the VM */
#define DEVICE_SCRATCH 0x08  /* read, write */
#define DEVICE_ACCESSES 0x10 /* read: accesses until now */
#define DEVICE_ID_MAGIC 0xa7eb0000

/* Hypercalls. aarch64: SMCCC fast calls of the vendor hypervisor range (Arm DEN0028) by HVC,
 * function in x0, arguments in x1 and x2, result in x0. x86_64: VMMCALL, function in rax, arguments
 * in rdi and rsi, result in rax. */
#define HYPERCALL_ADD 0xc6000001     /* (a, b): a + b */
#define HYPERCALL_TIME 0xc6000002    /* (): nanoseconds of the hypervisor's clock */
#define HYPERCALL_PROTECT 0xc6000003 /* (page, 1 read | 2 write | 4 execute): 0 = done */
#define HYPERCALL_STOP 0xc60000ff    /* (status): does not return; 0 = all was as expected */
#define HYPERCALL_UNKNOWN (-1)

#endif
