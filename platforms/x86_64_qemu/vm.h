/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Virtual machines: made from the package when they start, gone with their memory when they end.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_VM_H_
#define AXB_PLATFORMS_X86_64_QEMU_VM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platforms/reference/guests/device.h"
#include "platforms/reference/machine.h"
#include "platforms/reference/package.h"
#include "platforms/reference/devices/npt.h"
#include "platforms/reference/devices/uart16550.h"
#include "platforms/x86_64_qemu/vcpu.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"

struct vm {
	uint16_t id;
	const struct package_vm *package;
	struct npt npt;
	struct vcpu vcpus[PACKAGE_VCPUS_MAX];
	/* Of exits only, never of thread code while the VM runs: nested tables and devices. */
	struct axb_spinlock lock;
	struct device device;
	struct uart16550 uart;
	uint64_t backed_size;

	uint32_t ended;  /**< enum vm_state that it will be in; 0 while it goes on. Any CPU */
	uint64_t status; /**< written before ended */
	const char *failure;
	bool restart; /**< once it has ended; written before ended */

	enum vm_state state; /**< for thread code */
	uint64_t starts;
};

/** Know the VMs of the package. Context: boot, CPU 0. */
void vm_init_all(void);

/** Free what VMs that have ended held, and restart those that want it. Context: thread, CPU 0. */
void vm_reap(void);

/** Memory at @gpa, backed if it is RAM that was not touched yet; NULL when it is no RAM, or memory
 * is out. Context: the VM's start, or its exits; takes the lock. */
void *vm_memory(struct vm *vm, axb_gpa_t gpa);

/** Is @gpa in its RAM? */
bool vm_has_ram(const struct vm *vm, axb_gpa_t gpa);

/** Take or give permissions of a page of RAM (npt.h): on return no CPU uses others any more.
 * Context: exits. @return what npt_protect() does. */
enum axb_status vm_protect(struct vm *vm, axb_gpa_t gpa, uint32_t permissions);

/** The VM ends, by itself (a status) or because we cannot go on with it. Its vCPUs leave the guest
 * soon. Context: exits. */
void vm_stop(struct vm *vm, uint64_t status);
void vm_restart(struct vm *vm);
void vm_fail(struct vm *vm, const char *why);

static inline bool vm_has_ended(const struct vm *vm)
{
	return __atomic_load_n(&vm->ended, __ATOMIC_ACQUIRE) != 0;
}

#endif
