/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Power State Coordination Interface (Arm DEN0022F): function ids, results, and the firmware's
 * CPU_ON.
 */
#ifndef AXB_PLATFORMS_REFERENCE_AARCH64_PSCI_H_
#define AXB_PLATFORMS_REFERENCE_AARCH64_PSCI_H_

#include <stdbool.h>
#include <stdint.h>

/** In a function id: 64-bit arguments. */
#define SMCCC_64_BIT 0x40000000u

#define PSCI_VERSION 0x84000000u
#define PSCI_CPU_SUSPEND 0x84000001u
#define PSCI_CPU_SUSPEND_64 0xc4000001u
#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON_32 0x84000003u
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_AFFINITY_INFO 0x84000004u
#define PSCI_AFFINITY_INFO_64 0xc4000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF 0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define PSCI_FEATURES 0x8400000au

#define PSCI_VERSION_1_1 0x10001
#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_ALREADY_ON (-4)
#define PSCI_ON_PENDING (-5)
#define PSCI_INVALID_ADDRESS (-9)
#define PSCI_AFFINITY_ON 0
#define PSCI_AFFINITY_OFF 1
#define PSCI_AFFINITY_ON_PENDING 2
/** There is no trusted operating system to migrate. */
#define PSCI_NO_MIGRATION 2

/** Is @function in the range of PSCI, 32 or 64 bits? */
static inline bool psci_is_function(uint64_t function)
{
	return (function & ~UINT64_C(0x4000001f)) == PSCI_VERSION;
}

/** Start CPU @id at secondary_start (boot.S). @return false when the firmware refused. */
bool psci_cpu_on(uint32_t id);

#endif
