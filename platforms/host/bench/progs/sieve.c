/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* Primes below 1000 with flags in the buffer: branches that depend on data, byte stores. */
#define COUNT 1000

BENCH_PROGRAM(sieve)
{
	u8 *composite = mem + 1024;
	u64 primes = 0;
	UNUSED(size);
	for (u32 i = 0; i < COUNT; i += 8) {
		u64 zero = 0;
		OPAQUE(zero);
		store64(composite + i, zero);
	}
	for (u64 i = 2; i < COUNT; i++) {
		if (composite[i]) {
			continue;
		}
		primes++;
		for (u64 j = i * i; j < COUNT; j += i) {
			composite[j] = 1;
		}
	}
	return primes;
}
