/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* Nothing: the cost of entering and leaving. */
BENCH_PROGRAM(empty)
{
	UNUSED(mem);
	UNUSED(size);
	return 0;
}
