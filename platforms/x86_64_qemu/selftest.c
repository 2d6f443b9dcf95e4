/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The self-test (platforms/reference/selftest.h) on this machine; "nmi" checks that an NMI may come
 * at any time.
 */
#include "platforms/reference/selftest.h"

#include "platforms/reference/machine.h"
#include "platforms/reference/main.h"
#include "platforms/reference/x86_64/pvh.h"
#include "platforms/reference/x86_64/uart.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "runtime/base/types.h"

#define NMIS 100u
#define RETURN_INSN 0xc3u

extern uint8_t image_stacks_start[];

static void write_null(void)
{
	uint64_t at = 8;
	__asm__ __volatile__("movq %0, (%0)" ::"r"(at) : "memory");
}

/* Page by page, as recursion does: the guard must not be jumped over. */
static void overflow_stack(void)
{
	__asm__ __volatile__("1: subq $512, %rsp\n\tmovq $0, (%rsp)\n\tjmp 1b");
}

static void nmi(void)
{
	lapic_cpu_init();
	for (uint64_t i = 1; i <= NMIS; i++) {
		lapic_send_nmi(0);
		while (*(volatile uint64_t *)&percpu()->nmi_count < i) {
		}
	}
}

void main(void)
{
	static const struct selftest_case cases[] = {
		{"write-null", write_null},
		{"overflow-stack", overflow_stack},
		{"nmi", nmi},
	};
	const struct selftest_copy copies[] = {
		{BOARD_LAPIC_BASE, false, "device"},
		{(uint64_t)image_stacks_start, false, "guard"},
		{(uint64_t)image_stacks_start + STACK_SIZE - 2, false, "end of a guard"},
		{BOARD_RAM_END - 2, false, "end of RAM"},
		{BOARD_RAM_END, false, "behind RAM"},
		{UINT64_C(1) << 63, false, "not canonical"},
	};
	const struct selftest test = {
		cases, AXB_ARRAY_COUNT(cases), copies, AXB_ARRAY_COUNT(copies), RETURN_INSN};
	char line[64];
	percpu_init(0);
	uart_init();
	if (!pvh_command_line(line, sizeof(line))) {
		panic("the command line is too long");
	}
	selftest_run(&test, line);
}
