/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The platform contract on Linux: every thread that calls axebpf is a CPU.
 */
#define _GNU_SOURCE
#include "platforms/host/hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/limits.h"
#include "runtime/base/types.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"

static uint32_t next_cpu;
static _Thread_local uint32_t this_cpu = UINT32_MAX;
static _Thread_local struct axb_vcpu_context this_vcpu = {
	AXB_VM_HYPERVISOR, AXB_VCPU_NONE, false, 0};

uint32_t axb_plat_cpu_id(void)
{
	if (this_cpu == UINT32_MAX) {
		this_cpu = __atomic_fetch_add(&next_cpu, 1, __ATOMIC_RELAXED);
		if (this_cpu >= AXB_CPU_MAX) {
			axb_plat_panic(__FILE__, __LINE__, "more threads than AXB_CPU_MAX");
		}
	}
	return this_cpu;
}

uint32_t axb_plat_cpu_count(void)
{
	return AXB_HOST_CPU_COUNT;
}

uint64_t axb_plat_time_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t axb_plat_irq_save(void)
{
	return 0;
}

void axb_plat_irq_restore(uint64_t state)
{
	(void)state;
}

void axb_plat_vcpu_context(struct axb_vcpu_context *out)
{
	*out = this_vcpu;
}

void axb_host_set_vcpu_context(const struct axb_vcpu_context *context)
{
	this_vcpu = *context;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	fprintf(stderr, "axebpf: %s:%u: %s\n", file, line, what);
	abort();
}

bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	/* The kernel reports what cannot be read; nothing faults here. */
	struct iovec local = {to, size};
	struct iovec remote = {(void *)(uintptr_t)from, size};
	return size == 0 || process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}
