/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 100 rounds of unsigned division and modulo, 64 and 32 bits, by values of run time. */
BENCH_PROGRAM(divmod)
{
	u64 x = load64(mem) | (1ull << 62);
	u64 sum = 0;
	UNUSED(size);
	for (u32 i = 0; i < 100; i++) {
		u64 d = mem[16 + i] + 3;
		u32 y = (u32)x;
		sum += x / d;
		sum ^= x % (d + 10007);
		sum += y / (u32)d;
		sum ^= y % ((u32)d + 11);
		x = x * 0x5851f42d4c957f2dull + 1;
	}
	return FOLD(sum);
}
