/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A second program on the same machine code: it does one forbidden thing, named by the command
 * line, and must be stopped for it; "copy" checks the copy that survives faults.
 */
#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/main.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/semihosting.h"
#include "platforms/reference/console.h"
#include "platforms/reference/machine.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/hooks/mem.h"

extern uint8_t image_stacks_start[];

static uint32_t in_data = 0xd65f03c0; /* RET */
static const uint32_t in_constants = 1;

static void copy(void)
{
	const struct {
		uint64_t from;
		bool readable;
		const char *what;
	} cases[] = {
		{(uint64_t)&in_constants, true, "constants"},
		{(uint64_t)main, true, "text"},
		{BOARD_UART_BASE, false, "device"},
		{BOARD_RAM_BASE, false, "unmapped RAM"},
		{(uint64_t)image_stacks_start, false, "guard"},
		{(uint64_t)image_stacks_start + STACK_SIZE - 2, false, "end of a guard"},
		{BOARD_RAM_END - 2, false, "end of RAM"},
		{BOARD_RAM_END, false, "behind RAM"},
		{0, false, "0"},
		{UINT64_MAX - 1, false, "end of the address space"},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(cases); i++) {
		uint32_t to = 0;
		if (axb_plat_copy_from(&to, cases[i].from, sizeof(to)) != cases[i].readable) {
			panic(cases[i].what);
		}
	}
}

static void write_text(void)
{
	*(volatile uint32_t *)(uint64_t)main = 0;
}

static void write_constants(void)
{
	*(volatile uint32_t *)(uint64_t)&in_constants = 0;
}

static void run_data(void)
{
	((void (*)(void))(uint64_t)&in_data)();
}

/* Page by page, as recursion does: the guard must not be jumped over. */
static void overflow_stack(void)
{
	__asm__ __volatile__("1: sub sp, sp, #512\n\tstr xzr, [sp]\n\tb 1b");
}

void main(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{"copy", copy},
		{"write-text", write_text},
		{"write-constants", write_constants},
		{"run-data", run_data},
		{"overflow-stack", overflow_stack},
	};
	char line[64];
	percpu_init(0);
	if (!semihosting_command_line(line, sizeof(line))) {
		panic("no command line");
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(cases); i++) {
		if (axb_streq(line, cases[i].name)) {
			cases[i].run();
			console_puts("not stopped\n");
			machine_exit(0);
		}
	}
	panic("no such case");
}

void secondary_main(uint32_t id)
{
	(void)id;
	panic("CPU 1 is not used");
}
