/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Where a guest virtual address lies in the guest's physical memory: walks of the guest's own page
 * tables, over a function that reads guest memory. Pure: nothing is written, at most
 * AXB_XLATE_STEPS_MAX reads of 8 bytes are done, whatever the tables hold. The guest may change
 * them meanwhile; the result is what was read. Context: any that the reader allows.
 */
#ifndef AXB_PROBES_XLATE_XLATE_H_
#define AXB_PROBES_XLATE_XLATE_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Levels of the deepest tables: five, on both architectures. */
#define AXB_XLATE_STEPS_MAX 5u

enum axb_xlate_fault {
#define AXB_X(name, text) AXB_XLATE_##name,
#include "probes/xlate/fault.def"
#undef AXB_X
	AXB_XLATE_FAULT_COUNT_
};

/** The fault in words; NULL for no fault of ours. */
const char *axb_xlate_fault_text(enum axb_xlate_fault fault);

/** What may be done at an address. The kernel may read whatever is mapped. */
enum axb_xlate_flag {
	AXB_XLATE_KERNEL_WRITE = 1,
	AXB_XLATE_KERNEL_EXEC = 2,
	AXB_XLATE_USER_READ = 4,
	AXB_XLATE_USER_WRITE = 8,
	AXB_XLATE_USER_EXEC = 16,
	AXB_XLATE_ACCESSED = 32, /**< aarch64: without it the access faults, or the CPU sets it */
	AXB_XLATE_DIRTY = 64,    /**< x86_64 only */
	AXB_XLATE_GLOBAL = 128
};

/** An entry that was read. */
struct axb_xlate_step {
	uint64_t gpa;
	uint64_t entry;
	int8_t level; /**< aarch64: -1 .. 3 as the architecture counts; x86_64: 5 (PML5) .. 1 (PT)
		       */
};

/** What came of a walk. */
struct axb_xlate {
	uint64_t gpa;   /**< of the address; 0 after a fault */
	uint64_t size;  /**< of the page or block that holds it; 0: nothing is translated at all */
	uint32_t flags; /**< of enum axb_xlate_flag */
	uint8_t fault;  /**< enum axb_xlate_fault */
	int8_t level;   /**< of the last entry that mattered; x86_64: 0 when it was none */
	uint8_t step_count;
	struct axb_xlate_step steps[AXB_XLATE_STEPS_MAX];
};

/**
 * Read the 8 bytes at guest physical address @gpa, which is a multiple of 8, at once.
 * @return false when they are not memory of the guest.
 */
typedef bool (*axb_xlate_read_fn_t)(void *cookie, uint64_t gpa, uint64_t *out);

struct axb_xlate_reader {
	axb_xlate_read_fn_t read;
	void *cookie;
};

#ifdef __cplusplus
}
#endif

#endif
