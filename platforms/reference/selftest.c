/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/selftest.h"

#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/main.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/hooks/mem.h"

static void (*secondary)(uint32_t id);
static volatile uint32_t in_data;
static const uint32_t in_constants = 1;

static void check_copies(const struct selftest_copy *copies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t to = 0;
		if (axb_plat_copy_from(&to, copies[i].from, sizeof(to)) != copies[i].readable) {
			panic(copies[i].what);
		}
	}
}

static void copy(const struct selftest *test)
{
	const struct selftest_copy everywhere[] = {
		{(uint64_t)&in_constants, true, "constants"},
		{(uint64_t)main, true, "text"},
		{0, false, "0"},
		{UINT64_MAX - 1, false, "end of the address space"},
	};
	check_copies(everywhere, AXB_ARRAY_COUNT(everywhere));
	check_copies(test->copies, test->copy_count);
}

static void write_text(const struct selftest *test)
{
	(void)test;
	*(volatile uint32_t *)(uint64_t)main = 0;
}

static void write_constants(const struct selftest *test)
{
	(void)test;
	*(volatile uint32_t *)(uint64_t)&in_constants = 0;
}

static void run_data(const struct selftest *test)
{
	in_data = test->return_insn;
	((void (*)(void))(uint64_t)&in_data)();
}

static bool run_common(const struct selftest *test, const char *name)
{
	static const struct {
		const char *name;
		void (*run)(const struct selftest *test);
	} cases[] = {
		{"copy", copy},
		{"write-text", write_text},
		{"write-constants", write_constants},
		{"run-data", run_data},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(cases); i++) {
		if (axb_streq(name, cases[i].name)) {
			cases[i].run(test);
			return true;
		}
	}
	return false;
}

static bool run_own(const struct selftest *test, const char *name)
{
	for (size_t i = 0; i < test->case_count; i++) {
		if (axb_streq(name, test->cases[i].name)) {
			test->cases[i].run();
			return true;
		}
	}
	return false;
}

void selftest_run(const struct selftest *test, const char *name)
{
	secondary = test->secondary;
	if (!run_common(test, name) && !run_own(test, name)) {
		panic("no such case");
	}
	console_puts("not stopped\n");
	machine_exit(0);
}

void secondary_main(uint32_t id)
{
	if (secondary != NULL) {
		secondary(id);
	}
	panic("this CPU is not used");
}

/* Others run nothing that is probed, and need not hear of changes of code. */
uint32_t cpus_online(void)
{
	return 1;
}
