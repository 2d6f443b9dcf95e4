/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The host platform's side of runtime/hooks: threads are CPUs, numbered in the order in which they
 * first call axebpf.
 */
#ifndef AXB_PLATFORMS_HOST_HOOKS_H_
#define AXB_PLATFORMS_HOST_HOOKS_H_

#include "runtime/hooks/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Threads that axebpf is configured for by default. */
#define AXB_HOST_CPU_COUNT 8u

/** What axb_plat_vcpu_context() tells this thread. */
void axb_host_set_vcpu_context(const struct axb_vcpu_context *context);

#ifdef __cplusplus
}
#endif

#endif
