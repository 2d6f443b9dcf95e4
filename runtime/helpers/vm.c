/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_get_current_vm_id, bpf_get_current_vcpu_id, bpf_get_exit_reason, bpf_guest_reg.
 */
#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/guest.h"

uint64_t axb_helper_get_current_vm_id(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_vcpu_context context;
	(void)env;
	(void)r1;
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	axb_plat_vcpu_context(&context);
	return context.vm_id;
}

uint64_t axb_helper_get_current_vcpu_id(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_vcpu_context context;
	(void)env;
	(void)r1;
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	axb_plat_vcpu_context(&context);
	return context.vm_id == AXB_VM_HYPERVISOR ? AXB_VCPU_NONE : context.vcpu_id;
}

uint64_t axb_helper_get_exit_reason(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	struct axb_vcpu_context context;
	(void)env;
	(void)r1;
	(void)r2;
	(void)r3;
	(void)r4;
	(void)r5;
	axb_plat_vcpu_context(&context);
	return context.has_exit_reason ? context.exit_reason : (uint64_t)-AXB_ENOENT;
}

uint64_t axb_helper_guest_reg(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	uint64_t value = 0;
	(void)env;
	(void)r4;
	(void)r5;
	memset((void *)r2, 0, (size_t)r3);
	if (r3 != sizeof(value)) {
		return (uint64_t)-AXB_EINVAL;
	}
	enum axb_status status = axb_plat_guest_reg(r1, &value);
	if (status != AXB_OK) {
		return status == AXB_ERR_ARG ? (uint64_t)-AXB_EINVAL : (uint64_t)-AXB_ENOENT;
	}
	memcpy((void *)r2, &value, sizeof(value));
	return 0;
}
