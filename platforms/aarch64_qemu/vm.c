/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/vm.h"

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/gic.h"
#include "platforms/aarch64_qemu/guests/abi.h"
#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/aarch64_qemu/percpu.h"
#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/console.h"
#include "platforms/reference/hooks.h"
#include "platforms/reference/session.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"

static struct vm vms[PACKAGE_VMS_MAX]; /* [i] has id i + 1 */

static struct vm *vm_of(uint16_t id)
{
	return &vms[id - 1];
}

enum vm_state vm_state(const struct vm *vm)
{
	return (enum vm_state)axb_load_acquire(&vm->state);
}

/* Memory. */

bool vm_has_ram(const struct vm *vm, axb_gpa_t gpa)
{
	return gpa.pa - vm->config->ram_base < vm->config->ram_size;
}

static bool back(struct vm *vm, axb_gpa_t gpa)
{
	/* Small guests get pages, to have many first uses. */
	bool block = (vm->config->flags & PACKAGE_VM_DEVICE) == 0;
	return s2_back(&vm->s2, gpa, block) == AXB_OK;
}

void vm_back(struct vm *vm, axb_gpa_t gpa)
{
	if (!back(vm, gpa)) {
		vm_fail(vm, "no memory left for its RAM");
	}
}

/* Put bytes of the package at @gpa. @return false when memory is out. */
static bool copy_in(struct vm *vm, axb_gpa_t gpa, struct axb_bytes bytes)
{
	const uint8_t *from = bytes.data;
	size_t left = bytes.size;
	while (left > 0) {
		axb_hpa_t hpa;
		uint64_t size;
		if (!back(vm, gpa) || !s2_find(&vm->s2, gpa, &hpa, &size)) {
			return false;
		}
		size = size < left ? size : left;
		memcpy((void *)hpa.pa, from, size);
		cache_clean((void *)hpa.pa, size);
		from += size;
		left -= size;
		gpa.pa += size;
	}
	return true;
}

static bool load_pieces(struct vm *vm)
{
	uint64_t began_ns = machine_time_ns();
	uint64_t size = 0;
	for (uint32_t i = 0; i < vm->config->piece_count; i++) {
		const struct package_piece *piece = &vm->config->pieces[i];
		if (!copy_in(vm, (axb_gpa_t){piece->gpa},
			    package_bytes(session_package(), piece->offset, piece->size))) {
			return false;
		}
		size += piece->size;
	}
	ic_ialluis();
	dsb_ish();
	trace_image_load(vm->id, size, machine_time_ns() - began_ns);
	return true;
}

/* Devices. */

bool vm_device_access(
	struct vm *vm, uint32_t vcpu, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value)
{
	int sent = -1;
	axb_spinlock_lock(&vm->lock);
	bool found = vgic_access(&vm->vgic, gpa, size, is_write, value) ||
		     vuart_access(&vm->vuart, gpa, size, is_write, value, &sent) ||
		     ((vm->config->flags & PACKAGE_VM_DEVICE) != 0 &&
			     device_access(&vm->device, gpa.pa - GUEST_DEVICE_BASE, size, is_write,
				     value));
	vgic_set_line(&vm->vgic, 0, VUART_IRQ, vuart_irq(&vm->vuart));
	uint32_t wanting = vgic_wanting(&vm->vgic);
	axb_spinlock_unlock(&vm->lock);
	vm_kick(vm, wanting & ~(1u << vcpu));
	if (sent >= 0) {
		console_vm_put(vm->id, (char)sent);
	}
	return found;
}

void machine_vm_input(uint16_t id, char c)
{
	struct vm *vm = vm_of(id);
	if (vm_state(vm) != VM_RUNNING) {
		return;
	}
	axb_spinlock_lock(&vm->lock);
	vuart_receive(&vm->vuart, c);
	vgic_set_line(&vm->vgic, 0, VUART_IRQ, vuart_irq(&vm->vuart));
	uint32_t wanting = vgic_wanting(&vm->vgic);
	axb_spinlock_unlock(&vm->lock);
	vm_kick(vm, wanting);
}

void vm_kick(struct vm *vm, uint32_t vcpus)
{
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		uint32_t cpu = vm->vcpus[i].cpu;
		/* This CPU looks for work before it sleeps or enters the guest. */
		if ((vcpus & 1u << i) != 0 && cpu != percpu()->id) {
			gic_kick(cpu);
		}
	}
}

/* End. */

/* The first to end it says how. */
static bool leave_running(
	struct vm *vm, enum vm_state state, uint64_t status, const char *failure, bool restart)
{
	axb_spinlock_lock(&vm->lock);
	bool first = vm_state(vm) == VM_RUNNING;
	if (first) {
		vm->status = status;
		vm->failure = failure;
		vm->restart_wanted = restart;
		/* Release; pairs with the acquire in vm_state(). */
		axb_store_release(&vm->state, (uint32_t)state);
	}
	axb_spinlock_unlock(&vm->lock);
	if (first) {
		vm_kick(vm, UINT32_MAX);
		/* It cleans up. */
		gic_kick(0);
	}
	return first;
}

void vm_end(struct vm *vm, uint64_t status)
{
	(void)leave_running(vm, VM_STOPPED, status, NULL, false);
}

void vm_end_and_restart(struct vm *vm)
{
	(void)leave_running(vm, VM_STOPPED, 0, NULL, true);
}

void vm_fail(struct vm *vm, const char *why)
{
	(void)leave_running(vm, VM_FAILED, 0, why, false);
}

/* Has every CPU left it? Acquire; pairs with the release in vcpu.c. */
static bool all_left(struct vm *vm)
{
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		struct vcpu *vcpu = &vm->vcpus[i];
		if (axb_load_acquire(&percpu_of(vcpu->cpu)->assigned) == vcpu) {
			return false;
		}
	}
	return true;
}

static void clean_up(struct vm *vm)
{
	s2_free(&vm->s2);
	vm->has_memory = false;
	trace_vm_destroy(vm->id);
}

/* Wait until it runs nowhere, and clean up. */
static void finish(struct vm *vm)
{
	vcpu_leave_ended();
	while (!all_left(vm)) {
		wfe();
	}
	clean_up(vm);
}

enum axb_status machine_vm_stop(uint16_t id)
{
	struct vm *vm = vm_of(id);
	bool was_running = leave_running(vm, VM_OFF, 0, NULL, false);
	if (!was_running && !vm->restart_wanted) {
		return AXB_ERR_NOT_FOUND;
	}
	finish(vm);
	vm->restart_wanted = false;
	axb_store_release(&vm->state, (uint32_t)VM_OFF);
	return AXB_OK;
}

void vms_poll(void)
{
	for (uint32_t i = 0; i < session_package()->vm_count; i++) {
		struct vm *vm = &vms[i];
		if (!vm->has_memory || vm_state(vm) == VM_RUNNING || !all_left(vm)) {
			continue;
		}
		clean_up(vm);
		if (vm->restart_wanted && machine_vm_start(vm->id) != AXB_OK) {
			vm->restart_wanted = false;
			vm->failure = "it cannot be started again";
			axb_store_release(&vm->state, (uint32_t)VM_FAILED);
		}
	}
}

/* Start. */

/* Find CPUs for @count vCPUs. @return false when not so many are free. */
static bool find_cpus(uint32_t count, uint32_t *out)
{
	uint32_t found = 0;
	for (uint32_t cpu = 0; cpu < BOARD_CPU_COUNT && found < count; cpu++) {
		if (axb_load_acquire(&percpu_of(cpu)->assigned) == NULL) {
			out[found++] = cpu;
		}
	}
	return found == count;
}

static void reset_devices(struct vm *vm)
{
	vgic_init(&vm->vgic, vm->vcpu_count);
	vuart_init(&vm->vuart);
	device_init(&vm->device, vm->id);
}

/* The first vCPU begins, the others wait for its PSCI calls. */
static void run(struct vm *vm)
{
	axb_store_release(&vm->state, (uint32_t)VM_RUNNING);
	vcpu_power_on(&vm->vcpus[0], vm->config->entry, 0);
	memcpy(vm->vcpus[0].regs.x, vm->config->args, sizeof(vm->config->args));
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		/* Release; pairs with the acquire in vcpu.c. */
		axb_store_release(&percpu_of(vm->vcpus[i].cpu)->assigned, &vm->vcpus[i]);
	}
	vm_kick(vm, UINT32_MAX);
}

enum axb_status machine_vm_start(uint16_t id)
{
	struct vm *vm = vm_of(id);
	uint32_t cpus[PACKAGE_VCPUS_MAX];
	if (vm_state(vm) == VM_RUNNING) {
		return AXB_ERR_BUSY;
	}
	if (vm->has_memory) {
		finish(vm);
	}
	uint64_t began_ns = machine_time_ns();
	vm->id = id;
	vm->config = package_get_vm(session_package(), id);
	if (!find_cpus(vm->config->vcpu_count, cpus)) {
		return AXB_ERR_LIMIT;
	}
	vm->vcpu_count = vm->config->vcpu_count;
	vm->status = 0;
	vm->failure = NULL;
	vm->restart_wanted = false;
	for (uint16_t i = 0; i < vm->vcpu_count; i++) {
		vcpu_init(&vm->vcpus[i], vm, i, cpus[i]);
	}
	reset_devices(vm);
	trace_config_load(id, machine_time_ns() - began_ns);
	trace_vm_create(vm);
	vm->has_memory = true;
	if (!s2_init(&vm->s2, id) || !load_pieces(vm)) {
		clean_up(vm);
		return AXB_ERR_NOMEM;
	}
	vm->starts++;
	run(vm);
	return AXB_OK;
}

/* What is known of it. */

void machine_vm_info(uint16_t id, struct vm_info *out)
{
	const struct vm *vm = vm_of(id);
	/* One that starts anew has not stopped, nor one whose vCPUs have not all left the guest. */
	bool runs = vm->restart_wanted || vm->has_memory;
	*out = (struct vm_info){.state = runs ? VM_RUNNING : vm_state(vm),
		.status = vm->status,
		.failure = vm->failure,
		.starts = vm->starts,
		.backed_size = vm->s2.mapped_size};
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		for (uint32_t reason = 0; reason < EXIT_COUNT_; reason++) {
			out->exits += machine_vm_exits(id, i, reason);
		}
	}
}

uint64_t machine_vm_exits(uint16_t id, uint32_t vcpu, uint32_t reason)
{
	return axb_load_relaxed(&vm_of(id)->vcpus[vcpu].exit_count[reason]);
}

uint32_t machine_exit_reasons(void)
{
	return EXIT_COUNT_;
}

const char *machine_exit_reason_name(uint32_t reason)
{
	return exit_reason_name((enum exit_reason)reason);
}

bool machine_vm_anchor(uint16_t id, const char **symbol, uint64_t *address)
{
	*symbol = "vectors";
	*address = axb_load_relaxed(&vm_of(id)->vcpus[0].vectors);
	return *address != 0;
}
