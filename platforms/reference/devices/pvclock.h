/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * KVM's paravirtual clock, which tells a guest how fast its TSC is: there is no other timer that it
 * could measure it by. Pure. Ref: Linux Documentation/virt/kvm/x86/msr.rst, cpuid.rst.
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_PVCLOCK_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_PVCLOCK_H_

#include <stdint.h>

#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A guest writes where it wants struct pvclock_wall; struct pvclock_system, and PVCLOCK_ENABLE. */
#define PVCLOCK_MSR_WALL 0x4b564d00u
#define PVCLOCK_MSR_SYSTEM 0x4b564d01u
#define PVCLOCK_ENABLE 1u
/** Bits of KVM's feature leaf: these MSRs; the TSC is the same on all CPUs. */
#define PVCLOCK_FEATURES ((1u << 3) | (1u << 24))
/** In version: valid. */
#define PVCLOCK_VERSION 2u

/** ns = system_time + (((tsc - tsc_timestamp) << tsc_shift) * mul >> 32) */
struct pvclock_system {
	uint32_t version;
	uint32_t reserved0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t reserved1[2];
};
AXB_STATIC_ASSERT(sizeof(struct pvclock_system) == 32, "msr.rst");

/** Seconds and nanoseconds since 1970 when the system time was 0. */
struct pvclock_wall {
	uint32_t version;
	uint32_t seconds;
	uint32_t nanoseconds;
};

/** The clock of a TSC of @tsc_khz (1 or more) that is @tsc at the time @now_ns. */
struct pvclock_system pvclock_system_at(uint64_t tsc_khz, uint64_t tsc, uint64_t now_ns);

#ifdef __cplusplus
}
#endif

#endif
