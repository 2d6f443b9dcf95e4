/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The good object that hostile ones are made from: two programs, a subprogram, two maps, and all
 * three kinds of data.
 */
#include "bpf/include/program.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 8);
	__uint(map_flags, BPF_F_RDONLY_PROG);
} array SEC(".maps");

const volatile __u32 limit = 7;
__u64 total = 1;
__u64 runs;

static __noinline __u64 add(__u64 n)
{
	total += n;
	return total;
}

TRACEPOINT(vcpu, exit)
int first(struct axb_tp_ctx_vcpu_exit *ctx)
{
	__u32 key = ctx->reason;
	__u64 *value = bpf_map_lookup_elem(&hash, &key);

	runs++;
	return value && ctx->reason < limit ? (int)add(*value) : 0;
}

TRACEPOINT(vcpu, enter)
int second(struct axb_tp_ctx_vcpu_enter *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&array, &key);

	return value ? (int)add(ctx->pc) : 1;
}
