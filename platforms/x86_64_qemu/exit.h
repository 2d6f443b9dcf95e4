/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What a guest's exit means and what is done about it. Whatever is not emulated gets what a CPU
 * without the feature would give: #UD, #GP, ones from ports and addresses where nothing is.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_EXIT_H_
#define AXB_PLATFORMS_X86_64_QEMU_EXIT_H_

#include <stdint.h>

#include "platforms/reference/devices/insn.h"
#include "platforms/x86_64_qemu/vcpu.h"

/** Pure. @param code vmcb.exit_code */
enum exit_reason exit_decode(uint64_t code);

/** Handle the exit that @vcpu describes. Physical interrupts are the run loop's. Context: its CPU.
 */
void exit_handle(struct vcpu *vcpu);

/** The instruction at the guest's RIP. @return false when it cannot be read or is none of insn.h.
 */
bool exit_fetch(struct vcpu *vcpu, struct insn *out);

/* Parts of exit_handle(). */
void exit_handle_msr(struct vcpu *vcpu);
void exit_handle_io(struct vcpu *vcpu);

#endif
