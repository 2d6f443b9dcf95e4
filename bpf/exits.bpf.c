/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Counts VM exits by VM and reason, on each CPU for itself.
 */
#include "bpf/include/program.h"

#define VM_MAX 16
#define REASON_MAX 64

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VM_MAX *REASON_MAX);
	__type(key, __u32);
	__type(value, __u64);
} exits SEC(".maps");

TRACEPOINT(vcpu, exit)
int count_exit(struct axb_tp_ctx_vcpu_exit *ctx)
{
	__u32 vm = ctx->vm_id < VM_MAX ? ctx->vm_id : VM_MAX - 1;
	__u32 reason = ctx->reason < REASON_MAX ? ctx->reason : AXB_EXIT_UNKNOWN;
	__u32 key = vm * REASON_MAX + reason;
	__u64 *count = bpf_map_lookup_elem(&exits, &key);

	if (count) {
		*count += 1;
	}
	return 0;
}
