/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The self-test (platforms/reference/selftest.h) on this machine.
 */
#include "platforms/reference/selftest.h"

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/reference/aarch64/semihosting.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/main.h"
#include "runtime/base/types.h"

#define RETURN_INSN 0xd65f03c0u

extern uint8_t image_stacks_start[];

/* Page by page, as recursion does: the guard must not be jumped over. */
static void overflow_stack(void)
{
	__asm__ __volatile__("1: sub sp, sp, #512\n\tstr xzr, [sp]\n\tb 1b");
}

void main(void)
{
	static const struct selftest_case cases[] = {{"overflow-stack", overflow_stack}};
	const struct selftest_copy copies[] = {
		{BOARD_UART_BASE, false, "device"},
		{BOARD_RAM_BASE, false, "unmapped RAM"},
		{(uint64_t)image_stacks_start, false, "guard"},
		{(uint64_t)image_stacks_start + STACK_SIZE - 2, false, "end of a guard"},
		{BOARD_RAM_END - 2, false, "end of RAM"},
		{BOARD_RAM_END, false, "behind RAM"},
	};
	const struct selftest test = {
		cases, AXB_ARRAY_COUNT(cases), copies, AXB_ARRAY_COUNT(copies), RETURN_INSN};
	char line[64];
	percpu_init(0);
	if (!semihosting_command_line(line, sizeof(line))) {
		panic("no command line");
	}
	selftest_run(&test, line);
}
