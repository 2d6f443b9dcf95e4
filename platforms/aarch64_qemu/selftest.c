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
#include "platforms/reference/selftest_probes.h"
#include "probes/core/dispatch.h"
#include "runtime/base/types.h"

#include "codegen/gen/contexts_gen.h" // Generated.

#define FOREIGN_BREAKPOINT 1 /* neither ours nor 0xf000, which is QEMU's */
#define RETURN_INSN 0xd65f03c0u

extern uint8_t image_stacks_start[];

/* Page by page, as recursion does: the guard must not be jumped over. */
static void overflow_stack(void)
{
	__asm__ __volatile__("1: sub sp, sp, #512\n\tstr xzr, [sp]\n\tb 1b");
}

static void probe(void)
{
	selftest_probes_init(BOARD_PACKAGE_BASE);
	selftest_probe();
}

static void foreign_breakpoint(void)
{
	probe();
	__asm__ __volatile__("brk %0" ::"i"(FOREIGN_BREAKPOINT));
}

/* As probes have them, but of no probe. */
static void unknown_breakpoint(void)
{
	probe();
	__asm__ __volatile__("brk %0" ::"i"(AXB_A64_BREAKPOINT));
}

uint64_t move_sp(int64_t delta);
#define MOVE_SP_SITE 8
__asm__("	.text\n"
	"	.type move_sp, %function\n"
	"move_sp:\n"
	"	sub sp, sp, #256\n"
	"	mov x9, sp\n"
	"	mov x10, x0\n" /* probed */
	"	mov x1, sp\n"
	"	add sp, x9, #256\n"
	"	sub x0, x1, x9\n"
	"	ret\n");

static void attach_mover(void)
{
	selftest_probes_init(BOARD_PACKAGE_BASE);
	selftest_attach_mover((uint64_t)move_sp + MOVE_SP_SITE,
		offsetof(struct axb_user_pt_regs, sp), offsetof(struct axb_user_pt_regs, regs));
}

static void write_sp(void)
{
	attach_mover();
	selftest_move_sp(move_sp);
}

/* No load or store by it would be possible any more (SCTLR_EL2.SA). */
static void unaligned_sp(void)
{
	attach_mover();
	(void)move_sp(8);
}

void main(void)
{
	static const struct selftest_case cases[] = {
		{"overflow-stack", overflow_stack},
		{"foreign-breakpoint", foreign_breakpoint},
		{"unknown-breakpoint", unknown_breakpoint},
		{"write-sp", write_sp},
		{"unaligned-sp", unaligned_sp},
	};
	const struct selftest_copy copies[] = {
		{BOARD_UART_BASE, false, "device"},
		{BOARD_RAM_BASE, false, "unmapped RAM"},
		{(uint64_t)image_stacks_start, false, "guard"},
		{(uint64_t)image_stacks_start + STACK_SIZE - 2, false, "end of a guard"},
		{BOARD_RAM_END - 2, false, "end of RAM"},
		{BOARD_RAM_END, false, "behind RAM"},
	};
	const struct selftest test = {
		cases, AXB_ARRAY_COUNT(cases), copies, AXB_ARRAY_COUNT(copies), RETURN_INSN, NULL};
	char line[64];
	percpu_init(0);
	if (!semihosting_command_line(line, sizeof(line))) {
		panic("no command line");
	}
	selftest_run(&test, line);
}
