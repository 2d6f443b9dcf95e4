/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What each CPU keeps for itself; TPIDR_EL2 points at it. Only the owner writes it.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_PERCPU_H_
#define AXB_PLATFORMS_AARCH64_QEMU_PERCPU_H_

#include <stdint.h>

#include "platforms/aarch64_qemu/sysreg.h"

struct vcpu;

struct percpu {
	void *emergency_stack; /**< its top; offset known to vectors.S */
	uint32_t id;
	struct vcpu *vcpu;    /**< the one that runs or is handled here, or NULL */
	uint64_t tick_period; /**< in counts of the timer */
	uint64_t tick_deadline;
};

/** Context: boot, on the CPU itself, before anything that needs percpu(). */
void percpu_init(uint32_t id);

static inline struct percpu *percpu(void)
{
	return (struct percpu *)read_tpidr_el2();
}

#endif
