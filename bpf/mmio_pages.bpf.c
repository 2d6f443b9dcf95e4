/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Reads and writes of emulated devices, by guest-physical page.
 */
#include "bpf/include/program.h"

struct traffic {
	__u64 reads;
	__u64 writes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct traffic);
} pages SEC(".maps");

TRACEPOINT(mmio, access)
int count_access(struct axb_tp_ctx_mmio_access *ctx)
{
	struct traffic none = {};
	__u64 page = ctx->gpa & ~0xfffull;
	struct traffic *t = bpf_map_lookup_elem(&pages, &page);

	if (!t) {
		bpf_map_update_elem(&pages, &page, &none, BPF_NOEXIST);
		t = bpf_map_lookup_elem(&pages, &page);
	}
	if (!t) {
		return 1;
	}
	__sync_fetch_and_add(ctx->is_write ? &t->writes : &t->reads, 1);
	return 0;
}
