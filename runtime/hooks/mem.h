/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Fault-safe access to the hypervisor's own address space, behind bpf_probe_read and
 * bpf_probe_read_kernel. A platform whose programs never use them need not define it.
 */
#ifndef AXB_RUNTIME_HOOKS_MEM_H_
#define AXB_RUNTIME_HOOKS_MEM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Copy @size bytes from the hypervisor virtual address @from to @to, which is valid memory.
 *
 * Context: any. Never faults: an unmapped, device or otherwise unreadable source byte makes it
 * return false; what is in @to is then unspecified (the caller zeroes it).
 */
bool axb_plat_copy_from(void *to, uint64_t from, size_t size);

#ifdef __cplusplus
}
#endif

#endif
