/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What a probe on a function of this process adds to a call, by how it is probed, with a program
 * that does nothing. Interleaved rounds on one CPU, medians, and the difference to the same call
 * without a probe, measured in the same rounds. Arguments: --quick; the name of the only way to
 * measure, for profilers.
 */
#define _GNU_SOURCE

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platforms/host/host.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/base/arena.h"
#include "runtime/helpers/helpers.h"
#include "runtime/init/init.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/image.h"
#include "runtime/verifier/verify.h"

#define ROUNDS 25u
#define QUICK_ROUNDS 3u
#define TRAP_CALLS 2000u
#define CALLS 100000u
#define GOAL_ENTRY_NS 10.0
#define GOAL_RETURN_NS 30.0

typedef uint64_t (*victim_fn_t)(uint64_t n);

/* One instruction each besides the return, and the NOPs of a patch site in the first. */
uint64_t victim_site(uint64_t n);
uint64_t victim_slot(uint64_t n);
uint64_t victim_simulate(uint64_t n);
__asm__("	.text\n"
	"	.balign 32\n"
	"	.type victim_site, @function\n"
	"victim_site:\n"
	"	.byte 0x0f, 0x1f, 0x44, 0, 0\n"
	"	leaq 1(%rdi), %rax\n"
	"	ret\n"
	"	.size victim_site, . - victim_site\n"
	"	.balign 32\n"
	"	.type victim_slot, @function\n"
	"victim_slot:\n"
	"	leaq 1(%rdi), %rax\n"
	"	ret\n"
	"	.size victim_slot, . - victim_slot\n"
	"	.balign 32\n"
	"	.type victim_simulate, @function\n"
	"victim_simulate:\n"
	"	jmp 1f\n"
	"1:	leaq 1(%rdi), %rax\n"
	"	ret\n"
	"	.size victim_simulate, . - victim_simulate\n"
	"	.section __patchable_function_entries, \"aw\", @progbits\n"
	"	.quad victim_site\n"
	"	.text\n");

struct way {
	const char *what;
	victim_fn_t function;
	uint32_t calls; /* of a block */
	bool entry;
	bool is_return;
	double goal_ns; /* 0 = none */
};

static const struct way ways[] = {
	{"call", victim_slot, CALLS, false, false, 0},
	{"patch site, off", victim_site, CALLS, false, false, 0},
	{"patch site", victim_site, CALLS, true, false, GOAL_ENTRY_NS},
	{"patch site, return", victim_site, CALLS, false, true, GOAL_RETURN_NS},
	{"patch site, both", victim_site, CALLS, true, true, 0},
	{"simulate", victim_simulate, TRAP_CALLS, true, false, 0},
	{"slot", victim_slot, TRAP_CALLS, true, false, 0},
	{"slot, return", victim_slot, TRAP_CALLS, false, true, 0},
};
#define WAY_COUNT (sizeof(ways) / sizeof(ways[0]))

static double samples[WAY_COUNT][ROUNDS];
static axb_prog_id_t programs[2]; /* entry, return */

__attribute__((noreturn)) static void die(const char *what)
{
	(void)fprintf(stderr, "probes: %s\n", what);
	exit(2);
}

static double now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

static axb_prog_id_t load(enum axb_prog_type type)
{
	static const struct axb_insn nothing[] = {{0xb7, 0, 0, 0}, {0x95, 0, 0, 0}};
	axb_object_id_t object;
	axb_prog_id_t prog = {0};
	struct axb_load_error why;
	if (axb_object_load_raw(nothing, 2, type, "nothing", &object, &why) != AXB_OK ||
		axb_object_find_prog(object, "", &prog) != AXB_OK) {
		die("the empty program does not load");
	}
	return prog;
}

static void init(void)
{
	static uint8_t memory[4 << 20];
	struct axb_arena arena;
	struct axb_init_error why;
	struct axb_config config = {
		.memory = memory, .memory_size = sizeof(memory), .helpers = &axb_helpers_standard};
	axb_host_set_cpu_count(1);
	size_t size = axb_hprobe_memory_size(1);
	axb_arena_init(&arena, calloc(1, size), size);
	if (axb_init_with_symbols(&config, axb_symtab_image_bytes(), 1, UINT64_MAX, &why) !=
			AXB_OK ||
		axb_cpu_init() != AXB_OK || axb_hprobe_init(1, &arena) != AXB_OK ||
		!axb_host_take_breakpoints()) {
		die("axebpf does not come up");
	}
	programs[0] = load(AXB_PROG_TYPE_HPROBE);
	programs[1] = load(AXB_PROG_TYPE_HRETPROBE);
}

static void set(const struct way *way, bool is_return, bool on)
{
	const struct axb_hprobe_config config = {
		.address = (uint64_t)(uintptr_t)way->function,
		.is_return = is_return,
		.prog = programs[is_return],
	};
	struct axb_hprobe_error why;
	enum axb_status st = on ? axb_hprobe_attach(&config, &why)
				: axb_hprobe_detach(config.address, is_return, config.prog);
	if (st != AXB_OK) {
		die(why.what);
	}
}

static void set_all(const struct way *way, bool on)
{
	if (way->entry) {
		set(way, false, on);
	}
	if (way->is_return) {
		set(way, true, on);
	}
}

/* Nanoseconds of a call. */
static double time_block(const struct way *way)
{
	victim_fn_t volatile function = way->function;
	uint64_t n = 0;
	set_all(way, true);
	(void)function(0);
	double begin = now_ns();
	for (uint32_t i = 0; i < way->calls; i++) {
		n = function(n);
	}
	double end = now_ns();
	if (n != way->calls) {
		die("a call had a wrong result");
	}
	set_all(way, false);
	return (end - begin) / way->calls;
}

/* The plain calls, and what is named like @only. */
static bool is_wanted(const struct way *way, const char *only)
{
	return way == &ways[0] || only[0] == '\0' || strcmp(way->what, only) == 0;
}

static void check_runs(unsigned rounds, const char *only)
{
	uint64_t expected[2] = {0, 0};
	for (size_t i = 0; i < WAY_COUNT; i++) {
		if (!is_wanted(&ways[i], only)) {
			continue;
		}
		expected[0] += ways[i].entry ? rounds * (ways[i].calls + 1) : 0;
		expected[1] += ways[i].is_return ? rounds * (ways[i].calls + 1) : 0;
	}
	for (size_t i = 0; i < 2; i++) {
		struct axb_prog_info info;
		if (axb_prog_info(programs[i], &info) != AXB_OK || info.runs != expected[i]) {
			die("the programs did not run as often as they were hit");
		}
	}
	(void)printf("all hits ran their program\n");
}

static void pin(void)
{
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

int main(int argc, char **argv)
{
	unsigned rounds = ROUNDS;
	const char *only = "";
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0) {
			rounds = QUICK_ROUNDS;
		} else {
			only = argv[i];
		}
	}
	pin();
	init();
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < WAY_COUNT; i++) {
			if (is_wanted(&ways[i], only)) {
				samples[i][round] = time_block(&ways[i]);
			}
		}
	}
	check_runs(rounds, only);
	double base = median(samples[0], rounds);
	(void)printf("%-20s %10s %10s %8s %6s\n", "probe", "ns a call", "more", "ratio", "goal");
	for (size_t i = 0; i < WAY_COUNT; i++) {
		if (!is_wanted(&ways[i], only)) {
			continue;
		}
		double ns = median(samples[i], rounds);
		(void)printf("%-20s %10.1f %10.1f %8.1f", ways[i].what, ns, ns - base, ns / base);
		if (ways[i].goal_ns != 0) {
			(void)printf(" %6.0f%s", ways[i].goal_ns,
				ns - base <= ways[i].goal_ns ? "" : " missed");
		}
		(void)printf("\n");
	}
	return 0;
}
