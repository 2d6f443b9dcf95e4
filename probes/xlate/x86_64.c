/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/xlate/x86_64.h"

#include "probes/xlate/internal.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define CR0_WP (UINT64_C(1) << 16)
#define CR0_PG (UINT64_C(1) << 31)
#define CR4_PSE (UINT64_C(1) << 4)
#define CR4_PAE (UINT64_C(1) << 5)
#define CR4_LA57 (UINT64_C(1) << 12)
#define CR4_SMEP (UINT64_C(1) << 20)
#define EFER_LME (UINT64_C(1) << 8)
#define EFER_NXE (UINT64_C(1) << 11)

#define PRESENT (UINT64_C(1) << 0)
#define WRITE (UINT64_C(1) << 1)
#define USER (UINT64_C(1) << 2)
#define ACCESSED (UINT64_C(1) << 5)
#define DIRTY (UINT64_C(1) << 6)
#define LARGE (UINT64_C(1) << 7)
#define GLOBAL (UINT64_C(1) << 8)
#define NX (UINT64_C(1) << 63)

#define PAGE_BITS 12u
#define ADDRESS_BITS_MAX 52u
/* Of a PDPTE with PAE paging; there is no R/W, U/S, A nor NX. */
#define PAE_PDPTE_RESERVED (UINT64_C(0x1e6) | NX)

/** The paging mode. */
struct mode {
	int8_t levels;
	uint32_t stride;     /* address bits that one level translates */
	uint32_t entry_size; /* bytes */
	uint64_t table;
	bool is_long;
};

static bool read_mode(const struct axb_xlate_x86_64_regs *regs, struct mode *m)
{
	bool has_pae = (regs->cr4 & CR4_PAE) != 0;
	uint64_t cr3 = regs->cr3;
	if ((regs->efer & EFER_LME) != 0) {
		*m = (struct mode){.levels = (regs->cr4 & CR4_LA57) != 0 ? 5 : 4,
			.stride = 9,
			.entry_size = 8,
			.table = cr3 & xlate_bits(ADDRESS_BITS_MAX, PAGE_BITS),
			.is_long = true};
		return has_pae;
	}
	if (has_pae) {
		*m = (struct mode){.levels = 3,
			.stride = 9,
			.entry_size = 8,
			.table = cr3 & xlate_bits(32, 5)};
	} else {
		*m = (struct mode){.levels = 2,
			.stride = 10,
			.entry_size = 4,
			.table = cr3 & xlate_bits(32, PAGE_BITS)};
	}
	return true;
}

static bool is_canonical(const struct mode *m, uint64_t gva)
{
	if (!m->is_long) {
		return gva >> 32 == 0;
	}
	uint32_t top = PAGE_BITS + m->stride * (uint32_t)m->levels - 1;
	return gva >> top == 0 || gva >> top == UINT64_MAX >> top;
}

static bool read_entry(const struct mode *m, const struct axb_xlate_reader *reader, uint64_t gpa,
	int8_t level, struct axb_xlate *out, uint64_t *entry)
{
	if (!xlate_read(reader, gpa & ~UINT64_C(7), level, out, entry)) {
		return false;
	}
	if (m->entry_size == 4) {
		*entry = (uint32_t)(*entry >> 8 * (gpa & 4));
		struct axb_xlate_step *step = &out->steps[out->step_count - 1];
		step->gpa = gpa;
		step->entry = *entry;
	}
	return true;
}

static bool is_leaf(const struct axb_xlate_x86_64_regs *regs, const struct mode *m, int8_t level,
	uint64_t entry)
{
	if (level == 1) {
		return true;
	}
	if (m->entry_size == 4) {
		return (entry & LARGE) != 0 && (regs->cr4 & CR4_PSE) != 0;
	}
	/* A PDPTE of PAE paging, and what is above PDPTEs, has no such bit. */
	return (entry & LARGE) != 0 && (level == 2 || (level == 3 && m->is_long));
}

/* Address of a large page of 32-bit paging: bits 39:32 are in bits 20:13. */
static uint64_t address_32(const struct axb_xlate_x86_64_cpu *cpu, uint64_t entry)
{
	uint64_t high = cpu->has_pse36 ? (entry >> 13 & 0xff) << 32 : 0;
	return (entry & xlate_bits(32, 22)) | (high & xlate_bits(cpu->pa_bits, 0));
}

/* Bits that must be clear. */
static uint64_t reserved_of(const struct axb_xlate_x86_64_cpu *cpu,
	const struct axb_xlate_x86_64_regs *regs, const struct mode *m, int8_t level, bool leaf)
{
	uint32_t size_bits = PAGE_BITS + m->stride * (uint32_t)(level - 1);
	if (m->entry_size == 4) {
		if (!leaf || level == 1) {
			return 0;
		}
		uint32_t high = cpu->has_pse36 && cpu->pa_bits > 32 ? cpu->pa_bits - 32u : 0;
		return xlate_bits(22, 13 + (high < 8 ? high : 8));
	}
	uint64_t reserved = xlate_bits(ADDRESS_BITS_MAX, cpu->pa_bits);
	if (!m->is_long) {
		reserved |= xlate_bits(63, ADDRESS_BITS_MAX);
		if (level == 3) {
			return reserved | PAE_PDPTE_RESERVED;
		}
	}
	if ((regs->efer & EFER_NXE) == 0) {
		reserved |= NX;
	}
	if (level > 3 || (level == 3 && !cpu->has_1g)) {
		reserved |= LARGE;
	}
	if (leaf && level > 1) {
		reserved |= xlate_bits(size_bits, 13);
	}
	return reserved;
}

/* @param all the entries on the way, ANDed; @param any the same, ORed */
static uint32_t flags_of(
	const struct axb_xlate_x86_64_regs *regs, uint64_t leaf, uint64_t all, uint64_t any)
{
	bool user = (all & USER) != 0;
	bool write = (all & WRITE) != 0;
	bool exec = (any & NX) == 0;
	uint32_t flags = 0;
	if (user) {
		flags |= AXB_XLATE_USER_READ | (write ? AXB_XLATE_USER_WRITE : 0) |
			 (exec ? AXB_XLATE_USER_EXEC : 0);
	}
	if (write || (regs->cr0 & CR0_WP) == 0) {
		flags |= AXB_XLATE_KERNEL_WRITE;
	}
	if (exec && !(user && (regs->cr4 & CR4_SMEP) != 0)) {
		flags |= AXB_XLATE_KERNEL_EXEC;
	}
	flags |= (leaf & ACCESSED) != 0 ? AXB_XLATE_ACCESSED : 0;
	flags |= (leaf & DIRTY) != 0 ? AXB_XLATE_DIRTY : 0;
	flags |= (leaf & GLOBAL) != 0 ? AXB_XLATE_GLOBAL : 0;
	return flags;
}

static void set_leaf(const struct axb_xlate_x86_64_cpu *cpu, const struct mode *m, int8_t level,
	uint64_t entry, uint64_t gva, struct axb_xlate *out)
{
	uint64_t size = UINT64_C(1) << (PAGE_BITS + m->stride * (uint32_t)(level - 1));
	uint64_t base = m->entry_size == 4 && level > 1
				? address_32(cpu, entry)
				: entry & xlate_bits(ADDRESS_BITS_MAX, PAGE_BITS) & ~(size - 1);
	out->gpa = base | (gva & (size - 1));
	out->size = size;
}

static bool walk(const struct axb_xlate_x86_64_cpu *cpu, const struct axb_xlate_x86_64_regs *regs,
	const struct mode *m, const struct axb_xlate_reader *reader, uint64_t gva,
	struct axb_xlate *out)
{
	uint64_t table = m->table;
	uint64_t all = UINT64_MAX;
	uint64_t any = 0;
	for (int8_t level = m->levels; level >= 1; level--) {
		uint32_t shift = PAGE_BITS + m->stride * (uint32_t)(level - 1);
		uint64_t index = gva >> shift & ((UINT64_C(1) << m->stride) - 1);
		uint64_t entry;
		if (!read_entry(m, reader, table + index * m->entry_size, level, out, &entry)) {
			return false;
		}
		if ((entry & PRESENT) == 0) {
			return xlate_fail(out, AXB_XLATE_NOT_PRESENT);
		}
		bool leaf = is_leaf(regs, m, level, entry);
		if ((entry & reserved_of(cpu, regs, m, level, leaf)) != 0) {
			return xlate_fail(out, AXB_XLATE_RESERVED);
		}
		/* PDPTEs of PAE paging say nothing of rights. */
		all &= !m->is_long && level == 3 ? UINT64_MAX : entry;
		any |= entry;
		if (leaf) {
			set_leaf(cpu, m, level, entry, gva, out);
			out->flags = flags_of(regs, entry, all, any);
			return true;
		}
		table = entry & xlate_bits(ADDRESS_BITS_MAX, PAGE_BITS);
	}
	return xlate_fail(out, AXB_XLATE_REGISTERS); /* not reached: level 1 ends it */
}

static bool identity(uint64_t gva, struct axb_xlate *out)
{
	if (gva >> 32 != 0) {
		return xlate_fail(out, AXB_XLATE_ADDRESS);
	}
	out->gpa = gva;
	out->flags = AXB_XLATE_KERNEL_WRITE | AXB_XLATE_KERNEL_EXEC | AXB_XLATE_USER_READ |
		     AXB_XLATE_USER_WRITE | AXB_XLATE_USER_EXEC;
	return true;
}

bool axb_xlate_x86_64(const struct axb_xlate_x86_64_cpu *cpu,
	const struct axb_xlate_x86_64_regs *regs, const struct axb_xlate_reader *reader,
	uint64_t gva, struct axb_xlate *out)
{
	struct mode m;
	memset(out, 0, sizeof(*out));
	if ((regs->cr0 & CR0_PG) == 0) {
		return identity(gva, out);
	}
	if (!read_mode(regs, &m)) {
		return xlate_fail(out, AXB_XLATE_REGISTERS);
	}
	if (!is_canonical(&m, gva)) {
		return xlate_fail(out, AXB_XLATE_ADDRESS);
	}
	if (m.table >> cpu->pa_bits != 0) {
		return xlate_fail(out, AXB_XLATE_SIZE);
	}
	return walk(cpu, regs, &m, reader, gva, out);
}
