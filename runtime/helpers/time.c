/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_ktime_get_ns, bpf_ktime_get_boot_ns. The same clock: a hypervisor does not sleep.
 */
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"

uint64_t axb_helper_ktime_get_ns(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	(void)r1;
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	return axb_plat_time_ns();
}

uint64_t axb_helper_ktime_get_boot_ns(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return axb_helper_ktime_get_ns(env, r1, r2, r3, r4, r5);
}
