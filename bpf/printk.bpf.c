/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Says in words which VM boots, and where.
 */
#include "bpf/include/program.h"

TRACEPOINT(vmm, vm_boot)
int say_boot(struct axb_tp_ctx_vmm_vm_boot *ctx)
{
	bpf_printk("vm%u boots at 0x%llx", ctx->vm_id, ctx->entry);
	return 0;
}
