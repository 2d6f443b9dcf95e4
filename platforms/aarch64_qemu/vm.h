/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Virtual machines: a name, RAM that is backed on first use, an image, one test device, one vCPU.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_VM_H_
#define AXB_PLATFORMS_AARCH64_QEMU_VM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/aarch64_qemu/s2.h"
#include "platforms/aarch64_qemu/vcpu.h"
#include "platforms/reference/guests/device.h"
#include "runtime/base/types.h"

/** What a VM is made from. */
struct vm_config {
	const char *name;
	const void *image;
	size_t image_size;
	uint64_t args[2]; /**< to the guest in x1, x2; x0 is the VM's id */
};

enum vm_state {
	VM_READY,
	VM_STOPPED, /**< by the guest, with a status */
	VM_FAILED,  /**< the hypervisor could not go on with it */
};

struct vm {
	uint16_t id;
	const char *name;
	struct s2 s2;
	struct device device;
	struct vcpu vcpu;
	uint32_t state;      /**< enum vm_state; store-release by the CPU of the vCPU */
	uint64_t status;     /**< of VM_STOPPED; 0 = the guest found no fault */
	const char *failure; /**< of VM_FAILED */
};

/** Make VM @id and load its image. @return false when memory is out. Context: boot, CPU 0. */
bool vm_create(struct vm *vm, uint16_t id, const struct vm_config *config);

/** Is @gpa in the RAM that each VM has? Pure. */
bool vm_has_ram(axb_gpa_t gpa);

/** Back the page of @gpa, in RAM and not mapped, with memory; without any left the VM fails.
 * Context: boot, or the CPU of the vCPU. */
void vm_back_page(struct vm *vm, axb_gpa_t gpa);

/** End of the VM, by itself or by us. Context: the CPU of its vCPU. */
void vm_stop(struct vm *vm, uint64_t status);
void vm_fail(struct vm *vm, const char *why);

enum vm_state vm_state(const struct vm *vm);

/** Ask all VMs to stop; each does at its next exit. Context: any CPU. */
void vm_stop_all(void);
bool vm_stop_is_wanted(void);

#endif
