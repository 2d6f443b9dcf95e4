/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Something that can run a benchmark program. One program is loaded at a time.
 */
#ifndef AXB_PLATFORMS_HOST_BENCH_ENGINE_H_
#define AXB_PLATFORMS_HOST_BENCH_ENGINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/host/bench/programs.h"

/** r1 and r2 of a run. */
struct bench_memory {
	uint8_t *bytes;
	uint32_t size;
};

struct bench_engine {
	const char *name;
	/** NULL when this machine has the engine, else why not. */
	const char *(*missing)(void);
	/** False when the engine refuses the program. */
	bool (*load)(const struct bench_program *program, struct bench_memory memory);
	/**
	 * Run it @count times; the last result's low 32 bits go to *result.
	 * @return nanoseconds of one run, as the engine measures itself; 0 = measure around the
	 * call, negative = the run failed.
	 */
	double (*run)(struct bench_memory memory, uint64_t count, uint32_t *result);
};

extern const struct bench_engine bench_native;
extern const struct bench_engine bench_reference;
extern const struct bench_engine bench_unchecked;
extern const struct bench_engine bench_checked;
extern const struct bench_engine bench_linux;

#endif
