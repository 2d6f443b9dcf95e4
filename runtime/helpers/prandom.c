/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_get_prandom_u32: one xorshift64* generator for each CPU, seeded from the time of its first
 * use. Not for secrets.
 * Ref: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled".
 */
#include "runtime/base/atomic.h"
#include "runtime/base/types.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"

static struct {
	uint64_t state; /**< 0 = not seeded */
} AXB_ALIGNED(AXB_CACHE_LINE) generators[AXB_CPU_MAX];

static uint64_t seed(uint32_t cpu)
{
	uint64_t x = (axb_plat_time_ns() + cpu + 1) * 0x9e3779b97f4a7c15ull;
	return (x ^ (x >> 29)) | 1;
}

uint64_t axb_helper_get_prandom_u32(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	uint32_t cpu = axb_plat_cpu_id() % AXB_CPU_MAX;
	/* A trap in between draws the same number: harmless. */
	uint64_t x = axb_load_relaxed(&generators[cpu].state);
	(void)env;
	(void)r1;
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	if (x == 0) {
		x = seed(cpu);
	}
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	axb_store_relaxed(&generators[cpu].state, x);
	return (x * 0x2545f4914f6cdd1dull) >> 32;
}
