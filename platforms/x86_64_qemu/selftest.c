/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A second program on the same machine code: it does one forbidden thing, named by the command
 * line, and must be stopped for it; "copy" checks the copy that survives faults, "nmi" that an NMI
 * may come at any time.
 */
#include "platforms/reference/machine.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/main.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/pvh.h"
#include "platforms/x86_64_qemu/uart.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/hooks/mem.h"

#define NMIS 100u

extern uint8_t image_stacks_start[];

static volatile uint8_t in_data = 0xc3; /* RET */
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
		{BOARD_LAPIC_BASE, false, "device"},
		{(uint64_t)image_stacks_start, false, "guard"},
		{(uint64_t)image_stacks_start + STACK_SIZE - 2, false, "end of a guard"},
		{BOARD_RAM_END - 2, false, "end of RAM"},
		{BOARD_RAM_END, false, "behind RAM"},
		{0, false, "0"},
		{UINT64_C(1) << 63, false, "not canonical"},
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
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
		{"copy", copy},
		{"write-text", write_text},
		{"write-constants", write_constants},
		{"write-null", write_null},
		{"run-data", run_data},
		{"overflow-stack", overflow_stack},
		{"nmi", nmi},
	};
	char line[64];
	percpu_init(0);
	uart_init();
	if (!pvh_command_line(line, sizeof(line))) {
		panic("the command line is too long");
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(cases); i++) {
		if (axb_streq(line, cases[i].name)) {
			cases[i].run();
			machine_put('!');
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
