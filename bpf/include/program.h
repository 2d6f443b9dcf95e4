/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * For the programs of this folder: what they all include, and the section of a program on a
 * tracepoint. With AXB_KERNEL_VARIANT the same source becomes a program that Linux can test-run
 * (BPF_PROG_TYPE_SYSCALL takes any context), so that both can be compared.
 */
#ifndef AXB_BPF_INCLUDE_PROGRAM_H_
#define AXB_BPF_INCLUDE_PROGRAM_H_

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "codegen/gen/axebpf.bpf.h"

#ifdef AXB_KERNEL_VARIANT
#define TRACEPOINT(subsystem, event) SEC("syscall")
#else
#define TRACEPOINT(subsystem, event) SEC("tracepoint/" #subsystem "/" #event)
#endif

char LICENSE[] SEC("license") = "GPL";

/** Floor of log2(@v), 0 for 0; without a loop. */
static __always_inline __u32 log2_u64(__u64 v)
{
	__u32 r = 0;
	for (__u32 shift = 32; shift > 0; shift /= 2) {
		if (v >> shift) {
			v >>= shift;
			r += shift;
		}
	}
	return r;
}

#endif
