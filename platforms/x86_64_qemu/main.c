/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The course of things: CPU 0 brings up the machine and the other CPU; then each CPU runs its vCPUs
 * in turn. What the session does (platforms/reference/session.h) is CPU 0's, in between.
 */
#include "platforms/reference/main.h"

#include "platforms/reference/console.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/session.h"
#include "platforms/reference/tracing.h"
#include "platforms/reference/x86_64/pvh.h"
#include "platforms/reference/x86_64/uart.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/run.h"
#include "platforms/x86_64_qemu/svm.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/atomic.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/spinlock.h"

#define COMMAND_LINE_SIZE 1024u

extern uint8_t hypervisor_pages_start[];
extern uint32_t secondary_id; /* boot.S */

static uint64_t package_read_ns;
static uint32_t cpus_up = 1; /* CPUs that are through secondary_main() */

static void cpu_init(void)
{
	lapic_cpu_init();
	if (!svm_cpu_init()) {
		panic("no SVM with nested paging");
	}
}

__attribute__((noreturn, noinline)) static void secondary_run(uint32_t id)
{
	cpu_init();
	timer_start(session_options()->tick_us);
	tracing_cpu_init();
	/* Release; pairs with the acquire in start_cpus(). */
	axb_store_release(&cpus_up, id + 1);
	run_for_ever(NULL);
}

/* A breakpoint needs percpu() and the IDT. */
AXB_NOPROBE void secondary_main(uint32_t id)
{
	percpu_init(id);
	secondary_run(id);
}

uint32_t cpus_online(void)
{
	return axb_load_acquire(&cpus_up);
}

/* One after the other: they share secondary_id. */
static void start_cpus(void)
{
	for (uint32_t id = 1; id < BOARD_CPU_COUNT; id++) {
		secondary_id = id;
		lapic_start_cpu(id);
		while (axb_load_acquire(&cpus_up) != id + 1) {
			axb_cpu_relax();
		}
	}
}

/* The package was read before there was any tracing. */
static void trace_configs(void)
{
	for (uint16_t id = 1; id <= session_package()->vm_count; id++) {
		trace_config_load(id, package_read_ns);
	}
}

/* What CPU 0 does besides running its vCPUs. */
static void thread(void)
{
	vm_reap();
	session_poll();
}

void main(void)
{
	static char command_line[COMMAND_LINE_SIZE];
	percpu_init(0);
	uart_init();
	console_puts("axebpf reference hypervisor for QEMU q35, SVM\n");
	lapic_mask_legacy();
	svm_init();
	cpu_init();
	time_init();
	uint64_t began_ns = time_now_ns();
	if (!pvh_command_line(command_line, sizeof(command_line))) {
		panic("command line: it is too long");
	}
	session_open(
		command_line, (uint64_t)hypervisor_pages_start, BOARD_PACKAGE_BASE, BOARD_RAM_END);
	package_read_ns = time_now_ns() - began_ns;
	timer_start(session_options()->tick_us);
	vm_init_all();
	session_begin();
	trace_configs();
	start_cpus();
	trace_vmm_init(BOARD_CPU_COUNT, time_now_ns() - began_ns);
	session_start_vms();
	run_for_ever(thread);
}
