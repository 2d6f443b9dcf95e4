/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/hooks/fake/fake.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/hooks/guest.h"
#include "runtime/hooks/mem.h"

struct range {
	uint64_t start;
	uint64_t size;
};

/* Shared by the threads. */
static uint32_t cpu_count = AXB_FAKE_CPU_COUNT_DEFAULT;
static uint64_t time_ns;
static uint64_t time_step_ns = AXB_FAKE_TIME_STEP_DEFAULT;
static struct range readable[AXB_FAKE_READABLE_MAX];
static uint32_t readable_count;

/* Of this thread. */
static _Thread_local uint32_t cpu_id;
static _Thread_local uint32_t irq_depth;
static _Thread_local struct axb_vcpu_context vcpu = {.vcpu_id = AXB_VCPU_NONE};
static _Thread_local const uint64_t *guest_regs;
static _Thread_local size_t guest_reg_count;

struct trap {
	void (*run)(void *cookie); /* NULL: none */
	void *cookie;
};

static _Thread_local struct trap clock_trap;
static _Thread_local struct trap copy_trap;
static _Thread_local struct axb_fake_panic panic;
static _Thread_local jmp_buf *panic_exit;

void axb_fake_reset(void)
{
	axb_fake_set_cpu(0);
	axb_fake_set_cpu_count(AXB_FAKE_CPU_COUNT_DEFAULT);
	axb_fake_set_time(0, AXB_FAKE_TIME_STEP_DEFAULT);
	axb_fake_trap_at_clock(NULL, NULL);
	axb_fake_trap_at_copy(NULL, NULL);
	axb_fake_set_vcpu(NULL);
	axb_store_release(&readable_count, 0u);
	irq_depth = 0;
}

void axb_fake_set_cpu(uint32_t cpu)
{
	cpu_id = cpu;
}

uint32_t axb_plat_cpu_id(void)
{
	return cpu_id;
}

void axb_fake_set_cpu_count(uint32_t count)
{
	axb_store_relaxed(&cpu_count, count);
}

uint32_t axb_plat_cpu_count(void)
{
	return axb_load_relaxed(&cpu_count);
}

void axb_fake_set_time(uint64_t ns, uint64_t step_ns)
{
	axb_store_relaxed(&time_ns, ns);
	axb_store_relaxed(&time_step_ns, step_ns);
}

void axb_fake_advance(uint64_t ns)
{
	(void)axb_fetch_add_relaxed(&time_ns, ns);
}

void axb_fake_trap_at_clock(void (*trap)(void *cookie), void *cookie)
{
	clock_trap = (struct trap){trap, cookie};
}

void axb_fake_trap_at_copy(void (*trap)(void *cookie), void *cookie)
{
	copy_trap = (struct trap){trap, cookie};
}

static void take(struct trap *trap)
{
	struct trap taken = *trap;
	if (taken.run != NULL) {
		trap->run = NULL;
		taken.run(taken.cookie);
	}
}

uint64_t axb_plat_time_ns(void)
{
	take(&clock_trap);
	return axb_fetch_add_relaxed(&time_ns, axb_load_relaxed(&time_step_ns));
}

uint64_t axb_plat_irq_save(void)
{
	return irq_depth++;
}

void axb_plat_irq_restore(uint64_t state)
{
	AXB_CHECK(state + 1 == irq_depth);
	irq_depth = (uint32_t)state;
}

uint32_t axb_fake_irq_depth(void)
{
	return irq_depth;
}

void axb_fake_set_vcpu(const struct axb_vcpu_context *context)
{
	const struct axb_vcpu_context none = {.vcpu_id = AXB_VCPU_NONE};
	vcpu = context == NULL ? none : *context;
}

void axb_plat_vcpu_context(struct axb_vcpu_context *out)
{
	*out = vcpu;
}

void axb_fake_set_guest_regs(const uint64_t *regs, size_t count)
{
	guest_regs = regs;
	guest_reg_count = count;
}

enum axb_status axb_plat_guest_reg(uint64_t index, uint64_t *out)
{
	if (guest_regs == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	if (index >= guest_reg_count) {
		return AXB_ERR_ARG;
	}
	*out = guest_regs[index];
	return AXB_OK;
}

bool axb_fake_add_readable(const void *at, size_t size)
{
	uint32_t count = readable_count;
	if (count == AXB_FAKE_READABLE_MAX) {
		return false;
	}
	readable[count].start = (uintptr_t)at;
	readable[count].size = size;
	axb_store_release(&readable_count, count + 1);
	return true;
}

bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	take(&copy_trap);
	uint32_t count = axb_load_acquire(&readable_count);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t offset = from - readable[i].start;
		if (offset <= readable[i].size && size <= readable[i].size - offset) {
			memcpy(to, (const void *)(uintptr_t)from, size);
			return true;
		}
	}
	return false;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	panic.file = file;
	panic.line = line;
	panic.what = what;
	if (panic_exit != NULL) {
		longjmp(*panic_exit, 1);
	}
	(void)fprintf(stderr, "axb_plat_panic: %s:%u: %s\n", file, line, what);
	abort();
}

bool axb_fake_catch_panic(void (*body)(void *cookie), void *cookie, struct axb_fake_panic *out)
{
	jmp_buf here;
	jmp_buf *outer = panic_exit;
	if (setjmp(here) == 0) {
		panic_exit = &here;
		body(cookie);
		panic_exit = outer;
		return false;
	}
	panic_exit = outer;
	if (out != NULL) {
		*out = panic;
	}
	return true;
}
