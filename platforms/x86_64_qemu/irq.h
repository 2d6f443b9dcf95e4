/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Interrupts of this CPU. They end a run of the guest, or HLT, and are taken in a window of
 * irq_poll() only, so there is no interrupt context: the handler notes which one it was.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_IRQ_H_
#define AXB_PLATFORMS_X86_64_QEMU_IRQ_H_

#include <stdbool.h>

/** Handle all that is pending. @return true when the timer was among it. Context: thread. */
bool irq_poll(void);

#endif
