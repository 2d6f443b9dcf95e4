/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Power State Coordination Interface (Arm DEN0022): function ids, and the firmware's CPU_ON.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_PSCI_H_
#define AXB_PLATFORMS_AARCH64_QEMU_PSCI_H_

#include <stdbool.h>
#include <stdint.h>

#define PSCI_VERSION 0x84000000u
#define PSCI_SYSTEM_OFF 0x84000008u
#define PSCI_CPU_ON 0xc4000003u

#define PSCI_VERSION_1_1 0x10001
#define PSCI_NOT_SUPPORTED (-1)

/** Is @function in the range of PSCI, 32 or 64 bits? */
static inline bool psci_is_function(uint64_t function)
{
	return (function & ~UINT64_C(0x4000001f)) == PSCI_VERSION;
}

/** Start CPU @id at secondary_start (boot.S). @return false when the firmware refused. */
bool psci_cpu_on(uint32_t id);

#endif
