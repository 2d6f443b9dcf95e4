/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Entry and return probes on functions that sign their return addresses, on a CPU that signs: a
 * return to a wrong address, or with a wrong signature, ends in the vectors. Runs on QEMU's virt
 * board at EL2, without anything below it. Exit status 0 = all as it should be.
 * Ref: Arm ARM DDI 0487, D8.8 (pointer authentication), D19.2.121 (SCTLR_EL2).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/core/dispatch.h"
#include "probes/hprobe/aarch64/pac_victims.h"
#include "probes/hprobe/hprobe.h"
#include "probes/insn/step.h"
#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"
#include "runtime/helpers/env.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/guest.h"
#include "runtime/hooks/mem.h"
#include "runtime/hooks/text.h"
#include "runtime/init/init.h"
#include "runtime/sym/image.h"

#define SEMIHOSTING_WRITE0 0x04
#define SEMIHOSTING_EXIT 0x18
#define STOPPED 0x20026
#define ROUNDS 100u
#define MEMORY_SIZE (UINT32_C(8) << 20)
#define SCTLR_ENIA (UINT64_C(1) << 31)
/* T0SZ of 48 bits; RES1. */
#define TCR (UINT64_C(1) << 31 | UINT64_C(1) << 23 | 16)

#define READ_REGISTER(name)                                                                        \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));                                 \
		value_;                                                                            \
	})
#define WRITE_REGISTER(name, value) __asm__ volatile("msr " #name ", %0" ::"r"(value))

void pac_main(void);
__attribute__((noreturn)) void pac_exit(uint64_t status);
uint64_t pac_call(uint64_t n, uint64_t (*function)(uint64_t n));

/* By the linker. */
extern const uint64_t __start___patchable_function_entries[], __stop___patchable_function_entries[];

static uint8_t memory[MEMORY_SIZE] AXB_ALIGNED(4096);
static uint8_t probe_memory[MEMORY_SIZE] AXB_ALIGNED(4096);
static uint8_t slots[4096] AXB_ALIGNED(4096);

static uint64_t semihosting(uint64_t operation, const void *block)
{
	register uint64_t x0 __asm__("x0") = operation;
	register const void *x1 __asm__("x1") = block;
	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	return x0;
}

__attribute__((noreturn)) void pac_exit(uint64_t status)
{
	const uint64_t block[2] = {STOPPED, status};
	for (;;) {
		(void)semihosting(SEMIHOSTING_EXIT, block);
	}
}

static void check(bool ok, const char *what)
{
	if (!ok) {
		(void)semihosting(SEMIHOSTING_WRITE0, what);
		(void)semihosting(SEMIHOSTING_WRITE0, "\n");
		pac_exit(1);
	}
}

/* The hooks: one CPU, all memory is there, nothing is cached. */

uint32_t axb_plat_cpu_id(void)
{
	return 0;
}

uint32_t axb_plat_cpu_count(void)
{
	return 1;
}

uint64_t axb_plat_time_ns(void)
{
	return READ_REGISTER(cntpct_el0);
}

uint64_t axb_plat_irq_save(void)
{
	return 0;
}

void axb_plat_irq_restore(uint64_t state)
{
	(void)state;
}

void axb_plat_vcpu_context(struct axb_vcpu_context *out)
{
	*out = (struct axb_vcpu_context){.vcpu_id = AXB_VCPU_NONE};
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	(void)file;
	(void)line;
	check(false, what);
	pac_exit(1);
}

bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	memcpy(to, (const void *)(uintptr_t)from, size);
	return true;
}

bool axb_plat_slot_area(uint64_t *start, size_t *size)
{
	*start = (uint64_t)(uintptr_t)slots;
	*size = sizeof(slots);
	return true;
}

bool axb_plat_text_write(uint64_t address, const void *bytes, size_t size)
{
	memcpy((void *)(uintptr_t)address, bytes, size);
	return true;
}

void axb_plat_text_sync(void)
{
	__asm__ volatile("isb");
}

void axb_plat_text_stop(void (*change)(void *cookie), void *cookie)
{
	change(cookie);
	__asm__ volatile("isb");
}

size_t axb_plat_patch_sites(const uint64_t **entries)
{
	*entries = __start___patchable_function_entries;
	return (size_t)(__stop___patchable_function_entries - __start___patchable_function_entries);
}

/* The test. */

static void sign_addresses(void)
{
	WRITE_REGISTER(tcr_el2, TCR);
	/* APIAKeyLo_EL1, APIAKeyHi_EL1 */
	WRITE_REGISTER(s3_0_c2_c1_0, UINT64_C(0x0123456789abcdef));
	WRITE_REGISTER(s3_0_c2_c1_1, UINT64_C(0xfedcba9876543210));
	WRITE_REGISTER(sctlr_el2, READ_REGISTER(sctlr_el2) | SCTLR_ENIA);
	__asm__ volatile("isb");
}

static void init(void)
{
	static const struct axb_helper_table no_helpers = {.count = 0};
	const struct axb_config config = {
		.memory = memory, .memory_size = sizeof(memory), .helpers = &no_helpers};
	struct axb_init_error why;
	struct axb_arena arena;
	check(axb_init_with_symbols(&config, axb_symtab_image_bytes(), 1, UINT64_MAX, &why) ==
				AXB_OK &&
			axb_cpu_init() == AXB_OK,
		"init");
	check(axb_hprobe_memory_size(1) <= sizeof(probe_memory), "memory");
	axb_arena_init(&arena, probe_memory, sizeof(probe_memory));
	check(axb_hprobe_init(1, &arena) == AXB_OK, "hprobe init");
}

typedef uint64_t (*victim_fn_t)(uint64_t n);
static const victim_fn_t victims[] = {pac_leaf, pac_plain, pac_tail, pac_recursive};

static void call_all(void)
{
	for (uint64_t n = 1; n <= ROUNDS; n++) {
		for (size_t i = 0; i < AXB_ARRAY_COUNT(victims); i++) {
			check(pac_call(n, victims[i]) == n + 1, "a wrong result, or register");
		}
	}
}

static void attach(victim_fn_t victim, bool is_return)
{
	const struct axb_hprobe_config config = {
		.address = (uint64_t)(uintptr_t)victim, .is_return = is_return};
	struct axb_hprobe_error why;
	check(axb_hprobe_attach(&config, &why) == AXB_OK, why.what);
}

/* Each was hit and has returned as often as it was called, without a trap. */
static void check_sites(void)
{
	struct axb_hprobe_info info;
	uint32_t cursor = 0;
	uint64_t hits = 0;
	while (axb_hprobe_next(&cursor, &info)) {
		check(info.step == AXB_STEP_SITE, "not by its patch site");
		/* Behind its BTI. */
		check(info.address == info.function + 4, "not behind the landing pad");
		check(info.stats.handled == info.stats.hits &&
				info.stats.returned + info.stats.no_instance == info.stats.hits,
			"hits without a return");
		hits += info.stats.hits;
	}
	/* Of pac_leaf() and pac_plain() by the others too; n + 1 of pac_recursive(). */
	check(hits == ROUNDS * (1 + 2 + 3) + ROUNDS * (ROUNDS + 3) / 2, "wrong number of hits");
}

void pac_main(void)
{
	sign_addresses();
	init();
	call_all();
	check(pac_signed == 2 * (uint64_t)ROUNDS, "this CPU signs nothing");
	for (size_t i = 0; i < AXB_ARRAY_COUNT(victims); i++) {
		attach(victims[i], false);
		attach(victims[i], true);
	}
	call_all();
	check(pac_signed == 4 * (uint64_t)ROUNDS, "no signature with a probe");
	check_sites();
	axb_hprobe_deinit();
	call_all();
	(void)semihosting(SEMIHOSTING_WRITE0, "signed returns came back through their probes\n");
	pac_exit(0);
}
