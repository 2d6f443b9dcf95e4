/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The VM package in memory.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PACKAGE_READER_H_
#define AXB_PLATFORMS_X86_64_QEMU_PACKAGE_READER_H_

#include "platforms/reference/package.h"

/** Take the package at @base. @return its size, 0 = there is none. */
uint64_t package_init(uint64_t base);
uint32_t package_vm_count(void);
const struct package_vm *package_vm(uint16_t id);
struct axb_bytes package_bytes(uint64_t offset, uint64_t size);
/** The file @name; empty when there is none. */
struct axb_bytes package_file_bytes(const char *name);

#endif
