/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The machine that a small guest sees. Also included by assembly and the linker script's guests.
 *
 * Entry: 64-bit mode, flat segments, the first 4 GiB mapped as they are by the tables in the image;
 * rdi, rsi, rdx as reference/guests/abi.h says.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_GUESTS_MACHINE_H_
#define AXB_PLATFORMS_X86_64_QEMU_GUESTS_MACHINE_H_

/* RAM; the image is at its start, and each page is backed when it is first touched. */
#define GUEST_RAM_BASE 0x200000
#define GUEST_RAM_SIZE 0x02000000

#define GUEST_DEVICE_BASE 0xfeb00000
/* Nothing answers here. */
#define GUEST_HOLE_BASE 0xfec00000

#define GUEST_VECTOR_TIMER 0x40
#define GUEST_VECTOR_SOFTWARE 0x80

#endif
