/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: APM vol. 2, 16 "Advanced Programmable Interrupt Controller (APIC)".
 */
#include "platforms/x86_64_qemu/lapic.h"

#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/timer.h"

#define EOI 0x0b0
#define SPURIOUS 0x0f0
#define ICR_LOW 0x300
#define ICR_HIGH 0x310
#define LVT_TIMER 0x320
#define LVT_LINT0 0x350
#define LVT_LINT1 0x360
#define LVT_ERROR 0x370
#define INITIAL_COUNT 0x380
#define CURRENT_COUNT 0x390
#define DIVIDE 0x3e0

#define SPURIOUS_ENABLE 0x100u
#define LVT_MASKED 0x10000u
#define LVT_NMI 0x400u
#define DIVIDE_BY_1 0xbu
#define ICR_NMI 0x4400u
#define ICR_INIT 0x4500u
#define ICR_STARTUP 0x4600u
#define ICR_BUSY 0x1000u
#define ICR_DESTINATION_SHIFT 24

#define PIC_MASTER_DATA 0x21
#define PIC_SLAVE_DATA 0xa1
#define INIT_WAIT_NS UINT64_C(10000000)

static uint32_t read(uint32_t offset)
{
	return *(volatile uint32_t *)(uint64_t)(BOARD_LAPIC_BASE + offset);
}

static void write(uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(uint64_t)(BOARD_LAPIC_BASE + offset) = value;
}

void lapic_mask_legacy(void)
{
	out8(PIC_MASTER_DATA, 0xff);
	out8(PIC_SLAVE_DATA, 0xff);
}

void lapic_cpu_init(void)
{
	write(LVT_LINT0, LVT_MASKED);
	write(LVT_LINT1, LVT_NMI);
	write(LVT_ERROR, LVT_MASKED);
	write(DIVIDE, DIVIDE_BY_1);
	write(LVT_TIMER, VECTOR_TIMER);
	write(SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
}

void lapic_timer_set(uint32_t count)
{
	write(INITIAL_COUNT, count);
}

uint32_t lapic_timer_left(void)
{
	return read(CURRENT_COUNT);
}

void lapic_eoi(void)
{
	write(EOI, 0);
}

static void send(uint32_t cpu, uint32_t command)
{
	while ((read(ICR_LOW) & ICR_BUSY) != 0) {
	}
	write(ICR_HIGH, cpu << ICR_DESTINATION_SHIFT);
	write(ICR_LOW, command);
}

void lapic_kick(uint32_t cpu)
{
	send(cpu, VECTOR_KICK);
}

void lapic_kick_for_text(uint32_t cpu)
{
	send(cpu, VECTOR_TEXT);
}

void lapic_send_nmi(uint32_t cpu)
{
	send(cpu, ICR_NMI);
}

void lapic_start_cpu(uint32_t cpu)
{
	send(cpu, ICR_INIT);
	uint64_t until_ns = time_now_ns() + INIT_WAIT_NS;
	while (time_now_ns() < until_ns) {
	}
	send(cpu, ICR_STARTUP | BOARD_TRAMPOLINE >> 12);
}
