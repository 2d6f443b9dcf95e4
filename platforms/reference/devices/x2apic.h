/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The local APIC that a vCPU sees: x2APIC mode only, enabled from the start, so every access is a
 * RDMSR or WRMSR. Pure; one vCPU, but x2apic_request() may come from any CPU.
 * Ref: Intel SDM vol. 3, 11 "Advanced Programmable Interrupt Controller"; APM vol. 2, 16.
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_X2APIC_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_X2APIC_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define X2APIC_MSR_FIRST 0x800u
#define X2APIC_MSR_LAST 0x83fu
#define X2APIC_MSR_TSC_DEADLINE 0x6e0u
/** What the timer counts at, with the divider at 1. */
#define X2APIC_TIMER_HZ UINT64_C(1000000000)
#define X2APIC_NO_VECTOR 256u
#define X2APIC_NEVER UINT64_MAX
#define X2APIC_PRIORITY(vector) ((uint8_t)((vector) >> 4))

enum x2apic_lvt {
	X2APIC_LVT_TIMER,
	X2APIC_LVT_THERMAL,
	X2APIC_LVT_PERFORMANCE,
	X2APIC_LVT_LINT0,
	X2APIC_LVT_LINT1,
	X2APIC_LVT_ERROR,
	X2APIC_LVT_COUNT_,
};

struct x2apic {
	uint32_t id;
	uint64_t tsc_khz;
	uint64_t requested[4]; /**< IRR, a bit a vector; set by any CPU */
	uint64_t in_service[4];
	uint32_t task_priority;
	uint32_t spurious;
	uint32_t lvt[X2APIC_LVT_COUNT_];
	uint32_t initial_count;
	uint32_t divide;
	uint64_t command;
	uint64_t deadline; /**< TSC at which the timer expires; X2APIC_NEVER */
	uint64_t period;   /**< in TSC counts; 0 = once */
};

/** What a write asks of the caller. */
enum x2apic_effect {
	X2APIC_REFUSED, /**< not a register, or not a value of it: #GP */
	X2APIC_DONE,
	X2APIC_SEND, /**< send the interrupt in x2apic.command */
};

enum x2apic_delivery {
	X2APIC_FIXED = 0,
	X2APIC_LOWEST = 1,
	X2APIC_NMI = 4,
	X2APIC_INIT = 5,
	X2APIC_STARTUP = 6,
};

void x2apic_init(struct x2apic *apic, uint32_t id, uint64_t tsc_khz);

/** @return false for #GP. @param now the TSC, here and below */
bool x2apic_read(const struct x2apic *apic, uint32_t msr, uint64_t now, uint64_t *value);
enum x2apic_effect x2apic_write(struct x2apic *apic, uint32_t msr, uint64_t value, uint64_t now);

static inline uint32_t x2apic_command_vector(uint64_t command)
{
	return command & 0xff;
}

static inline uint32_t x2apic_command_delivery(uint64_t command)
{
	return command >> 8 & 7;
}

/** Does @command of APIC @sender go to APIC @id? */
bool x2apic_is_target(uint64_t command, uint32_t sender, uint32_t id);

/** Make @vector pending. Context: any CPU. */
void x2apic_request(struct x2apic *apic, uint8_t vector);

/** The pending vector that may interrupt now; X2APIC_NO_VECTOR. */
uint32_t x2apic_pending(const struct x2apic *apic);

/** The CPU takes @vector. */
void x2apic_accept(struct x2apic *apic, uint32_t vector);

/** When the timer has expired, make its vector pending. @return the vector, if so;
 * X2APIC_NO_VECTOR. */
uint32_t x2apic_poll_timer(struct x2apic *apic, uint64_t now);

#ifdef __cplusplus
}
#endif

#endif
