/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Sends each hypercall with its arguments through a ring buffer, and counts them by number.
 */
#include "bpf/include/program.h"

struct hypercall {
	__u64 timestamp_ns;
	__u16 vm_id;
	__u16 vcpu_id;
	__u32 reserved;
	__u64 nr;
	__u64 arg0;
	__u64 arg1;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, __u64);
} by_number SEC(".maps");

static __always_inline void count(__u64 nr)
{
	__u64 one = 1;
	__u64 *n = bpf_map_lookup_elem(&by_number, &nr);

	if (n) {
		__sync_fetch_and_add(n, 1);
	} else {
		bpf_map_update_elem(&by_number, &nr, &one, BPF_NOEXIST);
	}
}

TRACEPOINT(hypercall, call)
int record_hypercall(struct axb_tp_ctx_hypercall_call *ctx)
{
	struct hypercall *r = bpf_ringbuf_reserve(&records, sizeof(*r), 0);

	count(ctx->nr);
	if (!r) {
		return 1;
	}
	r->timestamp_ns = ctx->timestamp_ns;
	r->vm_id = ctx->vm_id;
	r->vcpu_id = ctx->vcpu_id;
	r->reserved = 0;
	r->nr = ctx->nr;
	r->arg0 = ctx->arg0;
	r->arg1 = ctx->arg1;
	bpf_ringbuf_submit(r, 0);
	return 0;
}
