/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/bench/progs/bench.h"

/* A small trace filter with two counters: what a program at an idle tracepoint costs. */
BENCH_PROGRAM(filter)
{
	u32 pid = load32(mem + 8);
	u32 cpu = load32(mem + 12);
	u64 timestamp = load64(mem + 16);
	u64 duration = load64(mem + 24);
	UNUSED(size);
	if ((pid & 0xff) == 0xfe) {
		return 0;
	}
	if (cpu == 0xffffffffu) {
		return 1;
	}
	if (duration < 1) {
		return 2;
	}
	store64(mem + 1024, load64(mem + 1024) + 1);
	if (load64(mem + 1032) < duration) {
		store64(mem + 1032, duration);
	}
	return FOLD(timestamp ^ duration);
}
