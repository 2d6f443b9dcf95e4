/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Runs testdata/isa on the interpreter as the hypervisor toolchains compile it, in a process
 * without a C library: two system calls of Linux, write and exit. Exit status 0 when every case
 * gave what it should.
 */
#include <stddef.h>

#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/hooks/core.h"
#include "runtime/interp/bare/cases.h"
#include "runtime/interp/interp.h"
#include "runtime/maps/map.h"
#include "runtime/verifier/verify.h"

#if defined(__aarch64__)
enum { SYSCALL_WRITE = 64, SYSCALL_EXIT = 93 };

static long system_call(long number, long a, long b, long c)
{
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x8 __asm__("x8") = number;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x8) : "memory");
	return x0;
}
#else
enum { SYSCALL_WRITE = 1, SYSCALL_EXIT = 60 };

static long system_call(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall"
		: "=a"(result)
		: "a"(number), "D"(a), "S"(b), "d"(c)
		: "rcx", "r11", "memory");
	return result;
}
#endif

static void print(const struct axb_text *text)
{
	(void)system_call(SYSCALL_WRITE, 1, (long)text->buffer, (long)text->length);
}

__attribute__((noreturn)) static void leave(int status)
{
	for (;;) {
		(void)system_call(SYSCALL_EXIT, status, 0, 0);
	}
}

/* Hooks of the map library, of which nothing runs here. */
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
	return 0;
}

uint64_t axb_plat_irq_save(void)
{
	return 0;
}

void axb_plat_irq_restore(uint64_t state)
{
	(void)state;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	(void)file;
	(void)line;
	(void)what;
	leave(3);
}

/* The helpers of the case files. */
static uint64_t helper_sum(
	struct axb_env *env, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)env;
	return a + b + c + d + e;
}

static uint64_t helper_first(
	struct axb_env *env, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)env;
	(void)b;
	(void)c;
	(void)d;
	(void)e;
	return a;
}

static const struct axb_helper_impl impls[] = {{1000, helper_sum}, {1001, helper_first}};
static const struct axb_helper_table helpers = {impls, 2};

static uint8_t map_value[16] AXB_ALIGNED(8);
static struct axb_map map = {
	.def = {.type = 2, .key_size = 4, .value_size = 16, .max_entries = 1},
	.values = map_value,
	.values_size = sizeof(map_value),
	.value_stride = sizeof(map_value),
	.cpu_count = 1,
};
static uint64_t arena_memory[1 << 14];
static uint64_t context[32];

/* What the case gives, and in @env how. */
static enum axb_status run(const struct bare_case *c, struct axb_env *env)
{
	struct axb_map *const maps[] = {&map};
	const struct axb_code code = {
		c->insns, c->insn_count, AXB_PROG_TYPE_RAW, maps, 1, &helpers};
	struct axb_arena arena;
	const struct axb_checked *checked;
	const struct axb_interp *interp;
	struct axb_reject why;
	memset(map_value, 0, sizeof(map_value));
	memcpy(context, c->mem, c->mem_size);
	axb_arena_init(&arena, arena_memory, sizeof(arena_memory));
	AXB_TRY(axb_verify(&code, &arena, &checked, &why));
	AXB_TRY(axb_interp_create(checked, &arena, &interp));
	memset(env, 0, sizeof(*env));
	env->ctx = c->mem_size == 0 ? NULL : context;
	env->ctx_size = c->mem_size;
	(void)axb_interp_run(interp, env);
	return AXB_OK;
}

static bool passes(const struct bare_case *c)
{
	struct axb_env env;
	if (run(c, &env) != AXB_OK || env.fault.result != c->fault) {
		return false;
	}
	if (c->after != NULL && memcmp(context, c->after, c->mem_size) != 0) {
		return false;
	}
	return c->fault != AXB_RUN_OK || env.r0 == c->result;
}

__attribute__((used, noreturn)) static void bare_main(void)
{
	char buffer[160];
	struct axb_text text;
	uint32_t failed = 0;
	for (uint32_t i = 0; i < bare_case_count; i++) {
		if (passes(&bare_cases[i])) {
			continue;
		}
		failed++;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_str(&text, "failed: ");
		axb_text_str(&text, bare_cases[i].name);
		axb_text_char(&text, '\n');
		print(&text);
	}
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_text_u64(&text, bare_case_count - failed);
	axb_text_str(&text, " cases passed, ");
	axb_text_u64(&text, failed);
	axb_text_str(&text, " failed\n");
	print(&text);
	leave(failed == 0 ? 0 : 1);
}

/* Purpose: first instruction of the process; aligns the stack as both ABIs want it at a call.
 * In: stack pointer set by the kernel. Out: does not return. */
#if defined(__aarch64__)
__asm__(".section .text.start, \"ax\"\n"
	".globl _start\n"
	"_start:\n"
	"	b bare_main\n");
#else
__asm__(".section .text.start, \"ax\"\n"
	".globl _start\n"
	"_start:\n"
	"	andq $-16, %rsp\n"
	"	call bare_main\n");
#endif
