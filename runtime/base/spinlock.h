/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Lock between threads (control paths) of several CPUs. Trap paths never take it, and its holder
 * must not be preempted by another taker on the same CPU.
 */
#ifndef AXB_RUNTIME_BASE_SPINLOCK_H_
#define AXB_RUNTIME_BASE_SPINLOCK_H_

#include <stdint.h>

#include "runtime/base/atomic.h"

#ifdef __cplusplus
extern "C" {
#endif

/** All zeros = free. */
struct axb_spinlock {
	uint32_t held_;
};

/** Tell the CPU that this is a busy wait. */
static inline void axb_cpu_relax(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("pause" ::: "memory");
#else
	__asm__ __volatile__("yield" ::: "memory");
#endif
}

static inline void axb_spinlock_lock(struct axb_spinlock *lock)
{
	/* Acquire; pairs with the release in axb_spinlock_unlock(). */
	while (axb_exchange_acq_rel(&lock->held_, 1u) != 0) {
		while (axb_load_relaxed(&lock->held_) != 0) {
			axb_cpu_relax();
		}
	}
}

static inline void axb_spinlock_unlock(struct axb_spinlock *lock)
{
	axb_store_release(&lock->held_, 0u);
}

#ifdef __cplusplus
}
#endif

#endif
