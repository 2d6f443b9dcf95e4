/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Time by the TSC, and the timer interrupt of each CPU: the hypervisor's tick, and in between what
 * the vCPUs of the CPU wait for.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_TIMER_H_
#define AXB_PLATFORMS_X86_64_QEMU_TIMER_H_

#include <stdbool.h>
#include <stdint.h>

#define TSC_NEVER UINT64_MAX

/** Measure the TSC by the local APIC's timer. Context: boot, CPU 0, lapic_cpu_init() done. */
void time_init(void);

/** TSC counts per millisecond: a thousand in each microsecond when QEMU counts instructions. */
uint64_t time_tsc_khz(void);

/** Nanoseconds since power-on. Context: any. */
uint64_t time_now_ns(void);

/** Begin ticking on this CPU, each @period_us microseconds. Context: boot, on the CPU. */
void timer_start(uint64_t period_us);

/** Have this CPU interrupted at its next tick, or when the TSC is @deadline. Context: thread. */
void timer_set(uint64_t deadline);

/** Handle VECTOR_TIMER: the next timer_set() sets it again. Context: thread, on the CPU. */
void timer_expired(void);

/** No more ticks on this CPU. */
void timer_stop(void);

#endif
