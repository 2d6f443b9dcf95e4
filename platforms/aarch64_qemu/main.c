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
#include "platforms/aarch64_qemu/guests/images.h"
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
#include "platforms/aarch64_qemu/vm.h"
#include "runtime/base/atomic.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"

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

static void cpu_init(uint32_t id)
{
	percpu_init(id);
	gic_cpu_init(id);
	timer_start();
}

void secondary_main(uint32_t id)
{
	cpu_init(id);
	announce(SECONDARY_READY);
	wait_for(SECONDARY_RUNNING);
	vcpu_run(&vms[id].vcpu, NULL);
	timer_stop();
	announce(SECONDARY_DONE);
	for (;;) {
		wfi();
	}
}

static struct options read_options(void)
{
	static char line[COMMAND_LINE_SIZE];
	struct options options;
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
	return options;
}

static void create_vms(const struct options *options)
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
		struct vm_config config = configs[i];
		config.args[0] = options->rounds;
		config.args[1] = options->period_us * 1000;
		if (!vm_create(&vms[i], (uint16_t)(i + 1), &config)) {
			panic("no memory for a VM");
		}
	}
}

/* Wait until CPU 1 is done too. */
static void idle_until_done(void)
{
	while (axb_load_acquire(&secondary_state) != SECONDARY_DONE) {
		wfi();
		irq_poll();
	}
}

void main(void)
{
	percpu_init(0);
	gic_init();
	cpu_init(0);
	uint64_t began_ns = time_now_ns();
	console_puts("axebpf reference hypervisor for QEMU virt, EL2\n");
	struct options options = read_options();
	create_vms(&options);
	if (!psci_cpu_on(1)) {
		panic("CPU 1 did not start");
	}
	wait_for(SECONDARY_READY);
	trace_vmm_init(BOARD_CPU_COUNT, time_now_ns() - began_ns);
	announce(SECONDARY_RUNNING);
	vcpu_run(&vms[0].vcpu, NULL);
	idle_until_done();
	timer_stop();
	report_vms(vms, BOARD_CPU_COUNT);
	semihosting_exit(report_all_well(vms, BOARD_CPU_COUNT) ? 0 : 1);
}
