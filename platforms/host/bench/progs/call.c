/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 100 calls of a subprogram. */
static __attribute__((noinline)) u64 mix(u64 a, u64 b);

BENCH_PROGRAM(call)
{
	u64 sum = load64(mem);
	UNUSED(size);
	for (u32 i = 0; i < 100; i++) {
		sum = mix(sum, i);
	}
	return FOLD(sum);
}

static __attribute__((noinline)) u64 mix(u64 a, u64 b)
{
	OPAQUE(a);
	return (a ^ (a >> 31)) * 0x9e3779b97f4a7c15ull + b;
}
