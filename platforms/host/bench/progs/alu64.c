/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 64-bit arithmetic: 1000 rounds of a sum of squares with a serial xorshift. */
BENCH_PROGRAM(alu64)
{
	u64 sum = 0;
	u64 x = load64(mem) | 1;
	UNUSED(size);
	for (u32 i = 0; i < 1000; i++) {
		sum += x * x;
		x += 0x9e3779b97f4a7c15ull;
		sum ^= sum >> 29;
	}
	return FOLD(sum);
}
