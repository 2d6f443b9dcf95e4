/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The self-test (platforms/reference/selftest.h) on this machine; "nmi" checks that an NMI may come
 * at any time, "nmi-probes" that it may in the middle of a probe.
 */
#include "platforms/reference/selftest.h"

#include "platforms/reference/machine.h"
#include "platforms/reference/main.h"
#include "platforms/reference/selftest_probes.h"
#include "platforms/reference/x86_64/pvh.h"
#include "platforms/reference/x86_64/uart.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/timer.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"

#include "codegen/gen/contexts_gen.h" // Generated.

#define NMIS 100u
#define NMIS_IN_PROBES 2000u
#define CALLS_AT_ONCE 100u
#define RETURN_INSN 0xc3u

extern uint8_t image_stacks_start[];
extern uint32_t secondary_id; /* boot.S */

static const struct percpu *target; /* of the NMIs of CPU 1 */

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

static uint64_t nmi_count(const struct percpu *cpu)
{
	return *(const volatile uint64_t *)&cpu->nmi_count;
}

/* CPU 1 interrupts CPU 0 again and again. */
static void send_nmis(uint32_t id)
{
	percpu_init(id);
	lapic_cpu_init();
	for (;;) {
		uint64_t before = nmi_count(target);
		lapic_send_nmi(target->id);
		while (nmi_count(target) == before) {
			axb_cpu_relax();
		}
	}
}

static void nmi_probes(void)
{
	uint64_t calls = 0;
	lapic_cpu_init();
	time_init();
	selftest_probes_init(BOARD_PACKAGE_BASE);
	selftest_probe();
	target = percpu();
	secondary_id = 1;
	lapic_start_cpu(1);
	while (nmi_count(target) < NMIS_IN_PROBES) {
		selftest_call_probed(CALLS_AT_ONCE);
		calls += CALLS_AT_ONCE;
	}
	selftest_check_probed(calls + SELFTEST_FIRST_CALLS);
}

static void foreign_breakpoint(void)
{
	selftest_probes_init(BOARD_PACKAGE_BASE);
	selftest_probe();
	__asm__ __volatile__("int3");
}

uint64_t move_sp(int64_t delta);
#define MOVE_SP_SITE 10
__asm__("	.text\n"
	"	.type move_sp, @function\n"
	"move_sp:\n"
	"	subq $256, %rsp\n"
	"	movq %rsp, %rcx\n"
	"	movq %rdi, %rdx\n" /* probed */
	"	movq %rsp, %rax\n"
	"	leaq 256(%rcx), %rsp\n"
	"	subq %rcx, %rax\n"
	"	ret\n");

static void write_sp(void)
{
	selftest_probes_init(BOARD_PACKAGE_BASE);
	selftest_attach_mover((uint64_t)move_sp + MOVE_SP_SITE,
		offsetof(struct axb_pt_regs_x86_64, rsp), offsetof(struct axb_pt_regs_x86_64, rdi));
	selftest_move_sp(move_sp);
}

void main(void)
{
	static const struct selftest_case cases[] = {
		{"write-null", write_null},
		{"overflow-stack", overflow_stack},
		{"nmi", nmi},
		{"nmi-probes", nmi_probes},
		{"foreign-breakpoint", foreign_breakpoint},
		{"write-sp", write_sp},
	};
	const struct selftest_copy copies[] = {
		{BOARD_LAPIC_BASE, false, "device"},
		{(uint64_t)image_stacks_start, false, "guard"},
		{(uint64_t)image_stacks_start + STACK_SIZE - 2, false, "end of a guard"},
		{BOARD_RAM_END - 2, false, "end of RAM"},
		{BOARD_RAM_END, false, "behind RAM"},
		{UINT64_C(1) << 63, false, "not canonical"},
	};
	const struct selftest test = {cases, AXB_ARRAY_COUNT(cases), copies,
		AXB_ARRAY_COUNT(copies), RETURN_INSN, send_nmis};
	char line[64];
	percpu_init(0);
	uart_init();
	if (!pvh_command_line(line, sizeof(line))) {
		panic("the command line is too long");
	}
	selftest_run(&test, line);
}
