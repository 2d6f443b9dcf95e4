/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Counts the exits of one VM and remembers the longest: a constant filter, global variables, and a
 * subprogram.
 */
#include "bpf/include/program.h"

/** The VM to look at; 0 = all. */
const volatile __u16 target_vm = 1;

__u64 matched;
__u64 longest_ns = 1;

static __noinline int is_longer(__u64 duration_ns)
{
	if (duration_ns <= longest_ns) {
		return 0;
	}
	longest_ns = duration_ns;
	return 1;
}

TRACEPOINT(vcpu, exit)
int filter_exit(struct axb_tp_ctx_vcpu_exit *ctx)
{
	if (target_vm != 0 && ctx->vm_id != target_vm) {
		return 0;
	}
	__sync_fetch_and_add(&matched, 1);
	return 1 + is_longer(ctx->duration_ns);
}
