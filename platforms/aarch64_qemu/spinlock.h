/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A lock between CPUs. EL2 runs with interrupts masked, so it needs no masking of its own.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_SPINLOCK_H_
#define AXB_PLATFORMS_AARCH64_QEMU_SPINLOCK_H_

#include <stdint.h>

#include "runtime/base/atomic.h"

struct spinlock {
	uint32_t taken;
};

/** Context: boot, thread. Not recursive. */
static inline void spinlock_take(struct spinlock *lock)
{
	while (axb_exchange_acq_rel(&lock->taken, 1u) != 0) {
		while (axb_load_relaxed(&lock->taken) != 0) {
		}
	}
}

static inline void spinlock_release(struct spinlock *lock)
{
	axb_store_release(&lock->taken, 0u);
}

#endif
