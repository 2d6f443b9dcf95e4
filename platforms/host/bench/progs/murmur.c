/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* MurmurHash64A over 1024 bytes: 8-byte loads. */
BENCH_PROGRAM(murmur)
{
	const u64 m = 0xc6a4a7935bd1e995ull;
	u64 hash = 0x1234 ^ (1024 * m);
	UNUSED(size);
	for (u32 i = 0; i < 1024; i += 8) {
		u64 k = load64(mem + i);
		k *= m;
		k ^= k >> 47;
		k *= m;
		hash ^= k;
		hash *= m;
	}
	hash ^= hash >> 47;
	hash *= m;
	hash ^= hash >> 47;
	return FOLD(hash);
}
