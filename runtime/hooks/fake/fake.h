/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The double of the platform: defines every hook of runtime/hooks for tests on the host. A thread
 * is the CPU that it says it is; the clock counts its own readings, so that the same calls give the
 * same timestamps everywhere. Settings are for all threads but where a comment says "this thread".
 */
#ifndef AXB_RUNTIME_HOOKS_FAKE_FAKE_H_
#define AXB_RUNTIME_HOOKS_FAKE_FAKE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/hooks/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_FAKE_CPU_COUNT_DEFAULT 2u
#define AXB_FAKE_TIME_STEP_DEFAULT 1000u
#define AXB_FAKE_READABLE_MAX 16u

/** All as at the start. Other threads must not call hooks meanwhile. */
void axb_fake_reset(void);

/** This thread is CPU @cpu; 0 at first. */
void axb_fake_set_cpu(uint32_t cpu);

/** axb_plat_cpu_count(); AXB_FAKE_CPU_COUNT_DEFAULT at first. */
void axb_fake_set_cpu_count(uint32_t count);

/** The next reading of the clock gives @ns, each one after it @step_ns more. At first 0 and
 * AXB_FAKE_TIME_STEP_DEFAULT. */
void axb_fake_set_time(uint64_t ns, uint64_t step_ns);

/** Let time pass. */
void axb_fake_advance(uint64_t ns);

/**
 * Interrupt this thread at its next reading of the clock: @trap runs before the clock is read, as
 * a trap would. Once; it may set itself again. NULL = none.
 */
void axb_fake_trap_at_clock(void (*trap)(void *cookie), void *cookie);

/** The same at this thread's next axb_plat_copy_from(), before anything is copied. */
void axb_fake_trap_at_copy(void (*trap)(void *cookie), void *cookie);

/** axb_plat_vcpu_context() of this thread; NULL = the hypervisor's own work. */
void axb_fake_set_vcpu(const struct axb_vcpu_context *context);

/** The registers that axb_plat_guest_reg() of this thread gives, while they are there; @regs NULL =
 * no guest. */
void axb_fake_set_guest_regs(const uint64_t *regs, size_t count);

/** axb_plat_irq_save() of this thread without its axb_plat_irq_restore(). */
uint32_t axb_fake_irq_depth(void);

/**
 * Let axb_plat_copy_from() read [@at, @at + @size); all else is unreadable.
 * @return false when AXB_FAKE_READABLE_MAX ranges are there already.
 */
bool axb_fake_add_readable(const void *at, size_t size);

/** What axb_plat_panic() was told. */
struct axb_fake_panic {
	const char *file;
	uint32_t line;
	const char *what;
};

/**
 * Run @body and come back when it panics. Without this around it a panic prints and aborts.
 * @return whether it panicked; then *@out, which may be NULL, says how.
 */
bool axb_fake_catch_panic(void (*body)(void *cookie), void *cookie, struct axb_fake_panic *out);

#ifdef __cplusplus
}
#endif

#endif
