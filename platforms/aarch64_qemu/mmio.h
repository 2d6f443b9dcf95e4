/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Access to registers of devices, which are mapped at their physical address. Context: any.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_MMIO_H_
#define AXB_PLATFORMS_AARCH64_QEMU_MMIO_H_

#include <stdint.h>

static inline uint32_t mmio_read32(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void mmio_write32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

#endif
