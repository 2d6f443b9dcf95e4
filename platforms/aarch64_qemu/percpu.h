/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What each CPU keeps for itself; TPIDR_EL2 points at it. Only the owner writes it, but for
 * @assigned.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_PERCPU_H_
#define AXB_PLATFORMS_AARCH64_QEMU_PERCPU_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/aarch64/sysreg.h"

struct vcpu;

struct percpu {
	void *emergency_stack; /**< its top; offset known to vectors.S */
	uint32_t id;
	struct vcpu *vcpu; /**< whose state is in this CPU, or NULL */
	/** The vCPU that this CPU shall run: set by CPU 0 when NULL, cleared by this CPU when it
	 * has left it for good. */
	struct vcpu *assigned;
	uint64_t tick_deadline; /**< in counts of the timer */
};

/** Context: boot, on the CPU itself, before anything that needs percpu(). */
void percpu_init(uint32_t id);

static inline struct percpu *percpu(void)
{
	return (struct percpu *)read_tpidr_el2();
}

/** CPU @id's. */
struct percpu *percpu_of(uint32_t id);

#endif
