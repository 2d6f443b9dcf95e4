/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/aarch64/psci.h"

#include "platforms/reference/aarch64/sysreg.h"

extern void secondary_start(void);

bool psci_cpu_on(uint32_t id)
{
	/* On this board MPIDR affinity 0 is the index of the CPU. */
	return smc_call(PSCI_CPU_ON, id, (uint64_t)secondary_start, id) == 0;
}
