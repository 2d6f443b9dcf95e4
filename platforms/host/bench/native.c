/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The programs as the host's compiler makes them, and the helper that all engines call.
 */
#include "platforms/host/bench/engine.h"
#include "platforms/host/bench/native.h"

/* The compiler must not know what the helper gives. */
static volatile uint64_t helper_result;

unsigned long long call_helper(unsigned long long a, unsigned long long b, unsigned long long c,
	unsigned long long d, unsigned long long e)
{
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	(void)e;
	return helper_result;
}

static const struct bench_program *loaded;

static const char *missing(void)
{
	return NULL;
}

static bool load(const struct bench_program *program, struct bench_memory memory)
{
	(void)memory;
	loaded = program;
	return true;
}

static double run(struct bench_memory memory, uint64_t count, uint32_t *result)
{
	unsigned long long r0 = 0;
	for (uint64_t i = 0; i < count; i++) {
		r0 = loaded->native(memory.bytes, memory.size);
	}
	*result = (uint32_t)r0;
	return 0;
}

const struct bench_engine bench_native = {"native", missing, load, run};
