/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What axebpf asks of this hypervisor: runtime/hooks.
 */
#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/panic.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/trace_hooks.h"
#include "platforms/aarch64_qemu/trap.h"
#include "platforms/aarch64_qemu/vm.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"

uint32_t axb_plat_cpu_id(void)
{
	return percpu()->id;
}

uint32_t axb_plat_cpu_count(void)
{
	return BOARD_CPU_COUNT;
}

uint64_t axb_plat_time_ns(void)
{
	return time_now_ns();
}

uint64_t axb_plat_irq_save(void)
{
	uint64_t state = read_daif();
	daif_mask();
	return state;
}

void axb_plat_irq_restore(uint64_t state)
{
	write_daif(state);
}

void axb_plat_vcpu_context(struct axb_vcpu_context *out)
{
	const struct vcpu *vcpu = percpu()->vcpu;
	*out = (struct axb_vcpu_context){.vcpu_id = AXB_VCPU_NONE};
	if (vcpu != NULL) {
		out->vm_id = vcpu->vm->id;
		out->vcpu_id = vcpu->id;
		out->has_exit_reason = vcpu->in_exit;
		out->exit_reason = trace_exit_reason(vcpu->reason);
	}
}

void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	panic_at(file, line, what);
}

bool axb_plat_copy_from(void *to, uint64_t from, size_t size)
{
	/* Devices are mapped too, and reading one may change it. */
	bool in_ram =
		from >= BOARD_RAM_BASE && from <= BOARD_RAM_END && size <= BOARD_RAM_END - from;
	return in_ram && copy_guarded(to, from, size);
}
