/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * CPUID as guests see it: the CPU's, without what is not virtualized. Pure.
 * Ref: APM vol. 3, appendix E; Intel SDM vol. 2, CPUID, for leaves 0xb and x2APIC; Linux
 * Documentation/virt/kvm/x86/cpuid.rst for the leaves of hypervisors.
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_CPUID_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_CPUID_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cpuid_leaf {
	uint32_t eax, ebx, ecx, edx;
};

/** Who asks. */
struct cpuid_guest {
	uint32_t vcpu_id;
	uint32_t vcpu_count; /**< of its VM */
	bool osxsave;        /**< its CR4.OSXSAVE */
	uint32_t tsc_khz;
};

/** What @guest gets where @own is the CPU's answer. */
struct cpuid_leaf cpuid_of_guest(
	const struct cpuid_guest *guest, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf own);

#ifdef __cplusplus
}
#endif

#endif
