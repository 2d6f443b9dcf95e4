/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The hooks that every platform defines: which CPU, what time, interrupt masking, whose vCPU is
 * running, and what to do about a bug of ours. Defined once per binary under platforms/<p>/ (the
 * double is runtime/hooks/fake). None of them may allocate, block, print or call axebpf.
 */
#ifndef AXB_RUNTIME_HOOKS_CORE_H_
#define AXB_RUNTIME_HOOKS_CORE_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Index of the CPU that runs this, dense from 0, below AXB_CPU_MAX. Context: any. */
uint32_t axb_plat_cpu_id(void);

/** How many CPUs there are; fixed after boot. Context: any. */
uint32_t axb_plat_cpu_count(void);

/** Monotonic nanoseconds; never goes back on one CPU. Context: any. */
uint64_t axb_plat_time_ns(void);

/**
 * Keep this CPU from being interrupted by anything that can emit events (interrupts; on the host,
 * nothing), so that thread code may touch per-CPU data. Nests by passing the old state back.
 * Context: any.
 */
uint64_t axb_plat_irq_save(void);
void axb_plat_irq_restore(uint64_t state);

/** The vCPU on whose behalf this CPU works. */
struct axb_vcpu_context {
	uint16_t vm_id;       /**< 0 = none: the hypervisor's own work */
	uint16_t vcpu_id;     /**< AXB_VCPU_NONE when vm_id is 0 */
	bool has_exit_reason; /**< in the handling of a VM exit */
	uint32_t exit_reason; /**< enum axb_exit_reason of the spec, valid with has_exit_reason */
};

/** Fill @out for this CPU. Context: any. */
void axb_plat_vcpu_context(struct axb_vcpu_context *out);

/** A bug of axebpf was found (AXB_CHECK). Must not return. Context: any. */
__attribute__((noreturn)) void axb_plat_panic(const char *file, uint32_t line, const char *what);

#ifdef __cplusplus
}
#endif

/** Stop the platform when @cond, which only a bug of ours can make false, does not hold. */
#define AXB_CHECK(cond)                                                                            \
	do {                                                                                       \
		if (__builtin_expect(!(cond), 0)) {                                                \
			axb_plat_panic(__FILE__, (uint32_t)__LINE__, #cond);                       \
		}                                                                                  \
	} while (0)

#endif
