/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The machine that a guest sees: what hypervisor and guests agree on. Also included by assembly.
 *
 * Entry: EL1, MMU off, x0 = id of the VM, x1 = rounds to do, x2 = nanoseconds per round.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_GUESTS_ABI_H_
#define AXB_PLATFORMS_AARCH64_QEMU_GUESTS_ABI_H_

#include "platforms/reference/guests/abi.h"

/* RAM; the image is at its start, and each page is backed when it is first touched. */
#define GUEST_RAM_BASE 0x40000000
#define GUEST_RAM_SIZE 0x02000000

#define GUEST_DEVICE_BASE 0x0a000000
/* Nothing answers here. */
#define GUEST_HOLE_BASE 0x0b000000

/* Hypercall of this machine only (page): give the page back; used again, it is zeroed. */
#define HYPERCALL_RELEASE 0xc6000004

/* Interrupt controller, a GICv3. */
#define GUEST_GICD_CTLR 0x08000000
#define GUEST_GICR_WAKER 0x080a0014
#define GUEST_GICR_ISENABLER0 0x080b0100
#define GUEST_IRQ_TIMER 27

#endif
