/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What became of the VMs, as the hypervisor itself counted.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_REPORT_H_
#define AXB_PLATFORMS_AARCH64_QEMU_REPORT_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/aarch64_qemu/vm.h"

/** A table on the console: a line per VM and exit reason. Context: thread, all VMs have stopped. */
void report_vms(const struct vm *vms, uint32_t count);

/** Has every guest stopped and found no fault? */
bool report_all_well(const struct vm *vms, uint32_t count);

#endif
