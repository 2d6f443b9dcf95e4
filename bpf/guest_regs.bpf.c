/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * All registers of a guest at its last hypercall, on each CPU. Places of registers differ, so there
 * is one object for each architecture.
 */
#include "bpf/include/program.h"

#ifdef __TARGET_ARCH_arm64
#define REGISTER_COUNT (sizeof(struct user_pt_regs) / 8)
#else
#define REGISTER_COUNT (sizeof(struct pt_regs) / 8)
#endif

/* By place in the structure, in units of 8 bytes. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REGISTER_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} guest_regs SEC(".maps");

TRACEPOINT(hypercall, call)
int save_guest_regs(struct axb_tp_ctx_hypercall_call *ctx)
{
	int saved = 0;

	for (__u32 i = 0; i < REGISTER_COUNT; i++) {
		__u64 *value = bpf_map_lookup_elem(&guest_regs, &i);

		if (value && bpf_guest_reg(i, value, sizeof(*value)) == 0) {
			saved++;
		}
	}
	return saved;
}
