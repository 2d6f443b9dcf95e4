/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What a guest's exit means and what is done about it: emulated device and system registers, RAM on
 * first use, calls (calls.h). Whatever is none of these gets what a real CPU would give:
 * an undefined instruction or an external abort.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_EXIT_H_
#define AXB_PLATFORMS_AARCH64_QEMU_EXIT_H_

#include <stdint.h>

#include "platforms/aarch64_qemu/vcpu.h"

/** Pure. @param vector GUEST_VECTOR_* @param esr ESR_EL2, for GUEST_VECTOR_SYNC. */
enum exit_reason exit_decode(uint32_t vector, uint64_t esr);

/** Go on behind the instruction that exited. */
void exit_skip_insn(struct vcpu *vcpu);

/** Handle the exit that @vcpu describes; interrupts and WFI are the run loop's. Context: thread,
 * the vCPU's CPU. */
void exit_handle(struct vcpu *vcpu);

#endif
