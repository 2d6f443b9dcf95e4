/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#define _GNU_SOURCE /* process_vm_readv() */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "platforms/host/host.h"
#include "runtime/base/atomic.h"
#include "runtime/base/limits.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"
#include "runtime/hooks/guest.h"
#include "runtime/hooks/mem.h"

#define NO_CPU UINT32_MAX
#define NS_PER_S UINT64_C(1000000000)

static uint32_t cpu_count = AXB_HOST_CPU_COUNT_DEFAULT;
static uint64_t taken; /* bit i: CPU i is a thread */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_thread_end;

static _Thread_local uint32_t cpu_id = NO_CPU;
static _Thread_local struct axb_vcpu_context vcpu = {.vcpu_id = AXB_VCPU_NONE};

AXB_STATIC_ASSERT(AXB_CPU_MAX <= 64, "a bit for each CPU");

void axb_host_set_cpu_count(uint32_t count)
{
	AXB_CHECK(count != 0 && count <= AXB_CPU_MAX);
	axb_store_relaxed(&cpu_count, count);
}

static void release(void *value)
{
	(void)value;
	axb_host_release_cpu();
}

static void make_key(void)
{
	AXB_CHECK(pthread_key_create(&at_thread_end, release) == 0);
}

AXB_NOPROBE bool axb_host_claim_cpu(void)
{
	if (cpu_id != NO_CPU) {
		return true;
	}
	AXB_CHECK(pthread_once(&once, make_key) == 0);
	uint32_t count = axb_load_relaxed(&cpu_count);
	for (uint32_t cpu = 0; cpu < count; cpu++) {
		uint64_t bit = UINT64_C(1) << cpu;
		if ((axb_fetch_or_acq_rel(&taken, bit) & bit) == 0) {
			cpu_id = cpu;
			/* Any value that is not NULL: the destructor is then called. */
			AXB_CHECK(pthread_setspecific(at_thread_end, &taken) == 0);
			return true;
		}
	}
	return false;
}

void axb_host_release_cpu(void)
{
	if (cpu_id != NO_CPU) {
		uint64_t bit = UINT64_C(1) << cpu_id;
		cpu_id = NO_CPU;
		(void)axb_fetch_and_acq_rel(&taken, ~bit);
	}
}

void axb_host_set_vcpu(const struct axb_vcpu_context *context)
{
	const struct axb_vcpu_context none = {.vcpu_id = AXB_VCPU_NONE};
	vcpu = context == NULL ? none : *context;
}

AXB_NOPROBE uint32_t axb_plat_cpu_id(void)
{
	AXB_CHECK(cpu_id != NO_CPU || axb_host_claim_cpu());
	return cpu_id;
}

uint32_t axb_plat_cpu_count(void)
{
	return axb_load_relaxed(&cpu_count);
}

uint64_t axb_plat_time_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A thread stands for a CPU, and no signal handler of ours emits events. */
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
	*out = vcpu;
}

AXB_NOPROBE bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	struct iovec local = {.iov_base = to, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)from, .iov_len = size};
	return size == 0 || process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* The host has no guests of its own. */
enum axb_status axb_plat_guest_reg(uint64_t index, uint64_t *out)
{
	(void)index;
	(void)out;
	return AXB_ERR_NOT_FOUND;
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	(void)fprintf(stderr, "axebpf: bug at %s:%u: %s\n", file, line, what);
	abort();
}
