/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: APM vol. 2, 15.10.1 (I/O permission map), 15.11 (MSR permission map), 15.16 (TLB control).
 */
#include "platforms/x86_64_qemu/svm.h"

#include "platforms/reference/x86_64/cpu.h"
#include "platforms/reference/x86_64/vmcb.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "runtime/base/mem.h"

#define CPUID_SVM_LEAF 0x8000000au
#define CPUID_EXTENDED_LEAF 0x80000001u
#define CPUID_EXTENDED_ECX_SVM (1u << 2)
#define CPUID_SVM_EDX_NESTED_PAGING 1u
#define VM_CR_SVMDIS (1u << 4)

#define MSR_RANGE_BYTES 2048u
#define MSR_READ 1u
#define MSR_WRITE 2u

static uint8_t io_map[12288] AXB_ALIGNED(4096);
static uint8_t msr_map[8192] AXB_ALIGNED(4096);
static uint8_t host_saves[BOARD_CPU_COUNT][4096] AXB_ALIGNED(4096);
static struct vmcb host_states[BOARD_CPU_COUNT] AXB_ALIGNED(4096);

uint64_t svm_io_map(void)
{
	return (uint64_t)io_map;
}

uint64_t svm_msr_map(void)
{
	return (uint64_t)msr_map;
}

/* The guest may do @allowed without an exit. Two bits an MSR, in ranges of 8192 MSRs. */
static void pass_msr(uint32_t msr, uint32_t allowed)
{
	uint32_t range = msr >= 0xc0010000 ? 2 : msr >= 0xc0000000 ? 1 : 0;
	uint32_t index = msr & 0x1fff;
	msr_map[range * MSR_RANGE_BYTES + index / 4] &= (uint8_t)~(allowed << index % 4 * 2);
}

void svm_init(void)
{
	/* Those that VMLOAD, VMSAVE, VMRUN and vcpu.c switch. */
	static const uint32_t switched[] = {
		0x174, 0x175, 0x176,                            /* SYSENTER_CS, ESP, EIP */
		MSR_PAT,                                        /* */
		0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, /* STAR, LSTAR, CSTAR, SFMASK */
		0xc0000100, 0xc0000101, 0xc0000102, MSR_TSC_AUX /* FS, GS and kernel GS base */
	};
	memset(io_map, 0xff, sizeof(io_map));
	memset(msr_map, 0xff, sizeof(msr_map));
	for (size_t i = 0; i < AXB_ARRAY_COUNT(switched); i++) {
		pass_msr(switched[i], MSR_READ | MSR_WRITE);
	}
	pass_msr(MSR_TSC, MSR_READ);
}

bool svm_cpu_init(void)
{
	bool has_svm = (cpuid(CPUID_EXTENDED_LEAF, 0).ecx & CPUID_EXTENDED_ECX_SVM) != 0;
	if (!has_svm || (cpuid(CPUID_SVM_LEAF, 0).edx & CPUID_SVM_EDX_NESTED_PAGING) == 0 ||
		(read_msr(MSR_VM_CR) & VM_CR_SVMDIS) != 0) {
		return false;
	}
	struct percpu *cpu = percpu();
	write_msr(MSR_EFER, read_msr(MSR_EFER) | EFER_SVME);
	write_msr(MSR_VM_HSAVE_PA, (uint64_t)host_saves[cpu->id]);
	/* FS, GS, TR, LDTR and the SYSCALL registers never change from here on. */
	cpu->host_state_pa = (uint64_t)&host_states[cpu->id];
	__asm__ __volatile__("vmsave %%rax" ::"a"(cpu->host_state_pa) : "memory");
	cpu->asid_count = cpuid(CPUID_SVM_LEAF, 0).ebx;
	cpu->asid_next = cpu->asid_count;
	return true;
}

uint32_t svm_asid(uint64_t *generation, uint32_t asid, bool *flush)
{
	struct percpu *cpu = percpu();
	*flush = false;
	if (*generation == cpu->asid_generation && *generation != 0) {
		return asid;
	}
	if (cpu->asid_next >= cpu->asid_count) {
		/* 0 is the hypervisor's own. */
		cpu->asid_next = 1;
		cpu->asid_generation++;
		*flush = true;
	}
	*generation = cpu->asid_generation;
	return cpu->asid_next++;
}
