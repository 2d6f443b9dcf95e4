/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Stage-2 translation of one VM: 39-bit guest physical addresses, 4 KiB pages and 2 MiB blocks, one
 * VMID. It owns the memory that it maps. A block is split before the permissions of a page in it
 * change; whatever a CPU may have cached is gone from all of them when a call returns.
 *
 * What changes a table takes its lock, for a bounded time; in it nothing else is locked but the
 * page pool. Context: thread, trap; any CPU.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_S2_H_
#define AXB_PLATFORMS_AARCH64_QEMU_S2_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/spinlock.h"
#include "runtime/base/status.h"
#include "runtime/base/types.h"

#define S2_BLOCK_SIZE UINT64_C(0x200000)

struct s2 {
	struct axb_spinlock lock;
	uint64_t *root; /**< level-1 table; NULL = none */
	uint16_t vmid;
	uint64_t mapped_size;
};

enum s2_permission {
	S2_READ = 1,
	S2_WRITE = 2,
	S2_EXECUTE = 4,
	S2_ALL = 7,
};

/** An empty table. @return false when memory is out. */
bool s2_init(struct s2 *s2, uint16_t vmid);

/** Free all that it maps, and itself. No CPU runs the VM any more. */
void s2_free(struct s2 *s2);

/**
 * Back @gpa with zeroed memory: the page of it, or, with @block, all 2 MiB around it when nothing
 * there is mapped and such a piece of memory is free. Backed already: nothing changes, which is
 * how two vCPUs that fault on one page agree.
 * @return AXB_OK, AXB_ERR_NOMEM.
 */
enum axb_status s2_back(struct s2 *s2, axb_gpa_t gpa, bool block);

/** Where @gpa is in our memory, and how many bytes from there on in the same page or block. Takes
 * no lock. @return false when it is not backed, or is just being changed. */
bool s2_find(const struct s2 *s2, axb_gpa_t gpa, axb_hpa_t *hpa, uint64_t *size);

/** Set what the guest may do with the page of @gpa: bits of enum s2_permission.
 * @return AXB_OK, AXB_ERR_NOT_FOUND (not backed), AXB_ERR_NOMEM (to split a block). */
enum axb_status s2_protect(struct s2 *s2, axb_gpa_t gpa, uint32_t permissions);

/** Take the page of @gpa away from the guest and free it; the next access finds a zeroed one.
 * @return as s2_protect(). */
enum axb_status s2_unmap(struct s2 *s2, axb_gpa_t gpa);

/** Use the table on this CPU. */
void s2_activate(const struct s2 *s2);

#endif
