/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/selftest_probes.h"

#include "platforms/reference/machine.h"
#include "platforms/reference/pages.h"
#include "probes/hprobe/hprobe.h"
#include "probes/insn/step.h"
#include "runtime/base/arena.h"
#include "runtime/base/types.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/init/init.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/image.h"
#include "runtime/verifier/verify.h"

#define MEMORY_SIZE (UINT32_C(4) << 20)

extern uint8_t hypervisor_pages_start[]; /* linker script */

/* The call and its result stay. */
#define VICTIM __attribute__((noinline)) static uint64_t

VICTIM at_patch_site(uint64_t n)
{
	__asm__ __volatile__("" : "+r"(n));
	return n + 1;
}

__attribute__((patchable_function_entry(0))) VICTIM at_breakpoint(uint64_t n)
{
	__asm__ __volatile__("" : "+r"(n));
	return n + 1;
}

static uint64_t (*const victims[])(uint64_t n) = {at_patch_site, at_breakpoint};

static void check(enum axb_status st, const char *what)
{
	if (st != AXB_OK) {
		panic(what);
	}
}

void selftest_probes_init(uint64_t memory_end)
{
	struct axb_arena arena;
	struct axb_init_error why;
	uint64_t start;
	uint64_t end;
	pages_add((uint64_t)hypervisor_pages_start, memory_end);
	const struct axb_config config = {
		.memory = pages_alloc_boot(MEMORY_SIZE),
		.memory_size = MEMORY_SIZE,
		.helpers = &axb_helpers_standard,
	};
	machine_image(&start, &end);
	check(axb_init_with_symbols(&config, axb_symtab_image_bytes(), start, end, &why), "init");
	check(axb_cpu_init(), "CPU init");
	size_t size = axb_hprobe_memory_size(axb_plat_cpu_count());
	axb_arena_init(&arena, pages_alloc_boot(size), size);
	check(axb_hprobe_init(axb_plat_cpu_count(), &arena), "hprobe init");
}

static void attach(uint64_t address, bool is_return, axb_prog_id_t prog)
{
	struct axb_hprobe_error why;
	const struct axb_hprobe_config config = {
		.address = address, .is_return = is_return, .may_write = true, .prog = prog};
	check(axb_hprobe_attach(&config, &why), why.what);
}

void selftest_probe(void)
{
	for (size_t i = 0; i < AXB_ARRAY_COUNT(victims); i++) {
		attach((uint64_t)victims[i], false, (axb_prog_id_t){0});
		attach((uint64_t)victims[i], true, (axb_prog_id_t){0});
	}
	selftest_call_probed(SELFTEST_FIRST_CALLS);
	selftest_check_probed(SELFTEST_FIRST_CALLS);
}

void selftest_call_probed(uint64_t calls)
{
	for (uint64_t n = 0; n < calls * AXB_ARRAY_COUNT(victims); n++) {
		if (victims[n % AXB_ARRAY_COUNT(victims)](n) != n + 1) {
			panic("a probed function gave a wrong result");
		}
	}
}

void selftest_check_probed(uint64_t calls)
{
	struct axb_hprobe_info info;
	uint32_t cursor = 0;
	uint32_t by_patch_site = 0;
	uint32_t count = 0;
	while (axb_hprobe_next(&cursor, &info)) {
		const struct axb_hprobe_stats *s = &info.stats;
		if (s->hits != calls || s->handled != calls || s->returned != calls ||
			s->armed != calls) {
			panic("hits are not counted right");
		}
		by_patch_site += info.step == AXB_STEP_SITE;
		count++;
	}
	if (count != AXB_ARRAY_COUNT(victims) || by_patch_site != 1) {
		panic("the probes are not what they must be");
	}
}

/* A program that adds the register at @delta to the one at @sp. */
static axb_prog_id_t load_mover(int16_t sp, int16_t delta)
{
	const struct axb_insn insns[] = {
		{0x79, 0x12, sp, 0},    /* r2 = *(u64 *)(r1 + sp) */
		{0x79, 0x13, delta, 0}, /* r3 = *(u64 *)(r1 + delta) */
		{0x0f, 0x32, 0, 0},     /* r2 += r3 */
		{0x7b, 0x21, sp, 0},    /* *(u64 *)(r1 + sp) = r2 */
		{0xb7, 0x00, 0, 0},     /* r0 = 0 */
		{0x95, 0x00, 0, 0},     /* exit */
	};
	axb_object_id_t object;
	axb_prog_id_t prog;
	struct axb_load_error why;
	check(axb_object_load_raw(
		      insns, AXB_ARRAY_COUNT(insns), AXB_PROG_TYPE_HPROBE, "mover", &object, &why),
		"load");
	check(axb_object_find_prog(object, "", &prog), "find");
	return prog;
}

void selftest_attach_mover(uint64_t address, int16_t sp, int16_t delta)
{
	attach(address, false, load_mover(sp, delta));
}

void selftest_move_sp(uint64_t (*victim)(int64_t delta))
{
	static const int64_t deltas[] = {0, 16, 64, 192, -16, -64, -512, -1024};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(deltas); i++) {
		if (victim(deltas[i]) != (uint64_t)deltas[i]) {
			panic("SP is not what the program made it");
		}
	}
}
