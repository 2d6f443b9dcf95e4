/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/devices/cpuid.h"

#include "platforms/reference/devices/pvclock.h"

#define LEAF_FEATURES 0x1u
#define LEAF_MONITOR 0x5u
#define LEAF_POWER 0x6u
#define LEAF_MORE_FEATURES 0x7u
#define LEAF_PERFORMANCE 0xau
#define LEAF_TOPOLOGY 0xbu
#define LEAF_XSAVE 0xdu
#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_HYPERVISOR_FEATURES 0x40000001u
#define LEAF_HYPERVISOR_TIMING 0x40000010u
#define LEAF_EXTENDED 0x80000000u
#define LEAF_EXTENDED_FEATURES 0x80000001u
#define LEAF_EXTENDED_POWER 0x80000007u
#define LEAF_SIZES 0x80000008u
#define LEAF_EXTENDED_LAST 0x80000008u

/* LEAF_FEATURES, ecx: MONITOR, DS-CPL, VMX, SMX, EST, TM2, PDCM, DCA are not there. */
#define ECX_HIDDEN                                                                                 \
	((1u << 3) | (1u << 4) | (1u << 5) | (1u << 6) | (1u << 7) | (1u << 8) | (1u << 15) |      \
		(1u << 18))
#define ECX_X2APIC (1u << 21)
#define ECX_TSC_DEADLINE (1u << 24)
#define ECX_OSXSAVE (1u << 27)
#define ECX_HYPERVISOR (1u << 31)
/* edx: MCE, MTRR, MCA, DS, ACPI, TM are not there. */
#define EDX_HIDDEN ((1u << 7) | (1u << 12) | (1u << 14) | (1u << 21) | (1u << 22) | (1u << 29))
#define EDX_APIC (1u << 9)
#define EDX_HTT (1u << 28)
/* LEAF_MORE_FEATURES, ecx: protection keys (2), shadow stacks, 5-level paging, supervisor's keys
 * are not there: their state is not switched, and page tables have four levels for whoever walks
 * them. */
#define MORE_ECX_HIDDEN ((1u << 3) | (1u << 4) | (1u << 7) | (1u << 16) | (1u << 31))
#define MORE_EDX_ARCH_CAPABILITIES (1u << 29) /* says that x2APIC mode is locked */
/* LEAF_EXTENDED_FEATURES, ecx: SVM, extended APIC space, OSVW, IBS, SKINIT, WDT, LWP, NodeId,
 * topology extensions, performance counters, breakpoint extensions, PTSC, MONITORX. */
#define EXTENDED_ECX_HIDDEN                                                                        \
	((1u << 2) | (1u << 3) | (1u << 9) | (1u << 10) | (1u << 12) | (1u << 13) | (1u << 15) |   \
		(1u << 19) | (7u << 22) | (1u << 26) | (1u << 27) | (1u << 28) | (1u << 29))
#define EXTENDED_ECX_CMP_LEGACY (1u << 1)
#define EXTENDED_EDX_HIDDEN (1u << 12) /* MTRR */
/* "KVMKVMKVM": Linux asks for paravirtual clocks by the next leaf, and keeps x2APIC without an
 * interrupt remapper only for hypervisors that it knows. Timing is as QEMU gives it. */
#define SIGNATURE_EBX 0x4b4d564bu
#define SIGNATURE_ECX 0x564b4d56u
#define SIGNATURE_EDX 0x4du
#define POWER_ARAT (1u << 2) /* the APIC timer never stops */
#define EXTENDED_POWER_INVARIANT_TSC (1u << 8)
#define XSAVE_XSAVES (1u << 3)
/* APIC id bits that tell the vCPUs of a VM apart. */
#define TOPOLOGY_SHIFT 2u
#define TOPOLOGY_SMT 1u
#define TOPOLOGY_CORE 2u

static void features(const struct cpuid_guest *guest, struct cpuid_leaf *r)
{
	r->ebx = (r->ebx & 0xffff) | guest->vcpu_count << 16 | guest->vcpu_id << 24;
	r->ecx &= ~(ECX_HIDDEN | ECX_OSXSAVE);
	r->ecx |= ECX_X2APIC | ECX_TSC_DEADLINE | ECX_HYPERVISOR;
	r->ecx |= guest->osxsave ? ECX_OSXSAVE : 0;
	r->edx &= ~(EDX_HIDDEN | EDX_HTT);
	r->edx |= EDX_APIC | (guest->vcpu_count > 1 ? EDX_HTT : 0);
}

/* One thread a core, all cores in one package. */
static void topology(const struct cpuid_guest *guest, uint32_t subleaf, struct cpuid_leaf *r)
{
	*r = (struct cpuid_leaf){.ecx = subleaf & 0xff, .edx = guest->vcpu_id};
	if (subleaf == 0) {
		r->ebx = 1;
		r->ecx |= TOPOLOGY_SMT << 8;
	} else if (subleaf == 1) {
		r->eax = TOPOLOGY_SHIFT;
		r->ebx = guest->vcpu_count;
		r->ecx |= TOPOLOGY_CORE << 8;
	}
}

static void extended_features(const struct cpuid_guest *guest, struct cpuid_leaf *r)
{
	r->ecx &= ~(EXTENDED_ECX_HIDDEN | EXTENDED_ECX_CMP_LEGACY);
	r->ecx |= guest->vcpu_count > 1 ? EXTENDED_ECX_CMP_LEGACY : 0;
	r->edx &= ~EXTENDED_EDX_HIDDEN;
}

/* The leaves of hypervisors, which the CPU's own has nothing to do with. */
static struct cpuid_leaf hypervisor(const struct cpuid_guest *guest, uint32_t leaf)
{
	switch (leaf) {
	case LEAF_HYPERVISOR:
		return (struct cpuid_leaf){
			LEAF_HYPERVISOR_TIMING, SIGNATURE_EBX, SIGNATURE_ECX, SIGNATURE_EDX};
	case LEAF_HYPERVISOR_FEATURES:
		return (struct cpuid_leaf){.eax = PVCLOCK_FEATURES};
	case LEAF_HYPERVISOR_TIMING:
		return (struct cpuid_leaf){.eax = guest->tsc_khz};
	default:
		return (struct cpuid_leaf){0};
	}
}

struct cpuid_leaf cpuid_of_guest(
	const struct cpuid_guest *guest, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf own)
{
	struct cpuid_leaf r = own;
	if (leaf >= LEAF_HYPERVISOR && leaf < LEAF_EXTENDED) {
		return hypervisor(guest, leaf);
	}
	if (leaf > LEAF_EXTENDED_LAST) {
		return (struct cpuid_leaf){0};
	}
	switch (leaf) {
	case LEAF_FEATURES:
		features(guest, &r);
		break;
	case LEAF_MONITOR:
	case LEAF_PERFORMANCE:
		r = (struct cpuid_leaf){0};
		break;
	case LEAF_POWER:
		r = (struct cpuid_leaf){.eax = POWER_ARAT};
		break;
	case LEAF_MORE_FEATURES:
		r.ecx &= ~MORE_ECX_HIDDEN;
		r.edx = MORE_EDX_ARCH_CAPABILITIES; /* no speculation controls */
		break;
	case LEAF_TOPOLOGY:
		topology(guest, subleaf, &r);
		break;
	case LEAF_XSAVE:
		if (subleaf == 1) {
			r.eax &= ~XSAVE_XSAVES; /* IA32_XSS is not switched */
		}
		break;
	case LEAF_EXTENDED_FEATURES:
		extended_features(guest, &r);
		break;
	case LEAF_EXTENDED_POWER:
		r = (struct cpuid_leaf){.edx = EXTENDED_POWER_INVARIANT_TSC};
		break;
	case LEAF_SIZES:
		r.ebx = 0;
		r.ecx = TOPOLOGY_SHIFT << 12 | (guest->vcpu_count - 1);
		break;
	default:
		break;
	}
	return r;
}
