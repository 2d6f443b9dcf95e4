/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Stage-2 translation of one VM: 4 KiB pages, 39-bit guest physical addresses, one VMID. Entries go
 * from unmapped to mapped only, so no translation that a CPU caches ever becomes wrong.
 *
 * A table belongs to its VM: only the CPU that runs the VM's vCPU changes it after boot.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_S2_H_
#define AXB_PLATFORMS_AARCH64_QEMU_S2_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/types.h"

struct s2 {
	uint64_t *root; /**< level-1 table */
	uint8_t vmid;
};

/** Permissions and memory type of a page: bits of its descriptor. */
enum s2_attributes {
	S2_RAM = 0x7fc, /**< normal write-back, inner shareable, read, write, execute */
};

/** An empty table. @return false when memory is out. Context: boot. */
bool s2_init(struct s2 *s2, uint8_t vmid);

/** Map the page of @gpa, which is not mapped, to @hpa. @return false when memory is out. */
bool s2_map(struct s2 *s2, axb_gpa_t gpa, axb_hpa_t hpa, enum s2_attributes attributes);

/** Use the table on this CPU. Context: boot, on the CPU of the VM's vCPU. */
void s2_activate(const struct s2 *s2);

#endif
