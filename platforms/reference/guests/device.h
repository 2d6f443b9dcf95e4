/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The test device of the small guests (abi.h). Pure; the caller serializes.
 */
#ifndef AXB_PLATFORMS_REFERENCE_GUESTS_DEVICE_H_
#define AXB_PLATFORMS_REFERENCE_GUESTS_DEVICE_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct device {
	uint32_t vm_id;
	uint64_t scratch;
	uint64_t accesses;
};

void device_init(struct device *device, uint32_t vm_id);

/**
 * A guest's access of @size bytes (1, 2, 4 or 8) at @offset from the device's base: store *@value,
 * or load it.
 * @return false when no register answers there.
 */
bool device_access(
	struct device *device, uint64_t offset, uint32_t size, bool is_write, uint64_t *value);

#ifdef __cplusplus
}
#endif

#endif
