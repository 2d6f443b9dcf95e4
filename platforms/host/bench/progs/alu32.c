/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 32-bit arithmetic: 1000 rounds of addition, exclusive or, rotation and multiplication. */
#define ROTATE(x, k) (((x) << (k)) | ((x) >> (32 - (k))))

BENCH_PROGRAM(alu32)
{
	u32 a = load32(mem);
	u32 b = load32(mem + 4);
	u32 c = load32(mem + 8);
	UNUSED(size);
	for (u32 i = 0; i < 1000; i++) {
		a -= c;
		a ^= ROTATE(c, 4);
		c += b;
		b *= 0x85ebca6bu;
		b ^= ROTATE(a, 19);
		a += b ^ i;
		c = ROTATE(c, 11) - a;
	}
	return a ^ b ^ c;
}
