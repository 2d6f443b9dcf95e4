/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#ifndef AXB_PLATFORMS_HOST_BENCH_NATIVE_H_
#define AXB_PLATFORMS_HOST_BENCH_NATIVE_H_

/** The helper of the benchmark programs: takes anything, gives 0. */
unsigned long long call_helper(unsigned long long a, unsigned long long b, unsigned long long c,
	unsigned long long d, unsigned long long e);

#endif
