/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The tick of each CPU that has something to run, by the EL2 physical timer. timer.c also tells the
 * time (platforms/reference/machine.h).
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_TIMER_H_
#define AXB_PLATFORMS_AARCH64_QEMU_TIMER_H_

#include <stdint.h>

/** How often CPUs tick. Context: boot, CPU 0. */
void timer_init(uint64_t period_us);

/** Begin ticking on this CPU. */
void timer_start(void);

/** Handle BOARD_IRQ_EL2_TIMER: count and set the next deadline. Context: thread, on the CPU. */
void timer_tick(void);

/** No more ticks on this CPU. */
void timer_stop(void);

#endif
