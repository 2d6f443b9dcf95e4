/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The Linux host as a platform: threads play the CPUs. A thread becomes a CPU when it first calls
 * axebpf, or by axb_host_claim_cpu(), and gives its CPU back when it ends. Context: thread.
 */
#ifndef AXB_PLATFORMS_HOST_HOST_H_
#define AXB_PLATFORMS_HOST_HOST_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/hooks/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** CPUs, that is threads that may be in axebpf at once, when axb_host_set_cpu_count() says nothing.
 */
#define AXB_HOST_CPU_COUNT_DEFAULT 4u

/** axb_plat_cpu_count(), at most AXB_CPU_MAX. Before axb_init(); not while a thread is a CPU. */
void axb_host_set_cpu_count(uint32_t count);

/** Make this thread the lowest free CPU; nothing when it is one. False when all are taken. */
bool axb_host_claim_cpu(void);

/** This thread is no CPU any more. */
void axb_host_release_cpu(void);

/** axb_plat_vcpu_context() of this thread; NULL = the hypervisor's own work. */
void axb_host_set_vcpu(const struct axb_vcpu_context *context);

/** Breakpoints (SIGTRAP) go to axb_probe_dispatch() from now on. In //platforms/host:text, which
 * also has the hooks of runtime/hooks/text.h. */
bool axb_host_take_breakpoints(void);

#ifdef __cplusplus
}
#endif

#endif
