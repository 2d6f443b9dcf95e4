/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* Log2 histogram of 128 values into 64 slots on the stack. The slots begin as input words, so that
 * Linux's verifier can prune states. */
static inline __attribute__((always_inline)) u32 log2_of(u32 v)
{
	u32 r = (v > 0xffff) << 4;
	v >>= r;
	u32 s = (v > 0xff) << 3;
	v >>= s;
	r |= s;
	s = (v > 0xf) << 2;
	v >>= s;
	r |= s;
	s = (v > 3) << 1;
	v >>= s;
	r |= s;
	return r | (v >> 1);
}

BENCH_PROGRAM(log2hist)
{
	u32 slots[64];
	u64 sum = 0;
	UNUSED(size);
	for (u32 i = 0; i < 64; i++) {
		u32 start = load32(mem + i * 4);
		OPAQUE(start);
		slots[i] = start;
	}
	for (u32 i = 0; i < 1024; i += 8) {
		u64 v = load64(mem + i) >> (mem[i] & 63);
		u32 high = v >> 32;
		u32 slot = high ? log2_of(high) + 32 : log2_of((u32)v);
		slots[slot & 63]++;
	}
	for (u32 i = 0; i < 64; i++) {
		sum = sum * 31 + slots[i];
	}
	return FOLD(sum);
}
