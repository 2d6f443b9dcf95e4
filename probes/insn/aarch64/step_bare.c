/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Each instruction of step_native.S in place and stepped, as a Linux process without a C library,
 * for qemu-aarch64: exit status 0 when the state after it was the same each time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/insn/aarch64/decode.h"
#include "probes/insn/aarch64/step.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

enum { SYSCALL_WRITE = 64, SYSCALL_EXIT = 93, SYSCALL_MPROTECT = 226 };

#define ROUNDS 50u
#define PAGE 4096u
#define DATA_SIZE 1024u
#define FLAGS UINT64_C(0xf0000000)
#define PROT_ALL 7

uint64_t native_run(uint64_t entry, struct axb_user_pt_regs *regs);
void test_main(void);
extern const uint8_t native_exit_next[], native_exit_taken[];
extern const uint32_t native_insns[], native_insns_end[];

/* site | slot | data | stack */
static uint8_t arena[4 * PAGE] AXB_ALIGNED(PAGE);
static uint8_t memory_before[DATA_SIZE], memory_expected[DATA_SIZE];
static uint32_t *const site = (uint32_t *)(void *)(arena + 1024);
static uint32_t *const taken = (uint32_t *)(void *)(arena + 1024 + 64);
static uint32_t *const slot = (uint32_t *)(void *)(arena + PAGE);
static uint8_t *const data = arena + (size_t)2 * PAGE;
static uint8_t *const stack = arena + (size_t)3 * PAGE;

static long system_call(long number, long a, long b, long c)
{
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x8 __asm__("x8") = number;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x8) : "memory");
	return x0;
}

static void say(const char *what, uint64_t index, uint32_t word)
{
	char buffer[120];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_str(&text, what);
	axb_text_char(&text, ' ');
	axb_text_u64(&text, index);
	axb_text_str(&text, ": ");
	axb_text_hex(&text, word, 8);
	axb_text_char(&text, '\n');
	(void)system_call(SYSCALL_WRITE, 1, (long)text.buffer, (long)text.length);
}

static uint64_t random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void flush(void)
{
	for (size_t at = 0; at < (size_t)2 * PAGE; at += 16) {
		__asm__ volatile("dc cvau, %0\n\tic ivau, %0" : : "r"(arena + at) : "memory");
	}
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

/* ldr x28, .+8; br x28; address */
static void put_exit(uint32_t *at, const uint8_t *target)
{
	uint64_t address = (uint64_t)target;
	at[0] = 0x5800005c;
	at[1] = 0xd61f0380;
	memcpy(at + 2, &address, sizeof(address));
}

/* The word, aimed at the taken exit or at data. */
static uint32_t aimed(uint32_t word)
{
	struct axb_a64_insn insn;
	axb_a64_decode(word, &insn);
	uint32_t to_taken = (uint32_t)(taken - site);
	uint32_t to_data = (uint32_t)((data + 64 - (uint8_t *)site) / 4);
	switch (insn.kind) {
	case AXB_A64_B:
	case AXB_A64_BL:
		return word | to_taken;
	case AXB_A64_TBZ:
	case AXB_A64_B_COND:
	case AXB_A64_CBZ:
		return word | to_taken << 5;
	case AXB_A64_ADR:
	case AXB_A64_ADRP:
		return word | to_data << 5 | UINT32_C(1) << 29;
	case AXB_A64_LDR_LITERAL:
	case AXB_A64_PRFM_LITERAL:
		return word | to_data << 5;
	default:
		return word;
	}
}

static void random_state(struct axb_user_pt_regs *regs)
{
	for (size_t i = 0; i < 31; i++) {
		/* Zero and small numbers decide branches. */
		regs->regs[i] = random() % 3 == 0 ? random() % 2 : random();
	}
	for (size_t i = 0; i < 4; i++) {
		regs->regs[i] = (uint64_t)data + 256 + random() % 32 * 16;
	}
	regs->regs[16] = regs->regs[17] = regs->regs[30] = (uint64_t)taken;
	regs->regs[27] = regs->regs[28] = 0;
	regs->sp = (uint64_t)stack + 2048;
	regs->pstate = random() & FLAGS;
	for (size_t i = 0; i < DATA_SIZE; i++) {
		memory_before[i] = (uint8_t)random();
	}
}

static bool read_memory(void *cookie, uint64_t address, uint64_t *to, size_t size)
{
	(void)cookie;
	*to = 0;
	memcpy(to, (const void *)address, size);
	return true;
}

/* As a probe does it. */
static uint64_t stepped(uint32_t word, struct axb_user_pt_regs *regs)
{
	struct axb_step step;
	struct axb_slot_code code;
	axb_a64_step(&word, 0, &step);
	if (step.kind == AXB_STEP_SIMULATE) {
		regs->pc = (uint64_t)site;
		struct axb_a64_insn insn;
		axb_a64_decode(word, &insn);
		(void)axb_a64_simulate(&insn, regs, read_memory, NULL);
		return native_run(regs->pc, regs);
	}
	if (step.kind != AXB_STEP_SLOT ||
		axb_a64_slot(word, (uint64_t)site, (uint64_t)slot, &code) != AXB_REFUSE_NONE) {
		return UINT64_MAX;
	}
	memcpy(slot, code.bytes, code.size);
	flush();
	return native_run((uint64_t)slot, regs);
}

static bool is_same(const struct axb_user_pt_regs *a, const struct axb_user_pt_regs *b)
{
	return memcmp(a->regs, b->regs, sizeof(a->regs)) == 0 && a->sp == b->sp &&
	       a->pstate == b->pstate;
}

static bool try_once(uint32_t word)
{
	struct axb_user_pt_regs expected = {0};
	random_state(&expected);
	struct axb_user_pt_regs actual = expected;
	memcpy(data, memory_before, DATA_SIZE);
	uint64_t expected_exit = native_run((uint64_t)site, &expected);
	memcpy(memory_expected, data, DATA_SIZE);
	memcpy(data, memory_before, DATA_SIZE);
	return stepped(word, &actual) == expected_exit && is_same(&expected, &actual) &&
	       memcmp(memory_expected, data, DATA_SIZE) == 0;
}

void test_main(void)
{
	uint64_t failed = 0;
	size_t count = (size_t)(native_insns_end - native_insns);
	(void)system_call(SYSCALL_MPROTECT, (long)arena, sizeof(arena), PROT_ALL);
	for (size_t i = 0; i < count; i++) {
		uint32_t word = aimed(native_insns[i]);
		site[0] = word;
		put_exit(site + 1, native_exit_next);
		put_exit(taken, native_exit_taken);
		flush();
		for (uint32_t round = 0; round < ROUNDS; round++) {
			if (!try_once(word)) {
				say("different state after instruction", i, word);
				failed++;
				break;
			}
		}
	}
	say("instructions tried", count, 0);
	(void)system_call(SYSCALL_EXIT, failed == 0 && count > 80 ? 0 : 1, 0, 0);
}
