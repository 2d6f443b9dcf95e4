/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * One function per instruction that C cannot say: read_<register>(), write_<register>(), barriers,
 * cache and TLB maintenance, SMC. No logic. Context: any.
 */
#ifndef AXB_PLATFORMS_REFERENCE_AARCH64_SYSREG_H_
#define AXB_PLATFORMS_REFERENCE_AARCH64_SYSREG_H_

#include <stdint.h>

#define SYSREG_READ(name)                                                                          \
	static inline uint64_t read_##name(void)                                                   \
	{                                                                                          \
		uint64_t value;                                                                    \
		__asm__ __volatile__("mrs %0, " #name : "=r"(value)::"memory");                    \
		return value;                                                                      \
	}
#define SYSREG_WRITE(name)                                                                         \
	static inline void write_##name(uint64_t value)                                            \
	{                                                                                          \
		__asm__ __volatile__("msr " #name ", %0" ::"r"(value) : "memory");                 \
	}
#define SYSREG_READ_WRITE(name) SYSREG_READ(name) SYSREG_WRITE(name)

SYSREG_READ(cntfrq_el0)
SYSREG_READ(cntp_ctl_el0)
SYSREG_READ(cntpct_el0)
SYSREG_READ(cntv_ctl_el0)
SYSREG_READ(ctr_el0)
SYSREG_READ(dczid_el0)
SYSREG_READ(esr_el2)
SYSREG_READ(far_el2)
SYSREG_READ(hpfar_el2)
SYSREG_READ(icc_iar1_el1)
SYSREG_READ(midr_el1)
SYSREG_READ(sctlr_el1)
SYSREG_READ(sp_el0)
SYSREG_READ(sp_el1)
SYSREG_READ_WRITE(daif)
SYSREG_WRITE(cnthp_cval_el2)
SYSREG_READ_WRITE(mdcr_el2)
SYSREG_READ_WRITE(tpidr_el2)
SYSREG_READ_WRITE(vttbr_el2)
SYSREG_READ(vbar_el1)
SYSREG_WRITE(cnthctl_el2)
SYSREG_WRITE(cnthp_ctl_el2)
SYSREG_WRITE(cntvoff_el2)
SYSREG_WRITE(cptr_el2)
SYSREG_WRITE(elr_el1)
SYSREG_WRITE(esr_el1)
SYSREG_WRITE(far_el1)
SYSREG_WRITE(hcr_el2)
SYSREG_WRITE(icc_ctlr_el1)
SYSREG_WRITE(icc_dir_el1)
SYSREG_WRITE(icc_eoir1_el1)
SYSREG_WRITE(icc_igrpen1_el1)
SYSREG_WRITE(icc_pmr_el1)
SYSREG_WRITE(icc_sgi1r_el1)
SYSREG_WRITE(icc_sre_el2)
SYSREG_WRITE(ich_ap0r0_el2)
SYSREG_WRITE(ich_ap1r0_el2)
SYSREG_WRITE(ich_hcr_el2)
SYSREG_READ_WRITE(ich_lr0_el2)
SYSREG_READ_WRITE(ich_lr1_el2)
SYSREG_READ_WRITE(ich_lr2_el2)
SYSREG_READ_WRITE(ich_lr3_el2)
SYSREG_WRITE(ich_vmcr_el2)
SYSREG_WRITE(spsr_el1)
SYSREG_WRITE(vmpidr_el2)
SYSREG_WRITE(vpidr_el2)
SYSREG_WRITE(vtcr_el2)

static inline void isb(void)
{
	__asm__ __volatile__("isb" ::: "memory");
}

static inline void dsb_ish(void)
{
	__asm__ __volatile__("dsb ish" ::: "memory");
}

/** Wait for an interrupt; one that is masked by PSTATE wakes too. */
static inline void wfi(void)
{
	__asm__ __volatile__("dsb sy\n\twfi" ::: "memory");
}

static inline void wfe(void)
{
	__asm__ __volatile__("wfe" ::: "memory");
}

static inline void sev(void)
{
	__asm__ __volatile__("dsb ish\n\tsev" ::: "memory");
}

/** Mask debug, SError, IRQ and FIQ exceptions. */
static inline void daif_mask(void)
{
	__asm__ __volatile__("msr daifset, #0xf" ::: "memory");
}

/** Zero the block of memory of @address, whose size DCZID_EL0 tells. */
static inline void dc_zva(uint64_t address)
{
	__asm__ __volatile__("dc zva, %0" ::"r"(address) : "memory");
}

/** Clean the data cache line of @address to the point of coherency. */
static inline void dc_cvac(uint64_t address)
{
	__asm__ __volatile__("dc cvac, %0" ::"r"(address) : "memory");
}

/** Clean the data cache line of @address to the point of unification. */
static inline void dc_cvau(uint64_t address)
{
	__asm__ __volatile__("dc cvau, %0" ::"r"(address) : "memory");
}

/** Invalidate the line of @address in all instruction caches of the inner shareable domain. */
static inline void ic_ivau(uint64_t address)
{
	__asm__ __volatile__("ic ivau, %0" ::"r"(address) : "memory");
}

/** Drop the translation of the page of @address of EL2, on all CPUs. */
static inline void tlbi_vae2is(uint64_t address)
{
	__asm__ __volatile__("tlbi vae2is, %0" ::"r"(address >> 12) : "memory");
}

/** Invalidate all instruction caches of the inner shareable domain. */
static inline void ic_ialluis(void)
{
	__asm__ __volatile__("ic ialluis" ::: "memory");
}

/** Drop all stage-1 and stage-2 translations of the VMID in VTTBR_EL2, on all CPUs. */
static inline void tlbi_vmalls12e1is(void)
{
	__asm__ __volatile__("tlbi vmalls12e1is" ::: "memory");
}

/** Drop the stage-2 translations of @gpa of that VMID, on all CPUs. */
static inline void tlbi_ipas2e1is(uint64_t gpa)
{
	__asm__ __volatile__("tlbi ipas2e1is, %0" ::"r"(gpa >> 12) : "memory");
}

/** Drop all stage-1 and combined translations of that VMID, on all CPUs. */
static inline void tlbi_vmalle1is(void)
{
	__asm__ __volatile__("tlbi vmalle1is" ::: "memory");
}

/** Secure monitor call by SMCCC (Arm DEN0028): x0 .. x3 in, x0 out. */
static inline uint64_t smc_call(uint64_t function, uint64_t arg0, uint64_t arg1, uint64_t arg2)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = arg0;
	register uint64_t x2 __asm__("x2") = arg1;
	register uint64_t x3 __asm__("x3") = arg2;
	__asm__ __volatile__("smc #0"
		: "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
		:
		: "memory", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
		"x15", "x16", "x17");
	return x0;
}

/** Semihosting call for A64 (Arm semihosting specification 2.0): @operation on @block. */
static inline uint64_t semihosting_call(uint64_t operation, const void *block)
{
	register uint64_t x0 __asm__("x0") = operation;
	register const void *x1 __asm__("x1") = block;
	__asm__ __volatile__("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	return x0;
}

#endif
