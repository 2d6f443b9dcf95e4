/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Random tables of 4 or 5 levels, used by the CPU and walked by our walker: the same memory is
 * read, or the fault has the error code that ours explains. Runs on QEMU without anything below it.
 * Ref: AMD64 APM vol. 2, 8.4.2 (error code of #PF).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/xlate/x86_64.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

#define ROUNDS 100u
#define TRIALS 2500u
#define POOL_SIZE (UINT32_C(1) << 18)
#define RAM_SIZE UINT64_C(0x8000000)
/* No memory and no device is from here on. */
#define NOTHING (UINT64_C(1) << 36)

#define CR0_WP (UINT64_C(1) << 16)
#define CR4_LA57 (UINT64_C(1) << 12)
#define CR4_SMAP (UINT64_C(1) << 21)
#define EFER 0xc0000080u
#define EFER_NXE (UINT64_C(1) << 11)
#define NX (UINT64_C(1) << 63)

/* Error codes. */
#define PF_PROTECTION 1u
#define PF_WRITE 2u
#define PF_RESERVED 8u
#define GENERAL_PROTECTION 0x10000u

#define PORT_DEBUG 0xe9
#define PORT_EXIT 0xf4

void pf_main(void);
uint64_t pf_read(uint64_t address, uint64_t *out);
uint64_t pf_write(uint64_t address, uint64_t value);
extern const uint8_t pf_general_protection[], pf_page_fault[];
extern uint64_t pf_level4[512], pf_level5[512];

static uint64_t pool[POOL_SIZE / 8] AXB_ALIGNED(4096);
static struct {
	uint64_t low, high;
} idt[15];
static uint64_t seed = 88172645463325252;
static uint32_t differences;
static uint32_t seen[AXB_XLATE_FAULT_COUNT_];
static uint32_t refused;

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "d"(port));
}

static void print(const char *text)
{
	for (; *text != '\0'; text++) {
		out8(PORT_DEBUG, (uint8_t)*text);
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

/* The CPU sets bits of what it takes for tables, so they are nowhere else. */
static uint64_t any_address(void)
{
	if (below(32) == 0) {
		return (any() & ((UINT64_C(1) << (37 + below(15))) - 1)) | NOTHING;
	}
	return (uint64_t)(uintptr_t)pool + below(POOL_SIZE);
}

static uint64_t any_entry(void)
{
	const uint64_t attributes = UINT64_C(0x7ff0000000000f78); /* no NX, P, W, U nor PS */
	uint64_t entry = any_address() & UINT64_C(0xffffffffff000);
	entry |= any() & attributes;
	entry |= (below(16) != 0 ? 1 : 0) | (below(4) != 0 ? 2 : 0) | (below(4) != 0 ? 4 : 0);
	entry |= below(16) == 0 ? NX : 0;
	switch (below(12)) {
	case 0:
		return entry | 0x80;
	case 1:
		return (entry & ~UINT64_C(0x1fe000)) | 0x80;
	case 2:
		return (entry & ~UINT64_C(0x3fffe000)) | 0x80;
	default:
		return entry;
	}
}

static bool read_ram(void *cookie, uint64_t gpa, uint64_t *out)
{
	(void)cookie;
	if (gpa > RAM_SIZE - sizeof(*out)) {
		return false;
	}
	memcpy(out, (const void *)(uintptr_t)gpa, sizeof(*out));
	return true;
}

static void cpuid(uint32_t leaf, uint32_t out[4])
{
	__asm__("cpuid"
		: "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
		: "a"(leaf), "c"(0));
}

static struct axb_xlate_x86_64_cpu read_cpu(void)
{
	uint32_t sizes[4];
	uint32_t features[4];
	cpuid(0x80000008, sizes);
	cpuid(0x80000001, features);
	return (struct axb_xlate_x86_64_cpu){
		.pa_bits = (uint8_t)sizes[0], .has_1g = (features[3] >> 26 & 1) != 0};
}

#define READ_CR(n)                                                                                 \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value_));                             \
		value_;                                                                            \
	})
#define WRITE_CR(n, value) __asm__ volatile("mov %0, %%cr" #n ::"r"((uint64_t)(value)) : "memory")

/* Rights that change from round to round. */
static void set_rights(struct axb_xlate_x86_64_regs *regs, bool has_smap)
{
	regs->cr0 = (READ_CR(0) & ~CR0_WP) | (below(2) != 0 ? CR0_WP : 0);
	regs->cr4 = (READ_CR(4) & ~CR4_SMAP) | (has_smap && below(2) != 0 ? CR4_SMAP : 0);
	uint32_t low;
	uint32_t high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(EFER));
	regs->efer = (low & ~EFER_NXE) | (below(4) != 0 ? EFER_NXE : 0);
	__asm__ volatile("wrmsr" ::"c"(EFER), "a"((uint32_t)regs->efer), "d"(high));
	WRITE_CR(0, regs->cr0);
	WRITE_CR(4, regs->cr4);
}

/* Not below entry 0 of the top level, which is ours. */
static uint64_t any_gva(uint32_t bits)
{
	uint64_t gva = any() & ~UINT64_C(7);
	if (below(16) != 0) {
		gva &= (UINT64_C(1) << bits) - 1;
		gva |= UINT64_C(1) << (bits - 2);
		gva |= (gva >> (bits - 1)) != 0 ? ~((UINT64_C(1) << bits) - 1) : 0;
	}
	return gva;
}

/* What pf_read() or pf_write() must say; -1 = nobody knows. */
static int64_t expected_result(
	const struct axb_xlate *x, const struct axb_xlate_x86_64_regs *regs, bool is_write)
{
	uint64_t write = is_write ? PF_WRITE : 0;
	bool user = (x->flags & AXB_XLATE_USER_READ) != 0;
	switch (x->fault) {
	case AXB_XLATE_NONE:
		break;
	case AXB_XLATE_ADDRESS:
		return GENERAL_PROTECTION + 1;
	case AXB_XLATE_NOT_PRESENT:
	case AXB_XLATE_UNREADABLE: /* reads as zeros on this machine */
		return (int64_t)write + 1;
	case AXB_XLATE_RESERVED:
		/* QEMU 7.2 does not set P here, as CPUs do. */
		return (int64_t)(PF_RESERVED | write) + 1;
	default:
		return -1;
	}
	if ((is_write && (x->flags & AXB_XLATE_KERNEL_WRITE) == 0) ||
		(user && (regs->cr4 & CR4_SMAP) != 0)) {
		return (int64_t)(PF_PROTECTION | write) + 1;
	}
	return 0;
}

static void report(const struct axb_xlate_x86_64_regs *regs, uint64_t gva,
	const struct axb_xlate *x, uint64_t expected, uint64_t got)
{
	const uint64_t values[] = {regs->cr0, regs->cr4, regs->efer, gva, x->gpa, expected, got};
	static const char *const names[] = {
		"cr0 ", " cr4 ", " efer ", " gva ", " gpa ", " expected ", " got "};
	char buffer[300];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	for (uint32_t i = 0; i < AXB_ARRAY_COUNT(values); i++) {
		axb_text_str(&text, names[i]);
		axb_text_0x(&text, values[i], 1);
	}
	for (uint32_t i = 0; i < x->step_count; i++) {
		axb_text_char(&text, ' ');
		axb_text_hex(&text, x->steps[i].entry, 16);
	}
	axb_text_char(&text, '\n');
	print(buffer);
}

static void expect_equal(const struct axb_xlate_x86_64_regs *regs, uint64_t gva,
	const struct axb_xlate *x, uint64_t expected, uint64_t got)
{
	if (expected != got && differences++ < 20) {
		report(regs, gva, x, expected, got);
	}
}

static void trial(const struct axb_xlate_x86_64_cpu *cpu, const struct axb_xlate_x86_64_regs *regs,
	uint32_t bits)
{
	const struct axb_xlate_reader reader = {.read = read_ram};
	uint64_t gva = any_gva(bits);
	uint64_t value = 0;
	uint64_t there = 0;
	struct axb_xlate x;
	(void)axb_xlate_x86_64(cpu, regs, &reader, gva, &x);
	seen[x.fault]++;
	/* Our own variables may change between reading and writing back. */
	bool is_write = below(2) != 0 && (x.gpa - (uint64_t)(uintptr_t)pool < POOL_SIZE ||
						 x.fault != AXB_XLATE_NONE || x.gpa > RAM_SIZE);
	int64_t expected = expected_result(&x, regs, is_write);
	if (expected < 0) {
		return;
	}
	/* What is written is what is there. */
	bool is_ram = read_ram(NULL, x.gpa, &there);
	uint64_t result = is_write ? pf_write(gva, there) : pf_read(gva, &value);
	refused += x.fault == AXB_XLATE_NONE && expected != 0;
	expect_equal(regs, gva, &x, (uint64_t)expected, result);
	if (!is_write && result == 0 && is_ram) {
		(void)read_ram(NULL, x.gpa, &there); /* by now with bits that the CPU has set */
		expect_equal(regs, gva, &x, there, value);
	}
}

static void set_gate(uint32_t vector, const void *handler)
{
	uint64_t at = (uint64_t)(uintptr_t)handler;
	idt[vector].low = (at & 0xffff) | UINT64_C(8) << 16 | UINT64_C(0x8e) << 40 |
			  (at >> 16 & 0xffff) << 48;
	idt[vector].high = at >> 32;
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
		if (fault == AXB_XLATE_NONE) {
			axb_text_str(&text, "; no right to it: ");
			axb_text_u64(&text, refused);
		}
		axb_text_char(&text, '\n');
		print(buffer);
	}
}

void pf_main(void)
{
	const struct axb_xlate_x86_64_cpu cpu = read_cpu();
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} pointer = {sizeof(idt) - 1, (uint64_t)(uintptr_t)idt};
	uint32_t features[4];
	struct axb_xlate_x86_64_regs regs = {.cr3 = READ_CR(3)};
	bool has_5 = (READ_CR(4) & CR4_LA57) != 0;
	uint64_t *top = has_5 ? pf_level5 : pf_level4;
	set_gate(13, pf_general_protection);
	set_gate(14, pf_page_fault);
	__asm__ volatile("lidt %0" ::"m"(pointer));
	cpuid(7, features);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		set_rights(&regs, (features[1] >> 20 & 1) != 0);
		for (uint32_t i = 0; i < AXB_ARRAY_COUNT(pool); i++) {
			pool[i] = any_entry();
		}
		for (uint32_t i = 1; i < 512; i++) {
			do {
				top[i] = any_entry();
			} while ((top[i] & 0x80) != 0 && below(8) != 0);
		}
		WRITE_CR(3, regs.cr3);
		for (uint32_t i = 0; i < TRIALS; i++) {
			trial(&cpu, &regs, has_5 ? 57 : 48);
		}
	}
	print(has_5 ? "five levels\n" : "four levels\n");
	summary();
	/* The device ends QEMU with twice this and 1. */
	out8(PORT_EXIT, differences == 0 ? 1 : 2);
	for (;;) {
		__asm__ volatile("hlt");
	}
}
