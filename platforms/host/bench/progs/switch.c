/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* 16-way dispatch over 512 bytes: a tiny byte-code machine. */
BENCH_PROGRAM(switch)
{
	u64 a = 1;
	u64 b = 2;
	UNUSED(size);
	for (u32 i = 0; i < 512; i++) {
		u8 c = mem[i];
		switch (c & 15) {
		case 0:
			a += b;
			break;
		case 1:
			a ^= b;
			break;
		case 2:
			b += 7;
			break;
		case 3:
			a <<= 1;
			break;
		case 4:
			b >>= 1;
			break;
		case 5:
			a -= c;
			break;
		case 6:
			b ^= a;
			break;
		case 7:
			a = a * 3;
			break;
		case 8:
			b |= 1;
			break;
		case 9:
			a &= ~0xffull;
			break;
		case 10:
			b = b * 5 + 1;
			break;
		case 11:
			a = ~a;
			break;
		case 12:
			b = a - b;
			break;
		case 13:
			a ^= a >> 7;
			break;
		case 14:
			b += c;
			break;
		default:
			a += 0x1234567;
			break;
		}
	}
	return FOLD(a ^ b);
}
