/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/vm.h"

#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/aarch64_qemu/pages.h"
#include "platforms/aarch64_qemu/sysreg.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/trace_hooks.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"

static uint32_t stop_is_wanted;

/* A zeroed page at @gpa in RAM; NULL when memory is out. */
static void *map_new_page(struct vm *vm, axb_gpa_t gpa)
{
	void *page = pages_alloc(1);
	axb_hpa_t hpa = {(uint64_t)page};
	if (page == NULL || !s2_map(&vm->s2, gpa, hpa, S2_RAM)) {
		return NULL;
	}
	trace_s2_map(vm->id, gpa, hpa, PAGE_SIZE, S2_RAM);
	return page;
}

static bool image_load(struct vm *vm, const struct vm_config *config)
{
	uint64_t began_ns = time_now_ns();
	for (size_t done = 0; done < config->image_size; done += PAGE_SIZE) {
		void *page = map_new_page(vm, (axb_gpa_t){GUEST_RAM_BASE + done});
		if (page == NULL) {
			return false;
		}
		size_t left = config->image_size - done;
		memcpy(page, (const uint8_t *)config->image + done,
			left < PAGE_SIZE ? left : PAGE_SIZE);
		cache_clean(page, PAGE_SIZE);
	}
	ic_ialluis();
	dsb_ish();
	trace_image_load(vm->id, config->image_size, time_now_ns() - began_ns);
	return true;
}

bool vm_create(struct vm *vm, uint16_t id, const struct vm_config *config)
{
	*vm = (struct vm){.id = id, .name = config->name};
	device_init(&vm->device, id);
	if (!s2_init(&vm->s2, (uint8_t)id)) {
		return false;
	}
	trace_vm_create(vm);
	vcpu_init(&vm->vcpu, vm, GUEST_RAM_BASE);
	vm->vcpu.regs.x[0] = id;
	vm->vcpu.regs.x[1] = config->args[0];
	vm->vcpu.regs.x[2] = config->args[1];
	return image_load(vm, config);
}

bool vm_has_ram(axb_gpa_t gpa)
{
	return gpa.pa - GUEST_RAM_BASE < GUEST_RAM_SIZE;
}

void vm_back_page(struct vm *vm, axb_gpa_t gpa)
{
	gpa.pa &= ~(uint64_t)(PAGE_SIZE - 1);
	if (map_new_page(vm, gpa) == NULL) {
		vm_fail(vm, "no memory left for its RAM");
	}
}

void vm_stop(struct vm *vm, uint64_t status)
{
	vm->status = status;
	/* Release; pairs with the acquire in vm_state(). */
	axb_store_release(&vm->state, (uint32_t)VM_STOPPED);
}

void vm_fail(struct vm *vm, const char *why)
{
	vm->failure = why;
	axb_store_release(&vm->state, (uint32_t)VM_FAILED);
}

enum vm_state vm_state(const struct vm *vm)
{
	return (enum vm_state)axb_load_acquire(&vm->state);
}

void vm_stop_all(void)
{
	axb_store_release(&stop_is_wanted, 1u);
}

bool vm_stop_is_wanted(void)
{
	return axb_load_acquire(&stop_is_wanted) != 0;
}
