/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/guests/device.h"

#include "platforms/reference/guests/abi.h"

void device_init(struct device *device, uint32_t vm_id)
{
	*device = (struct device){.vm_id = vm_id};
}

static bool read_register(const struct device *device, uint64_t offset, uint64_t *value)
{
	switch (offset) {
	case DEVICE_ID:
		*value = DEVICE_ID_MAGIC | device->vm_id;
		return true;
	case DEVICE_SCRATCH:
		*value = device->scratch;
		return true;
	case DEVICE_ACCESSES:
		*value = device->accesses;
		return true;
	default:
		return false;
	}
}

bool device_access(
	struct device *device, uint64_t offset, uint32_t size, bool is_write, uint64_t *value)
{
	uint64_t mask = size < 8 ? (UINT64_C(1) << (8 * size)) - 1 : UINT64_MAX;
	if (offset >= GUEST_DEVICE_SIZE) {
		return false;
	}
	if (is_write) {
		if (offset != DEVICE_SCRATCH) {
			return false;
		}
		device->scratch = *value & mask;
	} else {
		if (!read_register(device, offset, value)) {
			return false;
		}
		*value &= mask;
	}
	device->accesses++;
	return true;
}
