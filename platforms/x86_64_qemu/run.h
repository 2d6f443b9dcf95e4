/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What each CPU does for ever: its vCPUs in turn, each until it waits or a timer interrupts (the
 * tick, or what another vCPU waits for); and, on CPU 0, thread work in between.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_RUN_H_
#define AXB_PLATFORMS_X86_64_QEMU_RUN_H_

#include <stdbool.h>

struct vcpu;

/** Give @vcpu to the CPU that has the fewest. Context: thread, CPU 0. */
void run_attach(struct vcpu *vcpu);

/** Take vCPUs of VMs that have ended out of this CPU's turn. Context: thread. */
void run_detach_ended(void);

/** Run. @param housekeeping called, if not NULL, after each interrupt. Context: thread. */
__attribute__((noreturn)) void run_for_ever(void (*housekeeping)(void));

#endif
