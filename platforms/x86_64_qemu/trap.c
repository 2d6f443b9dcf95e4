/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: APM vol. 2, 8.2 (vectors), 8.9.1 (interrupt gates), 8.9.4 (interrupt stack table).
 */
#include "platforms/x86_64_qemu/trap.h"

#include "platforms/reference/machine.h"
#include "platforms/reference/text.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/offsets.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

#define STUB_SIZE 16
#define GATE_INTERRUPT 0x8e
#define VECTOR_COUNT 256u
#define VECTOR_DB 1u
#define VECTOR_NMI 2u
#define VECTOR_BP 3u
#define VECTOR_DF 8u
#define VECTOR_GP 13u
#define VECTOR_PF 14u
#define VECTOR_MC 18u
#define RFLAGS_RF (1u << 16)

struct gate {
	uint16_t offset0;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset1;
	uint32_t offset2;
	uint32_t reserved;
};
AXB_STATIC_ASSERT(sizeof(struct gate) * VECTOR_COUNT == TRAP_IDT_SIZE, "APM vol. 2, figure 4-24");

extern const uint8_t trap_stubs[], copy_guarded_end[], copy_guarded_failed[];
extern const uint8_t image_stacks_start[], image_stacks_end[];

static struct gate idt[VECTOR_COUNT] AXB_ALIGNED(16);

AXB_NOPROBE uint64_t trap_idt(void)
{
	for (uint32_t i = 0; i < VECTOR_COUNT && idt[0].type == 0; i++) {
		uint32_t vector =
			VECTOR_COUNT - 1 - i; /* the first one last: it says that all is done */
		uint64_t stub = (uint64_t)trap_stubs + vector * STUB_SIZE;
		idt[vector] = (struct gate){.offset0 = (uint16_t)stub,
			.selector = SELECTOR_CODE,
			.ist = vector == VECTOR_NMI  ? IST_NMI
			       : vector == VECTOR_DF ? IST_DOUBLE_FAULT
			       : vector == VECTOR_MC ? IST_MACHINE_CHECK
						     : 0,
			.type = GATE_INTERRUPT,
			.offset1 = (uint16_t)(stub >> 16),
			.offset2 = (uint32_t)(stub >> 32)};
	}
	return (uint64_t)idt;
}

AXB_NOPROBE_INLINE bool is_fault_of_copy(const struct trap_frame *frame, uint32_t vector)
{
	return (vector == VECTOR_PF || vector == VECTOR_GP) &&
	       frame->rip >= (uint64_t)copy_guarded && frame->rip < (uint64_t)copy_guarded_end;
}

/* The CPU could not push the frame of a page fault: the stack is in its guard. */
static bool is_stack_overflow(uint32_t vector)
{
	uint64_t at = read_cr2();
	return vector == VECTOR_DF && at >= (uint64_t)image_stacks_start &&
	       at < (uint64_t)image_stacks_end && (at & STACK_SIZE) == 0;
}

static void put(struct axb_text *text, const char *name, uint64_t value)
{
	axb_text_str(text, name);
	axb_text_0x(text, value, 1);
}

__attribute__((noreturn, noinline)) static void die(const struct trap_frame *frame, uint32_t vector)
{
	char buffer[640];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	if (is_stack_overflow(vector)) {
		put(&text, "stack overflow, pc ", frame->rip);
		panic(buffer);
	}
	axb_text_str(&text, "exception ");
	axb_text_u64(&text, vector);
	put(&text, ", error ", frame->error);
	put(&text, ", pc ", frame->rip);
	put(&text, ", address ", read_cr2());
	put(&text, "\n  rflags ", frame->rflags);
	put(&text, " rsp ", frame->rsp);
	const struct {
		const char *name;
		uint64_t value;
	} regs[] = {
		{" rax ", frame->rax},
		{" rbx ", frame->rbx},
		{"\n  rcx ", frame->rcx},
		{" rdx ", frame->rdx},
		{" rsi ", frame->rsi},
		{" rdi ", frame->rdi},
		{" rbp ", frame->rbp},
		{" r8 ", frame->r8},
		{"\n  r9 ", frame->r9},
		{" r10 ", frame->r10},
		{" r11 ", frame->r11},
		{" r12 ", frame->r12},
		{" r13 ", frame->r13},
		{" r14 ", frame->r14},
		{" r15 ", frame->r15},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(regs); i++) {
		put(&text, regs[i].name, regs[i].value);
	}
	panic(buffer);
}

AXB_NOPROBE void trap_host(struct trap_frame *frame, uint32_t vector)
{
	switch (vector) {
	case VECTOR_TIMER:
		percpu()->irqs_taken |= PERCPU_IRQ_TIMER;
		return;
	case VECTOR_KICK:
		percpu()->irqs_taken |= PERCPU_IRQ_KICK;
		return;
	case VECTOR_TEXT:
		text_answer();
		lapic_eoi();
		return;
	case VECTOR_SPURIOUS:
		return;
	case VECTOR_NMI:
		percpu()->nmi_count++;
		return;
	default:
		break;
	}
	if (vector == VECTOR_BP && text_breakpoint(frame->rip - 1, 0, frame)) {
		return;
	}
	if (is_fault_of_copy(frame, vector)) {
		frame->rip = (uint64_t)copy_guarded_failed;
		return;
	}
	die(frame, vector);
}
