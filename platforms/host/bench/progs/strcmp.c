/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* A key of 16 bytes against 63 names of 16 bytes, byte by byte. */
BENCH_PROGRAM(strcmp)
{
	u64 hits = 0;
	u64 steps = 0;
	UNUSED(size);
	for (u32 n = 1; n < 64; n++) {
		const u8 *name = mem + n * 16;
		u32 i;
		for (i = 0; i < 16; i++) {
			if (mem[i] != name[i] || !mem[i]) {
				break;
			}
		}
		steps += i;
		if (i == 16 || mem[i] == name[i]) {
			hits++;
		}
	}
	return hits * 65536 + steps;
}
