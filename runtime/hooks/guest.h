/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The guest whose exit is being handled, behind bpf_guest_reg. A platform whose programs never ask
 * for it need not define it.
 */
#ifndef AXB_RUNTIME_HOOKS_GUEST_H_
#define AXB_RUNTIME_HOOKS_GUEST_H_

#include <stdint.h>

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What the guest of this CPU finds in a general register when it goes on.
 *
 * @param index the register's place in the context of probes, in units of 8 bytes: on aarch64
 *        struct axb_user_pt_regs (x0 .. x30, sp, pc, pstate), on x86_64 struct axb_pt_regs_x86_64.
 *        sp is that of the mode that the guest is in.
 * @return AXB_ERR_ARG: there is no such register (orig_rax is none); AXB_ERR_NOT_FOUND: this CPU
 *         works for no guest. Context: any.
 */
AXB_MUST_USE enum axb_status axb_plat_guest_reg(uint64_t index, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif
