/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The emulated device of a guest (registers: guests/abi.h): an identity, a word to write and read
 * back, and a count of accesses.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_DEVICE_H_
#define AXB_PLATFORMS_AARCH64_QEMU_DEVICE_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/types.h"

struct device {
	uint32_t vm_id;
	uint64_t scratch;
	uint64_t accesses;
};

void device_init(struct device *device, uint32_t vm_id);

/**
 * Access of @size bytes (1, 2, 4 or 8) at @gpa. @param value written, or the value read.
 * @return false: the device is not there, or has no such register; nothing changed.
 */
bool device_access(
	struct device *device, axb_gpa_t gpa, uint32_t size, bool is_write, uint64_t *value);

#endif
