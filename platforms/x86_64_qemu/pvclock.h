/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * KVM's paravirtual clock, which tells a guest how fast its TSC is: there is no other timer that it
 * could measure it by. Ref: Linux Documentation/virt/kvm/x86/msr.rst, cpuid.rst.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PVCLOCK_H_
#define AXB_PLATFORMS_X86_64_QEMU_PVCLOCK_H_

#include <stdbool.h>
#include <stdint.h>

#define PVCLOCK_MSR_WALL 0x4b564d00u
#define PVCLOCK_MSR_SYSTEM 0x4b564d01u
/** Bits of KVM's feature leaf: these MSRs; the TSC is the same on all CPUs. */
#define PVCLOCK_FEATURES ((1u << 3) | (1u << 24))

struct vm;

/** The guest writes @value to one of the MSRs. @return false for #GP. Context: exits. */
bool pvclock_write(struct vm *vm, uint32_t msr, uint64_t value);

#endif
