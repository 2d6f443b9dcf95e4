/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The course of things: CPU 0 brings up the machine and the other CPUs, and starts the VMs of the
 * package; then each CPU runs the vCPU that it is given. When no VM runs any more, the session
 * reports and ends QEMU, with status 0 when every guest found everything as it must be.
 */
#include "platforms/reference/main.h"

#include <stdint.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/idregs.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/vcpu.h"
#include "platforms/aarch64_qemu/vm.h"
#include "platforms/reference/aarch64/psci.h"
#include "platforms/reference/aarch64/semihosting.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/console.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/session.h"
#include "platforms/reference/tracing.h"
#include "runtime/base/atomic.h"
#include "runtime/base/noprobe.h"

#define COMMAND_LINE_SIZE 1024u

extern const uint8_t hypervisor_pages_start[];

static uint32_t cpus_up = 1; /* CPUs that are through secondary_main() */

static void cpu_init(uint32_t id)
{
	gic_cpu_init(id);
}

__attribute__((noreturn, noinline)) static void secondary_run(uint32_t id)
{
	cpu_init(id);
	tracing_cpu_init();
	/* Release; pairs with the acquire in start_cpus(). */
	(void)axb_fetch_add_acq_rel(&cpus_up, 1u);
	sev();
	vcpu_loop(NULL);
}

/* A breakpoint needs percpu(). */
AXB_NOPROBE void secondary_main(uint32_t id)
{
	percpu_init(id);
	secondary_run(id);
}

uint32_t cpus_online(void)
{
	return axb_load_acquire(&cpus_up);
}

/* One after the other, so that they are up in the same order each time. */
static void start_cpus(void)
{
	for (uint32_t id = 1; id < BOARD_CPU_COUNT; id++) {
		if (!psci_cpu_on(id)) {
			panic("a CPU did not start");
		}
		while (axb_load_acquire(&cpus_up) != id + 1) {
			wfe();
		}
	}
}

static void open_session(void)
{
	static char line[COMMAND_LINE_SIZE];
	if (!semihosting_command_line(line, sizeof(line))) {
		panic("the command line is too long");
	}
	session_open(line, (uint64_t)hypervisor_pages_start, BOARD_PACKAGE_BASE, BOARD_RAM_END);
}

/* What CPU 0 does besides running its vCPU. */
static void thread(void)
{
	vms_poll();
	session_poll();
}

void main(void)
{
	percpu_init(0);
	console_puts("axebpf reference hypervisor for QEMU virt, EL2\n");
	open_session();
	idregs_init();
	gic_init();
	cpu_init(0);
	timer_init(session_options()->tick_us);
	timer_start();
	uint64_t began_ns = machine_time_ns();
	session_begin();
	start_cpus();
	trace_vmm_init(BOARD_CPU_COUNT, machine_time_ns() - began_ns);
	session_start_vms();
	vcpu_loop(thread);
}
