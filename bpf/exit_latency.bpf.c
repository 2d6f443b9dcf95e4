/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Histogram of the time that the hypervisor takes to handle an exit: slot i counts durations d with
 * floor(log2(d)) = i nanoseconds.
 */
#include "bpf/include/program.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} latency SEC(".maps");

TRACEPOINT(hyp, hyp_exit)
int record_latency(struct axb_tp_ctx_hyp_hyp_exit *ctx)
{
	__u32 slot = log2_u64(ctx->duration_ns);
	__u64 *count = bpf_map_lookup_elem(&latency, &slot);

	if (count) {
		__sync_fetch_and_add(count, 1);
	}
	return 0;
}
