/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The interrupt controller that a VM sees: a GICv3 with one security state, one redistributor per
 * vCPU, 32 shared interrupts and no ITS. This is the distributor's state and what follows from it:
 * register accesses in, list registers out. Pure; the caller holds the VM's lock.
 *
 * While a vCPU is in the guest, the interrupts in its list registers are "listed": their state is
 * the hardware's until vgic_save(). Reads of pending and active registers by another vCPU see them
 * as of then.
 *
 * Ref: Arm IHI 0069G, sections 12.9 (GICD), 12.11 (GICR), 12.4 (ICH_LR).
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_VGIC_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_VGIC_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/package.h"
#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VGIC_GICD_BASE 0x08000000u
#define VGIC_GICD_SIZE 0x10000u
#define VGIC_GICR_BASE 0x080a0000u
#define VGIC_GICR_STRIDE 0x20000u

/** List registers that are used; a CPU has at least as many (Cortex-A72: 4). */
#define VGIC_LRS 4u
#define VGIC_BANK 32u
#define VGIC_SGIS 16u

/** Interrupts that a physical one of the same number stands behind: the timers of EL1. */
#define VGIC_HARDWARE (1u << 27 | 1u << 30)

/** 32 interrupts, a bit each. */
struct vgic_bank {
	uint32_t enabled;
	uint32_t pending; /**< latched: edges, and what the guest set */
	uint32_t line;    /**< levels of the inputs */
	uint32_t active;
	uint32_t edge;   /**< triggered by edges */
	uint32_t listed; /**< in a list register of a running vCPU */
	uint8_t priority[VGIC_BANK];
};

struct vgic {
	uint32_t vcpu_count;
	bool on;                                 /**< GICD_CTLR.EnableGrp1 */
	uint32_t awake;                          /**< GICR_WAKER, a bit per vCPU */
	struct vgic_bank own[PACKAGE_VCPUS_MAX]; /**< SGIs and PPIs of each vCPU */
	struct vgic_bank shared;                 /**< SPIs, from 32 on */
	uint64_t route[VGIC_BANK];               /**< GICD_IROUTER of each SPI */
	uint8_t owner[VGIC_BANK];                /**< vCPU that has or had it listed */
};

/** As after reset. */
void vgic_init(struct vgic *vgic, uint32_t vcpu_count);

/**
 * Access of @size bytes at @gpa.
 * @param value written, or the value read
 * @return false: not in a frame of this controller, or not an access that it supports.
 */
bool vgic_access(struct vgic *vgic, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value);

/** Level of the input of @irq; @vcpu matters for private ones. */
void vgic_set_line(struct vgic *vgic, uint32_t vcpu, uint32_t irq, bool level);

/** @vcpu wrote @value to ICC_SGI1R_EL1. */
void vgic_send_sgi(struct vgic *vgic, uint32_t vcpu, uint64_t value);

/** Bit per vCPU that has an interrupt to take which is not listed. */
uint32_t vgic_wanting(const struct vgic *vgic);

/**
 * List what @vcpu shall take: active interrupts, then the most urgent pending ones.
 * @param list  values for its list registers
 * @param more  there are more pending ones than list registers
 * @return how many of @list are used.
 */
uint32_t vgic_load(struct vgic *vgic, uint32_t vcpu, uint64_t list[VGIC_LRS], bool *more);

/** The guest has run: take the first @count of @list back. */
void vgic_save(struct vgic *vgic, uint32_t vcpu, const uint64_t list[VGIC_LRS], uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
