/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The benchmark: the programs on every engine, in interleaved rounds on one CPU, so that a noisy
 * moment hits all of them; medians; ratios to the reference loop. Exit status 1 when two engines
 * disagree about a result.
 */
#define _GNU_SOURCE

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platforms/host/bench/engine.h"
#include "platforms/host/bench/progs/bench.h"

#define ENGINE_COUNT 5
#define REFERENCE 1 /* index in engines[] */
#define PROGRAM_MAX 32
#define ROUND_MAX 51
#define BLOCKS 9

static const struct bench_engine *const engines[ENGINE_COUNT] = {
	&bench_native, &bench_reference, &bench_unchecked, &bench_checked, &bench_linux};

struct options {
	unsigned rounds;
	double block_ns;
	int cpu; /* -1: the last one that we may use */
};

/* Nanoseconds of one run: by engine, program, round. 0 = the engine does not run the program. */
static double samples[ENGINE_COUNT][PROGRAM_MAX][ROUND_MAX];

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(const double *values, unsigned count)
{
	double sorted[ROUND_MAX];
	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), compare);
	return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

/* Random bytes; the first 64 groups of 16 share a beginning of random length with the first. */
static struct bench_memory make_memory(void)
{
	static uint8_t bytes[BENCH_MEM_SIZE] __attribute__((aligned(64)));
	uint64_t state = 88172645463325252ull;
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = (uint8_t)(state >> 32) | 1;
	}
	for (unsigned name = 1; name < 64; name++) {
		memcpy(bytes + name * 16, bytes, bytes[name * 16 + 15] % 17);
	}
	return (struct bench_memory){bytes, sizeof(bytes)};
}

/* One block: nanoseconds of a run, negative on failure. */
static double time_block(const struct bench_engine *engine, struct bench_memory memory,
	uint64_t count, uint32_t *result)
{
	double start = now_ns();
	double own = engine->run(memory, count, result);
	double around = (now_ns() - start) / (double)count;
	return own != 0 ? own : around;
}

/* How many runs make a block. */
static uint64_t calibrate(
	const struct bench_engine *engine, struct bench_memory memory, double block_ns)
{
	uint32_t result;
	uint64_t count = 4;
	double ns = time_block(engine, memory, count, &result);
	while (ns > 0 && ns * (double)count < block_ns / 4) {
		count *= 4;
		ns = time_block(engine, memory, count, &result);
	}
	return ns > 0 ? (uint64_t)(block_ns / ns) + 1 : 1;
}

/* The median of some blocks; 0 when the engine does not run the program. */
static double measure(const struct bench_engine *engine, const struct bench_program *program,
	struct bench_memory memory, double block_ns, uint32_t *result)
{
	double blocks[BLOCKS];
	if (!engine->load(program, memory)) {
		return 0;
	}
	uint64_t count = calibrate(engine, memory, block_ns);
	for (unsigned i = 0; i < BLOCKS; i++) {
		blocks[i] = time_block(engine, memory, count, result);
		if (blocks[i] < 0) {
			return 0;
		}
	}
	return median(blocks, BLOCKS);
}

/* All engines on one program in one round. False when results differ. */
static bool measure_program(uint32_t program, unsigned round, const bool *present,
	struct bench_memory memory, double ns)
{
	uint32_t first = 0;
	bool have_first = false;
	bool equal = true;
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		uint32_t result = 0;
		if (!present[e]) {
			continue;
		}
		const struct bench_program *p = &bench_programs[program];
		samples[e][program][round] = measure(engines[e], p, memory, ns, &result);
		if (samples[e][program][round] == 0) {
			printf("%s: %s does not run it\n", p->name, engines[e]->name);
			equal = equal && engines[e] == &bench_linux;
			continue;
		}
		if (have_first && result != first) {
			printf("%s: %s gives 0x%x, another engine 0x%x\n", p->name,
				engines[e]->name, result, first);
			equal = false;
		}
		first = have_first ? first : result;
		have_first = true;
	}
	return equal;
}

static void print_rule(const bool *present)
{
	printf("%-10s", "");
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		if (present[e]) {
			printf("%10s ns", engines[e]->name);
		}
	}
	printf(" |");
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		if (present[e] && e != REFERENCE) {
			printf("%10s", engines[e]->name);
		}
	}
	printf("\n");
}

/* "-" for an engine that does not run the program. */
static void print_number(int width, int decimals, double v)
{
	if (v > 0) {
		printf("%*.*f", width, decimals, v);
	} else {
		printf("%*s", width, "-");
	}
}

/* One row of figures and ratios; the logarithms of the ratios are added up. */
static void print_program(
	uint32_t p, const bool *present, unsigned rounds, double *log_sum, unsigned *count)
{
	double base = median(samples[REFERENCE][p], rounds);
	printf("%-10s", bench_programs[p].name);
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		if (present[e]) {
			print_number(13, 1, median(samples[e][p], rounds));
		}
	}
	printf(" |");
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		double ratio = median(samples[e][p], rounds) / base;
		if (!present[e] || e == REFERENCE) {
			continue;
		}
		print_number(10, 2, ratio);
		if (ratio > 0) {
			log_sum[e] += log(ratio);
			count[e]++;
		}
	}
	printf("\n");
}

static void print_table(const bool *present, unsigned rounds)
{
	double log_sum[ENGINE_COUNT] = {0};
	unsigned count[ENGINE_COUNT] = {0};
	printf("\nnanoseconds of one run, and ratios to the reference loop (less is better)\n");
	print_rule(present);
	for (uint32_t p = 0; p < bench_program_count; p++) {
		print_program(p, present, rounds, log_sum, count);
	}
	printf("%-10s", "geomean");
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		printf("%*s", present[e] ? 13 : 0, "");
	}
	printf(" |");
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		if (present[e] && e != REFERENCE) {
			print_number(10, 2, count[e] ? exp(log_sum[e] / count[e]) : 0);
		}
	}
	printf("\n");
}

/* Pin to @cpu, or to the last CPU that we may use: the first ones serve most interrupts. */
static void pin(int cpu)
{
	cpu_set_t set;
	if (cpu < 0 && sched_getaffinity(0, sizeof(set), &set) == 0) {
		for (int i = 0; i < CPU_SETSIZE; i++) {
			cpu = CPU_ISSET(i, &set) ? i : cpu;
		}
	}
	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0) {
		printf("not pinned to CPU %d: the numbers will be noisy\n", cpu);
	} else {
		printf("pinned to CPU %d\n", cpu);
	}
}

static bool parse(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0) {
			options->rounds = 1;
			options->block_ns = 1e4;
		} else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
			options->rounds = (unsigned)strtoul(argv[++i], NULL, 10);
		} else if (strcmp(argv[i], "--cpu") == 0 && i + 1 < argc) {
			options->cpu = (int)strtol(argv[++i], NULL, 10);
		} else {
			return false;
		}
	}
	return options->rounds >= 1 && options->rounds <= ROUND_MAX;
}

int main(int argc, char **argv)
{
	struct options options = {.rounds = 5, .block_ns = 2e6, .cpu = -1};
	bool present[ENGINE_COUNT];
	bool equal = true;
	if (!parse(argc, argv, &options) || bench_program_count > PROGRAM_MAX) {
		fprintf(stderr, "usage: bench [--quick] [--rounds N] [--cpu N]\n");
		return 2;
	}
	pin(options.cpu);
	for (unsigned e = 0; e < ENGINE_COUNT; e++) {
		const char *why = engines[e]->missing();
		present[e] = why == NULL;
		if (why != NULL) {
			printf("%s: skipped (%s)\n", engines[e]->name, why);
		}
	}
	struct bench_memory memory = make_memory();
	for (unsigned round = 0; round < options.rounds; round++) {
		for (uint32_t p = 0; p < bench_program_count; p++) {
			equal = measure_program(p, round, present, memory, options.block_ns) &&
				equal;
		}
		if (isatty(STDERR_FILENO)) {
			fprintf(stderr, "\rround %u of %u", round + 1, options.rounds);
		}
	}
	print_table(present, options.rounds);
	printf(equal ? "all results are equal\n" : "RESULTS DIFFER\n");
	return equal ? 0 : 1;
}
