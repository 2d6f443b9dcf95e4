/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 100 helper calls. */
BENCH_PROGRAM(helper)
{
	u64 sum = 0;
	UNUSED(mem);
	UNUSED(size);
	for (u32 i = 0; i < 100; i++) {
		sum += call_helper(i, sum, 0, 0, 0) + i;
	}
	return sum;
}
