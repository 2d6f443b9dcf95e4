/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * One function per instruction that C has no words for.
 */
#ifndef AXB_PLATFORMS_REFERENCE_X86_64_CPU_H_
#define AXB_PLATFORMS_REFERENCE_X86_64_CPU_H_

#include <stdint.h>

#define MSR_TSC 0x10u
#define MSR_APIC_BASE 0x1bu
#define MSR_PAT 0x277u
#define MSR_EFER 0xc0000080u
#define MSR_GS_BASE 0xc0000101u
#define MSR_TSC_AUX 0xc0000103u
#define MSR_VM_CR 0xc0010114u
#define MSR_VM_HSAVE_PA 0xc0010117u

#define EFER_SCE (1u << 0)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define EFER_NXE (1u << 11)
#define EFER_SVME (1u << 12)
#define EFER_FFXSR (1u << 14)

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ __volatile__("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;
	__asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void out32(uint16_t port, uint32_t value)
{
	__asm__ __volatile__("outl %0, %1" ::"a"(value), "Nd"(port));
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t value;
	__asm__ __volatile__("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ __volatile__("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		: "memory");
}

static inline uint64_t read_tsc(void)
{
	uint32_t low, high;
	/* LFENCE: not before what comes earlier in the program is done. */
	__asm__ __volatile__("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t read_cr2(void)
{
	uint64_t value;
	__asm__ __volatile__("movq %%cr2, %0" : "=r"(value));
	return value;
}

static inline uint64_t read_cr3(void)
{
	uint64_t value;
	__asm__ __volatile__("movq %%cr3, %0" : "=r"(value));
	return value;
}

static inline void write_cr3(uint64_t value)
{
	__asm__ __volatile__("movq %0, %%cr3" ::"r"(value) : "memory");
}

/** Drop the translation of the page of @address on this CPU. */
static inline void invlpg(const void *address)
{
	__asm__ __volatile__("invlpg (%0)" ::"r"(address) : "memory");
}

static inline void write_dr0(uint64_t value)
{
	__asm__ __volatile__("movq %0, %%dr0" ::"r"(value));
}

static inline void write_dr1(uint64_t value)
{
	__asm__ __volatile__("movq %0, %%dr1" ::"r"(value));
}

static inline void write_dr2(uint64_t value)
{
	__asm__ __volatile__("movq %0, %%dr2" ::"r"(value));
}

static inline void write_dr3(uint64_t value)
{
	__asm__ __volatile__("movq %0, %%dr3" ::"r"(value));
}

static inline void write_dr7(uint64_t value)
{
	__asm__ __volatile__("movq %0, %%dr7" ::"r"(value));
}

static inline uint64_t read_flags(void)
{
	uint64_t value;
	__asm__ __volatile__("pushfq\n\tpopq %0" : "=r"(value)::"memory");
	return value;
}

static inline void irq_mask(void)
{
	__asm__ __volatile__("cli" ::: "memory");
}

static inline void irq_unmask(void)
{
	__asm__ __volatile__("sti" ::: "memory");
}

/* Take what is pending now, and nothing after: STI works after the next instruction. */
static inline void irq_window(void)
{
	__asm__ __volatile__("sti\n\tnop\n\tcli" ::: "memory");
}

/* Sleep until an interrupt comes; none is lost between STI and HLT. */
static inline void irq_wait(void)
{
	__asm__ __volatile__("sti\n\thlt\n\tcli" ::: "memory");
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;
	__asm__ __volatile__("cpuid"
		: "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		: "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t read_xcr0(void)
{
	uint32_t low, high;
	__asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static inline void write_xcr0(uint64_t value)
{
	__asm__ __volatile__("xsetbv" ::"c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* All components that XCR0 names. */
static inline void save_fpu(void *area)
{
	__asm__ __volatile__("xsave64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
}

static inline void restore_fpu(const void *area)
{
	__asm__ __volatile__("xrstor64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
}

#endif
