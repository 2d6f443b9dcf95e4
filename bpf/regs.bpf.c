/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Probes on functions: calls by first argument, and returns by value. Reads registers, so there is
 * one object for each architecture. The function is chosen when attaching.
 */
#include "bpf/include/program.h"

#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} calls SEC(".maps"), returns SEC(".maps");

static __always_inline int add(void *map, __u64 key)
{
	__u64 one = 1;
	__u64 *n = bpf_map_lookup_elem(map, &key);

	if (n) {
		__sync_fetch_and_add(n, 1);
		return 0;
	}
	return bpf_map_update_elem(map, &key, &one, BPF_NOEXIST);
}

SEC("hprobe")
int BPF_KPROBE(on_call, __u64 argument)
{
	return add(&calls, argument);
}

SEC("hretprobe")
int BPF_KRETPROBE(on_return, __u64 value)
{
	return add(&returns, value);
}

/* What a probe costs without a program's work. */
SEC("hprobe")
int nothing(void *ctx)
{
	return 0;
}

SEC("hretprobe")
int nothing_returned(void *ctx)
{
	return 0;
}
