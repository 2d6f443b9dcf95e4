/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/timer.h"

#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/machine.h"

#define NS_PER_S UINT64_C(1000000000)
#define US_PER_S UINT64_C(1000000)
#define TIMER_ENABLE 1u

static uint64_t tick_period; /* in counts; written before other CPUs start */

uint64_t machine_time_ns(void)
{
	/* Before the read, or it may be done early (Arm ARM D11.2.1). */
	isb();
	uint64_t count = read_cntpct_el0();
	uint64_t frequency = read_cntfrq_el0();
	/* In two parts, so that nothing wraps. */
	return count / frequency * NS_PER_S + count % frequency * NS_PER_S / frequency;
}

static void set_deadline(uint64_t deadline)
{
	percpu()->tick_deadline = deadline;
	write_cnthp_cval_el2(deadline);
	isb();
}

void timer_init(uint64_t period_us)
{
	tick_period = read_cntfrq_el0() * period_us / US_PER_S;
}

void timer_start(void)
{
	set_deadline(read_cntpct_el0() + tick_period);
	write_cnthp_ctl_el2(TIMER_ENABLE);
	isb();
}

void timer_tick(void)
{
	trace_timer_tick(machine_time_ns());
	/* After a pause (a semihosting call, a slow host) missed ticks are left out. */
	uint64_t next = percpu()->tick_deadline + tick_period;
	uint64_t now = read_cntpct_el0();
	set_deadline(next > now ? next : now + tick_period);
}

void timer_stop(void)
{
	write_cnthp_ctl_el2(0);
	isb();
}
