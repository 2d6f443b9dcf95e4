/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/timer.h"

#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/hooks.h"

#define NS_PER_S UINT64_C(1000000000)
#define US_PER_S UINT64_C(1000000)
#define TIMER_ENABLE 1u

uint64_t time_now_ns(void)
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

void timer_start(uint64_t period_us)
{
	struct percpu *cpu = percpu();
	cpu->tick_period = read_cntfrq_el0() * period_us / US_PER_S;
	set_deadline(read_cntpct_el0() + cpu->tick_period);
	write_cnthp_ctl_el2(TIMER_ENABLE);
	isb();
}

void timer_tick(void)
{
	struct percpu *cpu = percpu();
	trace_timer_tick(time_now_ns());
	/* After a pause (a semihosting call, a slow host) missed ticks are left out. */
	uint64_t next = cpu->tick_deadline + cpu->tick_period;
	uint64_t now = read_cntpct_el0();
	set_deadline(next > now ? next : now + cpu->tick_period);
}

void timer_stop(void)
{
	write_cnthp_ctl_el2(0);
	isb();
}
