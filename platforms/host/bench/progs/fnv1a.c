/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* FNV-1a over 1024 bytes: byte loads and 64-bit multiplications. */
BENCH_PROGRAM(fnv1a)
{
	u64 hash = 0xcbf29ce484222325ull;
	UNUSED(size);
	for (u32 i = 0; i < 1024; i++) {
		hash ^= mem[i];
		hash *= 0x100000001b3ull;
	}
	return FOLD(hash);
}
