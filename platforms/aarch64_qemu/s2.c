/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Arm ARM DDI 0487J.a D8.3 (descriptors), D19.2.155 (VTCR_EL2).
 */
#include "platforms/aarch64_qemu/s2.h"

#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/aarch64_qemu/pages.h"
#include "platforms/aarch64_qemu/sysreg.h"

#define DESC_VALID 1u
#define DESC_TABLE 3u
#define DESC_PAGE 3u
#define DESC_ADDRESS UINT64_C(0x0000fffffffff000)

#define LEVEL_FIRST 1u
#define LEVEL_LAST 3u
#define INDEX_MASK 0x1ffu

/* RES1, 40-bit PA, 4 KiB granule, inner shareable write-back walks, start at level 1, 39 bits. */
#define VTCR_EL2_VALUE (0x80000000u | 2u << 16 | 3u << 12 | 1u << 10 | 1u << 8 | 1u << 6 | 25u)
#define VTTBR_VMID_SHIFT 48

bool s2_init(struct s2 *s2, uint8_t vmid)
{
	s2->root = pages_alloc(1);
	s2->vmid = vmid;
	return s2->root != NULL;
}

static uint64_t *entry_of(uint64_t *table, axb_gpa_t gpa, unsigned level)
{
	unsigned shift = 12 + 9 * (LEVEL_LAST - level);
	return &table[(gpa.pa >> shift) & INDEX_MASK];
}

bool s2_map(struct s2 *s2, axb_gpa_t gpa, axb_hpa_t hpa, enum s2_attributes attributes)
{
	uint64_t *table = s2->root;
	for (unsigned level = LEVEL_FIRST; level < LEVEL_LAST; level++) {
		uint64_t *entry = entry_of(table, gpa, level);
		if ((*entry & DESC_VALID) == 0) {
			uint64_t *next = pages_alloc(1);
			if (next == NULL) {
				return false;
			}
			*entry = (uint64_t)next | DESC_TABLE;
		}
		table = (uint64_t *)(*entry & DESC_ADDRESS);
	}
	*entry_of(table, gpa, LEVEL_LAST) = (hpa.pa & DESC_ADDRESS) | attributes | DESC_PAGE;
	/* Before the guest runs again its walks must see the entry; an invalid one is not cached.
	 */
	dsb_ish();
	return true;
}

void s2_activate(const struct s2 *s2)
{
	write_vtcr_el2(VTCR_EL2_VALUE);
	write_vttbr_el2((uint64_t)s2->root | (uint64_t)s2->vmid << VTTBR_VMID_SHIFT);
	isb();
	tlbi_vmalls12e1is();
	dsb_ish();
	isb();
}
