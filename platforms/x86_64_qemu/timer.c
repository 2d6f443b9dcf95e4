/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/timer.h"

#include "platforms/reference/hooks.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/percpu.h"

#define NS_PER_MS UINT64_C(1000000)
#define US_PER_MS 1000u
#define MEASURE_COUNTS 10000000u
/* Real clocks are whole MHz, and so is the one that counts instructions. */
#define KHZ_GRAIN 1000u

static uint64_t tsc_khz = 1;
static uint64_t ns_per_count; /* 32.32 fixed point */

void time_init(void)
{
	lapic_timer_set(UINT32_MAX);
	uint32_t first = lapic_timer_left();
	uint64_t began = read_tsc();
	uint32_t passed;
	do {
		passed = first - lapic_timer_left();
	} while (passed < MEASURE_COUNTS);
	uint64_t counts = read_tsc() - began;
	lapic_timer_set(0);
	uint64_t khz = counts * (LAPIC_TIMER_HZ / 1000) / passed;
	tsc_khz = (khz + KHZ_GRAIN / 2) / KHZ_GRAIN * KHZ_GRAIN;
	if (tsc_khz == 0) {
		tsc_khz = khz + 1;
	}
	ns_per_count = (NS_PER_MS << 32) / tsc_khz;
}

uint64_t time_tsc_khz(void)
{
	return tsc_khz;
}

uint64_t time_now_ns(void)
{
	return (uint64_t)((unsigned __int128)read_tsc() * ns_per_count >> 32);
}

void timer_set(uint64_t deadline)
{
	struct percpu *cpu = percpu();
	if (cpu->tick_deadline < deadline) {
		deadline = cpu->tick_deadline;
	}
	if (deadline == cpu->timer_deadline) {
		return;
	}
	cpu->timer_deadline = deadline;
	uint64_t now = read_tsc();
	uint64_t counts = deadline > now ? deadline - now : 0;
	/* At most a tick away, so nothing wraps; rounded up, or it would come too early. */
	counts = counts * (LAPIC_TIMER_HZ / 1000) / tsc_khz + 1;
	lapic_timer_set(counts < UINT32_MAX ? (uint32_t)counts : UINT32_MAX);
}

void timer_start(uint64_t period_us)
{
	struct percpu *cpu = percpu();
	cpu->tick_period = tsc_khz * period_us / US_PER_MS;
	cpu->tick_deadline = read_tsc() + cpu->tick_period;
	timer_set(TSC_NEVER);
}

void timer_expired(void)
{
	struct percpu *cpu = percpu();
	uint64_t now = read_tsc();
	cpu->timer_deadline = TSC_NEVER;
	if (now < cpu->tick_deadline) {
		return;
	}
	trace_timer_tick(time_now_ns());
	/* After a pause (a slow host, a long command) missed ticks are left out. */
	uint64_t next = cpu->tick_deadline + cpu->tick_period;
	cpu->tick_deadline = next > now ? next : now + cpu->tick_period;
}

void timer_stop(void)
{
	percpu()->tick_deadline = TSC_NEVER;
	percpu()->timer_deadline = TSC_NEVER;
	lapic_timer_set(0);
}
