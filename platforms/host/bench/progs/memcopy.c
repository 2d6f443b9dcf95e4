/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 1024 bytes from one half of the buffer to the other, 8 at a time. */
BENCH_PROGRAM(memcopy)
{
	u64 sum = 0;
	UNUSED(size);
	for (u32 i = 0; i < 1024; i += 8) {
		u64 v = load64(mem + i);
		OPAQUE(v); /* or the compiler would call memcpy() */
		store64(mem + 1024 + i, v);
		sum ^= v;
	}
	return FOLD(sum);
}
