/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/machine.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/console.h"
#include "platforms/x86_64_qemu/cpu.h"
#include "platforms/x86_64_qemu/hooks.h"
#include "platforms/x86_64_qemu/lapic.h"
#include "platforms/x86_64_qemu/main.h"
#include "platforms/x86_64_qemu/pages.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/pvh.h"
#include "platforms/x86_64_qemu/run.h"
#include "platforms/x86_64_qemu/svm.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/uart.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/atomic.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/text.h"

extern uint32_t secondary_id;
static uint32_t cpus_up;

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
	timer_start(10000);
	axb_store_release(&cpus_up, id + 1);
	run_for_ever(NULL);
}

static void put_u64(const char *name, uint64_t v)
{
	char b[64];
	struct axb_text t;
	axb_text_init(&t, b, sizeof b);
	axb_text_str(&t, name);
	axb_text_u64(&t, v);
	axb_text_char(&t, '\n');
	console_puts(b);
}

static void housekeeping(void)
{
	char c;
	vm_reap();
	while (machine_get(&c)) {
		machine_vm_input(1, c);
	}
	for (uint16_t id = 1; id <= vm_count(); id++) {
		struct vm_info info;
		machine_vm_info(id, &info);
		if (info.state == VM_RUNNING) {
			return;
		}
	}
	bool well = true;
	for (uint16_t id = 1; id <= vm_count(); id++) {
		struct vm_info info;
		machine_vm_info(id, &info);
		put_u64("vm ", id);
		put_u64(" state ", info.state);
		put_u64(" status ", info.status);
		if (info.failure) {
			console_puts(info.failure);
		}
		well &= info.state == VM_STOPPED && info.status == 0;
		for (uint32_t v = 0; v < 2; v++) {
			for (uint32_t r = 0; r < machine_exit_reasons(); r++) {
				uint64_t n = machine_vm_exits(id, v, r);
				if (n) {
					console_puts("  ");
					console_puts(machine_exit_reason_name(r));
					put_u64(" ", n);
				}
			}
		}
	}
	machine_exit(well ? 0 : 1);
}

void main(void)
{
	percpu_init(0);
	uart_init();
	console_puts("axebpf reference hypervisor for QEMU q35, SVM\n");
	lapic_mask_legacy();
	svm_init();
	cpu_init(0);
	time_init();
	put_u64("tsc khz ", time_tsc_khz());
	pages_init();
	vm_init_all();
	secondary_id = 1;
	lapic_start_cpu(1);
	while (axb_load_acquire(&cpus_up) != 2) {
		axb_cpu_relax();
	}
	console_puts("cpu 1 up\n");
	timer_start(10000);
	for (uint16_t i = 1; i <= vm_count(); i++) {
		if (machine_vm_start(i) != AXB_OK) {
			panic("start");
		}
	}
	run_for_ever(housekeeping);
}
