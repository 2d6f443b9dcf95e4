/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * HVC and SMC of a guest: the calling convention (Arm DEN0028), PSCI (Arm DEN0022), and the few
 * hypercalls of the small guests (guests/abi.h).
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_CALLS_H_
#define AXB_PLATFORMS_AARCH64_QEMU_CALLS_H_

#include "platforms/aarch64_qemu/vcpu.h"

/** Handle the call that @vcpu exited for: function in x0, arguments from x1 on, result in x0.
 * Context: thread, the vCPU's CPU. */
void calls_handle(struct vcpu *vcpu);

#endif
