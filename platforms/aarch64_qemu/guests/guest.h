/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the guests share: the things a guest can do to its hypervisor, each with a check of the
 * result, and the clock that starts their rounds. A guest defines guest_round() only.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_GUESTS_GUEST_H_
#define AXB_PLATFORMS_AARCH64_QEMU_GUESTS_GUEST_H_

#include <stdint.h>

/** The work of round @round, counted from 0. Defined by each guest. */
void guest_round(uint64_t round);

/* Each does its thing @count times and counts an error when the result is not as it must be. */
void guest_hypercalls(uint64_t count);
void guest_device_writes(uint64_t count);
void guest_device_reads(uint64_t count);
/** Write to the next pages of RAM that were never touched; at the end of RAM to none. */
void guest_touch_pages(uint64_t count);
/** Ask PSCI for its version by SMC. */
void guest_psci_version(void);
/** Read an ID register, which the hypervisor emulates. */
void guest_read_id_register(void);
/** Read a debug register, which is the hypervisor's: must be undefined. */
void guest_undefined_access(void);
/** Read where nothing is: must be an external abort. */
void guest_stray_access(void);

#endif
