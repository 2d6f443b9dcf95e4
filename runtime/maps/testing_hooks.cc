/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/maps/testing_hooks.h"

#include <cstdio>
#include <cstdlib>

#include "runtime/hooks/core.h"

namespace
{

thread_local uint32_t this_cpu;
thread_local uint64_t irq_depth;

} // namespace

void axb_testing::SetCpu(uint32_t cpu)
{
	this_cpu = cpu;
}

uint64_t axb_testing::IrqDepth()
{
	return irq_depth;
}

uint32_t axb_plat_cpu_id(void)
{
	return this_cpu;
}

uint32_t axb_plat_cpu_count(void)
{
	return 4;
}

uint64_t axb_plat_time_ns(void)
{
	return 1000000000;
}

uint64_t axb_plat_irq_save(void)
{
	return irq_depth++;
}

void axb_plat_irq_restore(uint64_t state)
{
	irq_depth = state;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	(void)fprintf(stderr, "%s:%u: %s\n", file, line, what);
	abort();
}
