/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_probe_read, bpf_probe_read_kernel, bpf_probe_read_kernel_str: the hypervisor's own memory,
 * whatever the address. r1 is the destination of r2 bytes, which the engine has checked; r3 the
 * source.
 */
#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/mem.h"
#include "runtime/helpers/helpers.h"
#include "runtime/helpers/safe_copy.h"
#include "runtime/hooks/mem.h"

static uint64_t probe_read(uint64_t to, uint64_t size, uint64_t from)
{
	if (size == 0) {
		return 0;
	}
	/* A range that wraps is not memory; do not trouble the platform with it. */
	if (from + (size - 1) >= from && axb_plat_copy_from((void *)to, from, (size_t)size)) {
		return 0;
	}
	memset((void *)to, 0, (size_t)size);
	return (uint64_t)-AXB_EFAULT;
}

uint64_t axb_helper_probe_read(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	(void)r4;
	(void)r5;
	return probe_read(r1, r2, r3);
}

uint64_t axb_helper_probe_read_kernel(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	(void)r4;
	(void)r5;
	return probe_read(r1, r2, r3);
}

uint64_t axb_helper_probe_read_kernel_str(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	(void)r4;
	(void)r5;
	return r2 == 0 ? 0 : (uint64_t)axb_safe_copy_text((char *)r1, (size_t)r2, r3);
}
