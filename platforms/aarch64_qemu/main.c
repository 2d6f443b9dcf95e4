/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The course of things: CPU 0 brings up the machine, makes one VM per CPU and starts CPU 1; each
 * CPU runs its VM to the end; CPU 0 then reports and ends QEMU, with status 0 when every guest
 * found everything as it must be.
 */
#include <stdbool.h>
#include <stdint.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/console.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/irq.h"
#include "platforms/aarch64_qemu/main.h"
#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/aarch64_qemu/options.h"
#include "platforms/aarch64_qemu/panic.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/psci.h"
#include "platforms/aarch64_qemu/report.h"
#include "platforms/aarch64_qemu/semihosting.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/trace_hooks.h"
#include "platforms/aarch64_qemu/tracing.h"
#include "platforms/aarch64_qemu/vm.h"
#include "runtime/base/atomic.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"

#include "platforms/aarch64_qemu/guests/caller_image_gen.h"  // Generated.
#include "platforms/aarch64_qemu/guests/toucher_image_gen.h" // Generated.

#define COMMAND_LINE_SIZE 1024u

/* How far CPU 1 has come; it waits for CPU 0 at SECONDARY_READY. */
enum secondary_state {
	SECONDARY_OFF,
	SECONDARY_READY,
	SECONDARY_RUNNING,
	SECONDARY_DONE,
};

static struct vm vms[BOARD_CPU_COUNT];
static uint32_t secondary_state;
static struct options options; /* written before CPU 1 starts */

/* Release; pairs with the acquire in wait_for(). */
static void announce(enum secondary_state state)
{
	axb_store_release(&secondary_state, (uint32_t)state);
	sev();
}

static void wait_for(enum secondary_state state)
{
	while (axb_load_acquire(&secondary_state) != (uint32_t)state) {
		wfe();
	}
}

static void cpu_init(uint32_t id, uint64_t tick_us)
{
	percpu_init(id);
	gic_cpu_init(id);
	timer_start(tick_us);
}

void secondary_main(uint32_t id)
{
	cpu_init(id, options.tick_us);
	tracing_cpu_init();
	announce(SECONDARY_READY);
	wait_for(SECONDARY_RUNNING);
	vcpu_run(&vms[id].vcpu, NULL);
	timer_stop();
	announce(SECONDARY_DONE);
	for (;;) {
		wfi();
	}
}

static void read_options(void)
{
	static char line[COMMAND_LINE_SIZE];
	const char *bad = "it is too long";
	if (!semihosting_command_line(line, sizeof(line)) ||
		options_parse(line, &options, &bad) != AXB_OK) {
		char buffer[160];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_text_str(&text, "command line: ");
		axb_text_str(&text, bad);
		panic(buffer);
	}
}

static void create_vms(void)
{
	const struct vm_config configs[BOARD_CPU_COUNT] = {
		{.name = "caller",
			.image = guest_caller_image,
			.image_size = guest_caller_image_size},
		{.name = "toucher",
			.image = guest_toucher_image,
			.image_size = guest_toucher_image_size},
	};
	for (uint16_t i = 0; i < BOARD_CPU_COUNT; i++) {
		uint64_t began_ns = time_now_ns();
		struct vm_config config = configs[i];
		config.args[0] = options.rounds;
		config.args[1] = options.period_us * 1000;
		trace_config_load((uint16_t)(i + 1), time_now_ns() - began_ns);
		if (!vm_create(&vms[i], (uint16_t)(i + 1), &config)) {
			panic("no memory for a VM");
		}
	}
}

/* Wait until CPU 1 is done too, and, if wanted, until someone types "exit". */
static void idle_until_done(bool stay)
{
	while (axb_load_acquire(&secondary_state) != SECONDARY_DONE ||
		(stay && !vm_stop_is_wanted())) {
		wfi();
		irq_poll();
		tracing_poll();
	}
}

__attribute__((noreturn)) static void finish(void)
{
	timer_stop();
	if (options.finish != NULL) {
		tracing_run_script(options.finish);
	}
	tracing_finish();
	report_vms(vms, BOARD_CPU_COUNT);
	semihosting_exit(report_all_well(vms, BOARD_CPU_COUNT) ? 0 : 1);
}

void main(void)
{
	percpu_init(0);
	console_puts("axebpf reference hypervisor for QEMU virt, EL2\n");
	read_options();
	gic_init();
	cpu_init(0, options.tick_us);
	uint64_t began_ns = time_now_ns();
	tracing_init(&options);
	if (options.script != NULL) {
		tracing_run_script(options.script);
	}
	create_vms();
	if (!psci_cpu_on(1)) {
		panic("CPU 1 did not start");
	}
	wait_for(SECONDARY_READY);
	trace_vmm_init(BOARD_CPU_COUNT, time_now_ns() - began_ns);
	announce(SECONDARY_RUNNING);
	if (options.stay != 0) {
		tracing_prompt();
	}
	vcpu_run(&vms[0].vcpu, tracing_poll);
	idle_until_done(options.stay != 0);
	finish();
}
