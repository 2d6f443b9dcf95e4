/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/devices/x2apic.h"

#include "runtime/base/atomic.h"

#define REG_ID 0x802u
#define REG_VERSION 0x803u
#define REG_TASK_PRIORITY 0x808u
#define REG_PROCESSOR_PRIORITY 0x80au
#define REG_EOI 0x80bu
#define REG_LOGICAL_DESTINATION 0x80du
#define REG_SPURIOUS 0x80fu
#define REG_IN_SERVICE 0x810u
#define REG_TRIGGER_MODE 0x818u
#define REG_REQUESTED 0x820u
#define REG_ERROR_STATUS 0x828u
#define REG_COMMAND 0x830u
#define REG_LVT 0x832u
#define REG_INITIAL_COUNT 0x838u
#define REG_CURRENT_COUNT 0x839u
#define REG_DIVIDE 0x83eu
#define REG_SELF_IPI 0x83fu

#define VERSION (0x14u | (X2APIC_LVT_COUNT_ - 1) << 16)
#define SPURIOUS_INIT 0xffu
#define SPURIOUS_ENABLED 0x100u
#define SPURIOUS_BITS 0x1ffu
#define LVT_MASKED 0x10000u
#define LVT_BITS 0x1f7ffu
#define TIMER_MODE(lvt) ((lvt) >> 17 & 3)
#define TIMER_MODE_BITS (3u << 17)
#define TIMER_PERIODIC 1u
#define TIMER_TSC_DEADLINE 2u
#define DIVIDE_BITS 0xbu
#define COMMAND_LOGICAL (1u << 11)
#define COMMAND_SHORTHAND(command) ((command) >> 18 & 3)
#define COMMAND_BITS UINT64_C(0xffffffff000ccfff)
#define SHORTHAND_SELF 1u
#define SHORTHAND_ALL 2u
#define SHORTHAND_OTHERS 3u
#define BROADCAST 0xffffffffu
/* Vectors below are reserved for exceptions. */
#define VECTOR_FIRST 16u

void x2apic_init(struct x2apic *apic, uint32_t id, uint64_t tsc_khz)
{
	*apic = (struct x2apic){
		.id = id, .tsc_khz = tsc_khz, .spurious = SPURIOUS_INIT, .deadline = X2APIC_NEVER};
	for (uint32_t i = 0; i < X2APIC_LVT_COUNT_; i++) {
		apic->lvt[i] = LVT_MASKED;
	}
}

/* The highest vector in @bits; X2APIC_NO_VECTOR. */
static uint32_t highest(const uint64_t *bits)
{
	for (uint32_t i = 4; i-- > 0;) {
		uint64_t word = axb_load_relaxed(&bits[i]);
		if (word != 0) {
			return i * 64 + 63 - (uint32_t)__builtin_clzll(word);
		}
	}
	return X2APIC_NO_VECTOR;
}

/* The class of priority at and below which nothing interrupts. */
static uint32_t processor_priority(const struct x2apic *apic)
{
	uint32_t served = highest(apic->in_service);
	uint32_t priority = apic->task_priority;
	if (served != X2APIC_NO_VECTOR && (served >> 4) > (priority >> 4)) {
		priority = served & 0xf0;
	}
	return priority;
}

/* Two to the power of what the divide register says (SDM vol. 3, figure 11-10). */
static uint32_t divide_shift(const struct x2apic *apic)
{
	uint32_t code = (apic->divide & 3) | (apic->divide >> 1 & 4);
	return (code + 1) & 7;
}

static uint64_t tsc_of_ticks(const struct x2apic *apic, uint64_t ticks)
{
	/* 32 bits, 7 of the divider and 24 of any clock: nothing wraps. */
	return (ticks << divide_shift(apic)) * apic->tsc_khz / (X2APIC_TIMER_HZ / 1000);
}

static uint32_t current_count(const struct x2apic *apic, uint64_t now)
{
	if (TIMER_MODE(apic->lvt[X2APIC_LVT_TIMER]) == TIMER_TSC_DEADLINE ||
		apic->deadline == X2APIC_NEVER || apic->deadline <= now) {
		return 0;
	}
	uint64_t counts = apic->deadline - now;
	uint64_t ticks = counts / apic->tsc_khz * (X2APIC_TIMER_HZ / 1000) +
			 counts % apic->tsc_khz * (X2APIC_TIMER_HZ / 1000) / apic->tsc_khz;
	uint64_t left = ticks >> divide_shift(apic);
	return left < apic->initial_count ? (uint32_t)left : apic->initial_count;
}

/* 32 bits of a register of 256. */
static uint32_t part_of(const uint64_t *bits, uint32_t index)
{
	return (uint32_t)(axb_load_relaxed(&bits[index / 2]) >> index % 2 * 32);
}

bool x2apic_read(const struct x2apic *apic, uint32_t msr, uint64_t now, uint64_t *value)
{
	if (msr >= REG_IN_SERVICE && msr < REG_IN_SERVICE + 8) {
		*value = part_of(apic->in_service, msr - REG_IN_SERVICE);
		return true;
	}
	if (msr >= REG_REQUESTED && msr < REG_REQUESTED + 8) {
		*value = part_of(apic->requested, msr - REG_REQUESTED);
		return true;
	}
	if (msr >= REG_LVT && msr < REG_LVT + X2APIC_LVT_COUNT_) {
		*value = apic->lvt[msr - REG_LVT];
		return true;
	}
	if (msr >= REG_TRIGGER_MODE && msr < REG_TRIGGER_MODE + 8) {
		*value = 0; /* all are edges */
		return true;
	}
	switch (msr) {
	case X2APIC_MSR_TSC_DEADLINE:
		*value = TIMER_MODE(apic->lvt[X2APIC_LVT_TIMER]) == TIMER_TSC_DEADLINE &&
					 apic->deadline != X2APIC_NEVER
				 ? apic->deadline
				 : 0;
		return true;
	case REG_ID:
		*value = apic->id;
		return true;
	case REG_VERSION:
		*value = VERSION;
		return true;
	case REG_TASK_PRIORITY:
		*value = apic->task_priority;
		return true;
	case REG_PROCESSOR_PRIORITY:
		*value = processor_priority(apic);
		return true;
	case REG_LOGICAL_DESTINATION:
		*value = (apic->id >> 4) << 16 | UINT32_C(1) << (apic->id & 0xf);
		return true;
	case REG_SPURIOUS:
		*value = apic->spurious;
		return true;
	case REG_ERROR_STATUS:
		*value = 0;
		return true;
	case REG_COMMAND:
		*value = apic->command;
		return true;
	case REG_INITIAL_COUNT:
		*value = apic->initial_count;
		return true;
	case REG_CURRENT_COUNT:
		*value = current_count(apic, now);
		return true;
	case REG_DIVIDE:
		*value = apic->divide;
		return true;
	default:
		return false;
	}
}

static void start_timer(struct x2apic *apic, uint64_t now)
{
	uint32_t mode = TIMER_MODE(apic->lvt[X2APIC_LVT_TIMER]);
	uint64_t counts = tsc_of_ticks(apic, apic->initial_count);
	apic->deadline = X2APIC_NEVER;
	apic->period = 0;
	if (mode == TIMER_TSC_DEADLINE || apic->initial_count == 0) {
		return;
	}
	apic->deadline = now + counts;
	apic->period = mode == TIMER_PERIODIC ? counts + (counts == 0) : 0;
}

static void write_lvt(struct x2apic *apic, uint32_t index, uint32_t value)
{
	uint32_t old = apic->lvt[index];
	bool is_timer = index == X2APIC_LVT_TIMER;
	apic->lvt[index] = value & (LVT_BITS | (is_timer ? TIMER_MODE_BITS : 0));
	if ((apic->spurious & SPURIOUS_ENABLED) == 0) {
		apic->lvt[index] |= LVT_MASKED;
	}
	/* A change of the mode stops the timer. */
	if (is_timer && TIMER_MODE(old) != TIMER_MODE(value)) {
		apic->deadline = X2APIC_NEVER;
		apic->period = 0;
		apic->initial_count = 0;
	}
}

static void write_spurious(struct x2apic *apic, uint32_t value)
{
	apic->spurious = value & SPURIOUS_BITS;
	for (uint32_t i = 0; i < X2APIC_LVT_COUNT_ && (value & SPURIOUS_ENABLED) == 0; i++) {
		apic->lvt[i] |= LVT_MASKED;
	}
}

static void end_interrupt(struct x2apic *apic)
{
	uint32_t served = highest(apic->in_service);
	if (served != X2APIC_NO_VECTOR) {
		apic->in_service[served / 64] &= ~(UINT64_C(1) << served % 64);
	}
}

static enum x2apic_effect write_deadline(struct x2apic *apic, uint64_t value)
{
	if (TIMER_MODE(apic->lvt[X2APIC_LVT_TIMER]) == TIMER_TSC_DEADLINE) {
		apic->deadline = value != 0 ? value : X2APIC_NEVER;
	}
	return X2APIC_DONE;
}

enum x2apic_effect x2apic_write(struct x2apic *apic, uint32_t msr, uint64_t value, uint64_t now)
{
	if (msr == X2APIC_MSR_TSC_DEADLINE) {
		return write_deadline(apic, value);
	}
	if (msr == REG_COMMAND) {
		apic->command = value & COMMAND_BITS;
		return X2APIC_SEND;
	}
	if (value >> 32 != 0) {
		return X2APIC_REFUSED;
	}
	if (msr >= REG_LVT && msr < REG_LVT + X2APIC_LVT_COUNT_) {
		write_lvt(apic, msr - REG_LVT, (uint32_t)value);
		return X2APIC_DONE;
	}
	switch (msr) {
	case REG_TASK_PRIORITY:
		apic->task_priority = value & 0xff;
		return X2APIC_DONE;
	case REG_EOI:
		if (value != 0) {
			return X2APIC_REFUSED;
		}
		end_interrupt(apic);
		return X2APIC_DONE;
	case REG_SPURIOUS:
		write_spurious(apic, (uint32_t)value);
		return X2APIC_DONE;
	case REG_ERROR_STATUS:
		return value == 0 ? X2APIC_DONE : X2APIC_REFUSED;
	case REG_INITIAL_COUNT:
		apic->initial_count = (uint32_t)value;
		start_timer(apic, now);
		return X2APIC_DONE;
	case REG_DIVIDE:
		apic->divide = value & DIVIDE_BITS;
		start_timer(apic, now);
		return X2APIC_DONE;
	case REG_SELF_IPI:
		if (value > 0xff) {
			return X2APIC_REFUSED;
		}
		x2apic_request(apic, (uint8_t)value);
		return X2APIC_DONE;
	default:
		return X2APIC_REFUSED;
	}
}

bool x2apic_is_target(uint64_t command, uint32_t sender, uint32_t id)
{
	uint32_t destination = (uint32_t)(command >> 32);
	switch (COMMAND_SHORTHAND(command)) {
	case SHORTHAND_SELF:
		return id == sender;
	case SHORTHAND_ALL:
		return true;
	case SHORTHAND_OTHERS:
		return id != sender;
	default:
		break;
	}
	if (destination == BROADCAST) {
		return true;
	}
	if ((command & COMMAND_LOGICAL) == 0) {
		return destination == id;
	}
	return destination >> 16 == id >> 4 && (destination >> (id & 0xf) & 1) != 0;
}

void x2apic_request(struct x2apic *apic, uint8_t vector)
{
	if (vector >= VECTOR_FIRST) {
		(void)axb_fetch_or_acq_rel(
			&apic->requested[vector / 64], UINT64_C(1) << vector % 64);
	}
}

uint32_t x2apic_pending(const struct x2apic *apic)
{
	uint32_t vector = highest(apic->requested);
	if (vector == X2APIC_NO_VECTOR || (apic->spurious & SPURIOUS_ENABLED) == 0 ||
		vector >> 4 <= processor_priority(apic) >> 4) {
		return X2APIC_NO_VECTOR;
	}
	return vector;
}

void x2apic_accept(struct x2apic *apic, uint32_t vector)
{
	uint64_t bit = UINT64_C(1) << vector % 64;
	(void)axb_fetch_and_acq_rel(&apic->requested[vector / 64], ~bit);
	apic->in_service[vector / 64] |= bit;
}

uint32_t x2apic_poll_timer(struct x2apic *apic, uint64_t now)
{
	uint32_t lvt = apic->lvt[X2APIC_LVT_TIMER];
	if (now < apic->deadline) {
		return X2APIC_NO_VECTOR;
	}
	/* After a pause, periods that were missed are left out. */
	uint64_t next = apic->deadline + apic->period;
	apic->deadline = apic->period == 0 ? X2APIC_NEVER : next > now ? next : now + apic->period;
	if ((lvt & LVT_MASKED) != 0) {
		return X2APIC_NO_VECTOR;
	}
	x2apic_request(apic, (uint8_t)lvt);
	return lvt & 0xff;
}
