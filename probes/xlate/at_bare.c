/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Random tables in every format, walked by the CPU (AT instructions, PAR_EL1) and by our walker:
 * the same address, or the same fault at the same level. Runs on QEMU's virt board at EL2, without
 * anything below it. Exit status 0 = no difference.
 * Ref: Arm ARM DDI 0487, C5.5 (AT), D19.2.111 (PAR_EL1).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/xlate/aarch64.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

#define ROUNDS 40u
#define TRIALS 2500u
#define POOL_SIZE (UINT32_C(1) << 20)
#define POOL_ALIGN 65536u
#define RAM_BASE UINT64_C(0x40000000)
#define RAM_SIZE UINT64_C(0x8000000)
/* No memory and no device is from here on. */
#define NOTHING UINT64_C(0x80000000)
#define SEMIHOSTING_WRITE0 0x04
#define SEMIHOSTING_EXIT 0x18
#define STOPPED 0x20026

#define READ_REGISTER(name)                                                                        \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_));                                 \
		value_;                                                                            \
	})
#define WRITE_REGISTER(name, value) __asm__ volatile("msr " #name ", %0" ::"r"(value))
#define TRANSLATE(kind, address)                                                                   \
	({                                                                                         \
		at_abort = 0;                                                                      \
		__asm__ volatile("at " #kind ", %0\n\tisb" ::"r"(address) : "memory");             \
		at_abort == 0 ? READ_REGISTER(par_el1) : (at_abort & 0x3f) << 1 | 1;               \
	})

/* The syndrome of the exception that the last AT took; 0 = none. */
extern volatile uint64_t at_abort;
volatile uint64_t at_abort;

void at_main(void);
__attribute__((noreturn)) void at_exit(uint64_t status);

static uint64_t pool[POOL_SIZE / 8] AXB_ALIGNED(POOL_ALIGN);
static uint64_t seed = 88172645463325252;
static uint32_t differences;
static uint32_t seen[AXB_XLATE_FAULT_COUNT_];

static uint64_t semihosting(uint64_t operation, const void *block)
{
	register uint64_t x0 __asm__("x0") = operation;
	register const void *x1 __asm__("x1") = block;
	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	return x0;
}

void at_exit(uint64_t status)
{
	const uint64_t block[] = {STOPPED, status};
	semihosting(SEMIHOSTING_EXIT, block);
	for (;;) {
	}
}

/* xorshift64 */
static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t below(uint64_t limit)
{
	return (any() >> 16) % limit;
}

/* Where a table can be, mostly. */
static uint64_t any_address(void)
{
	switch (below(16)) {
	case 0:
		return (any() & ((UINT64_C(1) << (32 + below(21))) - 1)) | NOTHING;
	case 1:
		return RAM_BASE + below(RAM_SIZE);
	default:
		return (uint64_t)(uintptr_t)pool + below(POOL_SIZE);
	}
}

static uint64_t any_descriptor(void)
{
	static const uint8_t kinds[] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 2};
	/* Attributes, without address bits 9:8 of FEAT_LPA2 and 15:12 of 64K pages. */
	const uint64_t attributes = UINT64_C(0x7ff0000000000cfc);
	uint64_t entry = kinds[below(sizeof(kinds))] | (any_address() & ~UINT64_C(0xffff));
	entry &= UINT64_C(0x3ffffffffffff);
	entry |= any() & attributes;
	entry |= below(8) != 0 ? UINT64_C(1) << 10 : 0;
	/* High address bits where they are low, seldom. */
	return below(32) == 0 ? entry | (any() & 0xf300) : entry;
}

static bool read_ram(void *cookie, uint64_t gpa, uint64_t *out)
{
	(void)cookie;
	if (gpa < RAM_BASE || gpa - RAM_BASE > RAM_SIZE - sizeof(*out)) {
		return false;
	}
	memcpy(out, (const void *)(uintptr_t)gpa, sizeof(*out));
	return true;
}

static uint64_t any_tcr(void)
{
	/* IPS, TBI0, TBI1, HPD0, HPD1, DS. */
	const uint64_t random =
		UINT64_C(7) << 32 | UINT64_C(3) << 37 | UINT64_C(3) << 41 | UINT64_C(1) << 59;
	uint64_t tcr = any() & random;
	if (below(4) != 0) {
		tcr |= UINT64_C(5) << 32; /* at least 48 bits, mostly */
	}
	tcr |= below(64) == 0 ? UINT64_C(1) << 7 : 0;
	tcr |= below(64) == 0 ? UINT64_C(1) << 23 : 0;
	tcr |= below(3) << 14 | (1 + below(3)) << 30; /* no reserved granule */
	if (below(16) == 0) {
		return tcr | below(64) | below(64) << 16;
	}
	return tcr | (12 + below(37)) | (12 + below(37)) << 16;
}

/* Within the range of its half, mostly. */
static uint64_t any_gva(uint64_t tcr)
{
	bool is_upper = below(2) != 0;
	uint32_t txsz = (uint32_t)(tcr >> (is_upper ? 16 : 0) & 0x3f);
	uint64_t gva = any();
	if (below(16) != 0 && txsz != 0) {
		gva = is_upper ? gva | ~(UINT64_MAX >> txsz) : gva & UINT64_MAX >> txsz;
	}
	if (below(4) == 0) {
		gva ^= any() << 56;
	}
	return gva;
}

static void load(const struct axb_xlate_aarch64_regs *regs)
{
	WRITE_REGISTER(sctlr_el1, regs->sctlr);
	WRITE_REGISTER(tcr_el1, regs->tcr);
	WRITE_REGISTER(ttbr0_el1, regs->ttbr0);
	WRITE_REGISTER(ttbr1_el1, regs->ttbr1);
	__asm__ volatile("dsb sy\n\tisb\n\ttlbi alle1\n\tdsb sy\n\tisb" ::: "memory");
}

/* PAR_EL1 for a fault of ours: F, and FST in bits 6:1. */
static uint64_t fault_par(const struct axb_xlate *x)
{
	static const uint8_t at_level_0[] = {
		[AXB_XLATE_ADDRESS] = 0x04,
		[AXB_XLATE_DISABLED] = 0x04,
		[AXB_XLATE_NOT_PRESENT] = 0x04,
		[AXB_XLATE_RESERVED] = 0x04,
		[AXB_XLATE_REGISTERS] = 0x04,
		[AXB_XLATE_SIZE] = 0x00,
		[AXB_XLATE_UNREADABLE] = 0x14,
	};
	uint64_t status = at_level_0[x->fault] + (uint64_t)x->level;
	return status << 1 | 1;
}

/* PAR_EL1 that we expect of an access that needs one of @flags, or none. */
static uint64_t expected_par(const struct axb_xlate *x, uint32_t flags)
{
	if (x->fault != AXB_XLATE_NONE) {
		return fault_par(x);
	}
	if (x->size == 0) {
		return x->gpa & ~UINT64_C(0xfff);
	}
	if ((x->flags & AXB_XLATE_ACCESSED) == 0) {
		return (UINT64_C(0x08) + (uint64_t)x->level) << 1 | 1;
	}
	if ((x->flags & flags) != flags) {
		return (UINT64_C(0x0c) + (uint64_t)x->level) << 1 | 1;
	}
	return x->gpa & ~UINT64_C(0xfff);
}

static void say(const char *what, uint64_t value, struct axb_text *text)
{
	axb_text_str(text, what);
	axb_text_0x(text, value, 1);
}

static void report(const struct axb_xlate_aarch64_regs *regs, uint64_t gva, uint32_t flags,
	uint64_t expected, uint64_t par)
{
	char buffer[300];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	say("tcr ", regs->tcr, &text);
	say(" sctlr ", regs->sctlr, &text);
	say(" ttbr0 ", regs->ttbr0, &text);
	say(" ttbr1 ", regs->ttbr1, &text);
	say(" gva ", gva, &text);
	say(" flags ", flags, &text);
	say(": expected ", expected, &text);
	say(", PAR_EL1 ", par, &text);
	axb_text_char(&text, '\n');
	semihosting(SEMIHOSTING_WRITE0, buffer);
}

static void compare(const struct axb_xlate_aarch64_regs *regs, uint64_t gva, uint32_t flags,
	const struct axb_xlate *x, uint64_t par)
{
	uint64_t expected = expected_par(x, flags);
	/* Without the attributes, and what is RES1. */
	uint64_t mask = (par & 1) != 0 ? 0x7f : UINT64_C(0xffffffffff001);
	if ((par & mask) != expected && differences++ < 20) {
		report(regs, gva, flags, expected, par & mask);
	}
}

/*
 * QEMU 7.2 takes blocks at levels that have none, looks at address bits inside of a block, does not
 * look at address bits 51:48 when TCR_EL1.IPS says less than 52, and ends itself (arm_fi_to_lfsc())
 * when an AT instruction meets a fault at level -1.
 */
static bool is_different_in_qemu(
	const struct axb_xlate_aarch64_cpu *cpu, const struct axb_xlate *x, uint64_t tcr)
{
	const uint64_t high = UINT64_C(0x300000000f300);
	if (x->fault == AXB_XLATE_REGISTERS) {
		return !cpu->has_4k || !cpu->has_16k || !cpu->has_64k;
	}
	if (x->fault == AXB_XLATE_SIZE && x->step_count != 0 && (tcr >> 32 & 7) < 6 &&
		(x->steps[x->step_count - 1].entry & high) != 0) {
		return true;
	}
	if (x->fault == AXB_XLATE_NONE && x->step_count != 0) {
		uint64_t inside = x->steps[x->step_count - 1].entry & (x->size - 1);
		return (inside & UINT64_C(0xffff00000000)) != 0;
	}
	return (x->fault == AXB_XLATE_RESERVED && x->level != 3) ||
	       (x->fault != AXB_XLATE_NONE && x->level == -1);
}

static void trial(const struct axb_xlate_aarch64_cpu *cpu)
{
	const struct axb_xlate_reader reader = {.read = read_ram};
	const struct axb_xlate_aarch64_regs regs = {
		.sctlr = UINT64_C(0x30d00800) | (below(64) != 0 ? 1 : 0),
		.tcr = any_tcr(),
		.ttbr0 = (any_address() & UINT64_C(0xffffffffffff)) |
			 below(16) / 15 * (any() & 0x3e),
		.ttbr1 = any_address() & UINT64_C(0xffffffffffff),
	};
	load(&regs);
	for (uint32_t i = 0; i < 4; i++) {
		uint64_t gva = any_gva(regs.tcr);
		struct axb_xlate x;
		(void)axb_xlate_aarch64(cpu, &regs, &reader, gva, &x);
		seen[x.fault]++;
		if (is_different_in_qemu(cpu, &x, regs.tcr)) {
			continue;
		}
		compare(&regs, gva, 0, &x, TRANSLATE(s1e1r, gva));
		compare(&regs, gva, AXB_XLATE_KERNEL_WRITE, &x, TRANSLATE(s1e1w, gva));
		compare(&regs, gva, AXB_XLATE_USER_READ, &x, TRANSLATE(s1e0r, gva));
		compare(&regs, gva, AXB_XLATE_USER_WRITE, &x, TRANSLATE(s1e0w, gva));
	}
}

static void summary(void)
{
	for (uint32_t fault = 0; fault < AXB_XLATE_FAULT_COUNT_; fault++) {
		char buffer[160];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_u64_field(&text, seen[fault], -8);
		axb_text_char(&text, ' ');
		axb_text_str(&text, axb_xlate_fault_text((enum axb_xlate_fault)fault));
		axb_text_char(&text, '\n');
		semihosting(SEMIHOSTING_WRITE0, buffer);
	}
}

void at_main(void)
{
	const struct axb_xlate_aarch64_cpu cpu = axb_xlate_aarch64_cpu_of(
		READ_REGISTER(id_aa64mmfr0_el1), READ_REGISTER(id_aa64mmfr2_el1));
	WRITE_REGISTER(hcr_el2, UINT64_C(1) << 31); /* EL1 is AArch64 */
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < AXB_ARRAY_COUNT(pool); i++) {
			pool[i] = any_descriptor();
		}
		for (uint32_t i = 0; i < TRIALS; i++) {
			trial(&cpu);
		}
	}
	summary();
	at_exit(differences != 0);
}
