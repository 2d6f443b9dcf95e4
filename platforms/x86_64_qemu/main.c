/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The course of things: CPU 0 brings up the machine and the other CPU, and starts the VMs of the
 * package; then each CPU runs its vCPUs in turn. When no VM runs any more, CPU 0 reports and ends
 * QEMU, with status 0 when every guest found everything as it must be.
 */
#include "platforms/x86_64_qemu/main.h"

#include <stdbool.h>

#include "platforms/reference/machine.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/console.h"
#include "platforms/x86_64_qemu/hooks.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/options.h"
#include "platforms/x86_64_qemu/package_reader.h"
#include "platforms/x86_64_qemu/pages.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/pvh.h"
#include "platforms/x86_64_qemu/report.h"
#include "platforms/x86_64_qemu/run.h"
#include "platforms/x86_64_qemu/svm.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/tracing.h"
#include "platforms/x86_64_qemu/uart.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/atomic.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"

#define COMMAND_LINE_SIZE 1024u

extern const uint8_t hypervisor_pages_start[];
extern uint32_t secondary_id; /* boot.S */

static uint32_t cpus_up = 1;   /* CPUs that are through secondary_main() */
static struct options options; /* written before the other CPU starts */

static void cpu_init(uint32_t id)
{
	percpu_init(id);
	lapic_cpu_init();
	if (!svm_cpu_init()) {
		panic("no SVM with nested paging");
	}
}

void secondary_main(uint32_t id)
{
	cpu_init(id);
	timer_start(options.tick_us);
	tracing_cpu_init();
	/* Release; pairs with the acquire in start_cpus(). */
	axb_store_release(&cpus_up, id + 1);
	run_for_ever(NULL);
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

static void read_options(void)
{
	static char line[COMMAND_LINE_SIZE];
	const char *bad = "it is too long";
	if (!pvh_command_line(line, sizeof(line)) ||
		options_parse(line, &options, &bad) != AXB_OK) {
		char buffer[160];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_str(&text, "command line: ");
		axb_text_str(&text, bad);
		panic(buffer);
	}
}

static void start_vms(void)
{
	for (uint16_t id = 1; id <= package_vm_count(); id++) {
		bool wanted = (package_vm(id)->flags & PACKAGE_VM_START) != 0;
		if (wanted && machine_vm_start(id) != AXB_OK) {
			panic("a VM cannot be started");
		}
	}
}

static bool any_vm_runs(void)
{
	struct vm_info info = {0};
	for (uint16_t id = 1; id <= package_vm_count() && info.state != VM_RUNNING; id++) {
		machine_vm_info(id, &info);
	}
	return info.state == VM_RUNNING;
}

__attribute__((noreturn)) static void finish(void)
{
	for (uint16_t id = 1; id <= package_vm_count(); id++) {
		/* What does not run is no error here. */
		(void)machine_vm_stop(id);
	}
	timer_stop();
	if (options.finish != NULL) {
		tracing_run_script(options.finish);
	}
	tracing_finish();
	report_vms();
	machine_exit(report_all_well() ? 0 : 1);
}

/* What CPU 0 does besides running its vCPUs. */
static void thread(void)
{
	vm_reap();
	tracing_poll();
	if (tracing_exit_wanted() || (options.stay == 0 && !any_vm_runs())) {
		finish();
	}
}

/* The memory behind the image, without the package. */
static void find_memory(void)
{
	uint64_t package_size = package_init(BOARD_PACKAGE_BASE);
	if (package_size == 0) {
		panic("there is no VM package");
	}
	pages_add((uint64_t)hypervisor_pages_start, BOARD_PACKAGE_BASE);
	pages_add(BOARD_PACKAGE_BASE + package_size, BOARD_RAM_END);
}

void main(void)
{
	percpu_init(0);
	uart_init();
	console_puts("axebpf reference hypervisor for QEMU q35, SVM\n");
	read_options();
	lapic_mask_legacy();
	svm_init();
	cpu_init(0);
	time_init();
	find_memory();
	timer_start(options.tick_us);
	uint64_t began_ns = time_now_ns();
	tracing_init(&options);
	if (options.script != NULL) {
		tracing_run_script(options.script);
	}
	vm_init_all();
	start_cpus();
	trace_vmm_init(BOARD_CPU_COUNT, time_now_ns() - began_ns);
	start_vms();
	if (options.stay != 0) {
		tracing_prompt();
	}
	run_for_ever(thread);
}
