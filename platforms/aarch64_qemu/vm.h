/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Virtual machines as the package describes them: RAM that is backed on first use, vCPUs each on a
 * CPU of its own, interrupt controller, serial line, and the test device of the small guests.
 * Their life (machine_vm_start() and so on) is thread work of CPU 0, in vm.c.
 *
 * Locks: vm.lock for the devices; s2.lock for the table. Neither is taken inside the other; inside
 * vm.lock nothing is locked.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_VM_H_
#define AXB_PLATFORMS_AARCH64_QEMU_VM_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/aarch64_qemu/s2.h"
#include "platforms/aarch64_qemu/vcpu.h"
#include "platforms/reference/devices/vgic.h"
#include "platforms/reference/devices/vuart.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/guests/device.h"
#include "platforms/reference/package.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"

struct vm {
	uint16_t id;
	const struct package_vm *config;
	struct s2 s2;
	struct axb_spinlock lock; /**< of: */
	struct vgic vgic;
	struct vuart vuart;
	struct device device;
	uint32_t vcpu_count; /**< 0 = it was never started */
	struct vcpu vcpus[PACKAGE_VCPUS_MAX];
	uint32_t state;      /**< enum vm_state; store-release */
	uint64_t status;     /**< of VM_STOPPED; 0 = the guest found no fault */
	const char *failure; /**< of VM_FAILED */
	bool restart_wanted; /**< by the guest, when it ended */
	bool has_memory;     /**< began, and is not cleaned up yet; CPU 0 only */
	uint64_t starts;
};

enum vm_state vm_state(const struct vm *vm);

/** Is @gpa in its RAM? */
bool vm_has_ram(const struct vm *vm, axb_gpa_t gpa);

/** Back @gpa, in its RAM, with memory; without any left the VM fails. */
void vm_back(struct vm *vm, axb_gpa_t gpa);

/**
 * Access of @vcpu to an emulated device. @param value written, or the value read.
 * @return false when no device answers.
 */
bool vm_device_access(
	struct vm *vm, uint32_t vcpu, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value);

/** Bring the CPUs of these vCPUs (a bit each) out of guest or WFI. */
void vm_kick(struct vm *vm, uint32_t vcpus);

/** The guest ends its VM, or we cannot go on with it: its vCPUs leave at their next exit. */
void vm_end(struct vm *vm, uint64_t status);
void vm_end_and_restart(struct vm *vm);
void vm_fail(struct vm *vm, const char *why);

/** Clean up after VMs that have ended, start those anew that want it. Context: thread, CPU 0. */
void vms_poll(void);

#endif
