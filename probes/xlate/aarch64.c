/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/xlate/aarch64.h"

#include "probes/xlate/internal.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define SCTLR_M (UINT64_C(1) << 0)
#define SCTLR_WXN (UINT64_C(1) << 19)
#define TCR_DS (UINT64_C(1) << 59)

#define UPPER_HALF (UINT64_C(1) << 55) /* of the address: TTBR1 */
#define TAG_SHIFT 56

/* Descriptors. */
#define VALID 1u
#define TABLE 2u /* at level 3: page */
#define AP_USER (UINT64_C(1) << 6)
#define AP_READ_ONLY (UINT64_C(1) << 7)
#define ACCESS_FLAG (UINT64_C(1) << 10)
#define NOT_GLOBAL (UINT64_C(1) << 11)
#define PXN (UINT64_C(1) << 53)
#define UXN (UINT64_C(1) << 54)
#define PXN_TABLE (UINT64_C(1) << 59)
#define UXN_TABLE (UINT64_C(1) << 60)
#define AP_TABLE_NO_USER (UINT64_C(1) << 61)
#define AP_TABLE_READ_ONLY (UINT64_C(1) << 62)
#define HIERARCHICAL (PXN_TABLE | UXN_TABLE | AP_TABLE_NO_USER | AP_TABLE_READ_ONLY)

#define LEVEL_LAST 3

/** What the registers say of one half of the address space. */
struct half {
	uint64_t table;   /* its physical address */
	uint32_t granule; /* bits of a page: 12, 14 or 16 */
	uint32_t stride;  /* address bits that one level translates */
	uint32_t va_bits; /* of the input address */
	uint32_t pa_bits; /* of an output address */
	int32_t start;    /* level */
	bool has_52;      /* these tables can hold output addresses of 52 bits */
	bool is_ds;       /* by the descriptors of FEAT_LPA2 */
	bool is_flat;     /* table descriptors carry no permissions (HPD) */
	bool ignores_tag; /* TBI */
	bool is_disabled; /* EPD */
};

struct axb_xlate_aarch64_cpu axb_xlate_aarch64_cpu_of(uint64_t mmfr0, uint64_t mmfr2)
{
	static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52};
	uint64_t range = mmfr0 & 0xf;
	uint64_t gran4 = mmfr0 >> 28 & 0xf;
	uint64_t gran16 = mmfr0 >> 20 & 0xf;
	return (struct axb_xlate_aarch64_cpu){
		.pa_bits = bits[range < sizeof(bits) ? range : sizeof(bits) - 1],
		.has_4k = gran4 != 0xf,
		.has_16k = gran16 != 0,
		.has_64k = (mmfr0 >> 24 & 0xf) != 0xf,
		.has_lpa2_4k = gran4 == 1,
		.has_lpa2_16k = gran16 == 2,
		.has_lva = (mmfr2 >> 16 & 0xf) != 0,
		.has_ttst = (mmfr2 >> 28 & 0xf) != 0,
	};
}

/* 0 = reserved, or the CPU has none such. TG1 counts otherwise than TG0. */
static uint32_t granule_of(const struct axb_xlate_aarch64_cpu *cpu, uint64_t tcr, bool is_upper)
{
	static const uint8_t lower[] = {12, 16, 14, 0};
	static const uint8_t upper[] = {0, 14, 12, 16};
	uint32_t granule = is_upper ? upper[tcr >> 30 & 3] : lower[tcr >> 14 & 3];
	bool has = (granule == 12 && cpu->has_4k) || (granule == 14 && cpu->has_16k) ||
		   (granule == 16 && cpu->has_64k);
	return has ? granule : 0;
}

static uint32_t output_bits(const struct axb_xlate_aarch64_cpu *cpu, uint64_t tcr, bool has_52)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};
	uint32_t wanted = sizes[tcr >> 32 & 7];
	uint32_t most = cpu->pa_bits < 48 || has_52 ? cpu->pa_bits : 48;
	return wanted < most ? wanted : most;
}

/* @return false when TxSZ is outside of what this CPU takes. */
static bool set_range(const struct axb_xlate_aarch64_cpu *cpu, struct half *h, uint32_t txsz)
{
	bool is_64k = h->granule == 16;
	uint32_t most = cpu->has_ttst ? (is_64k ? 47u : 48u) : 39u;
	uint32_t least = h->is_ds || (is_64k && cpu->has_lva) ? 12u : 16u;
	h->va_bits = 64 - txsz;
	return txsz >= least && txsz <= most;
}

/* Address of a table by TTBRx, aligned to its size, to 64 bytes where bits 5:2 are of the address.
 */
static uint64_t table_of(const struct half *h, uint64_t ttbr)
{
	uint32_t shift = h->granule + h->stride * (uint32_t)(LEVEL_LAST - h->start);
	uint32_t align = h->va_bits - shift + 3;
	if (h->pa_bits == 52) {
		align = align < 6 ? 6 : align;
		return (ttbr & xlate_bits(48, align)) | (ttbr >> 2 & 0xf) << 48;
	}
	return ttbr & xlate_bits(48, align);
}

static bool read_half(const struct axb_xlate_aarch64_cpu *cpu,
	const struct axb_xlate_aarch64_regs *regs, bool is_upper, struct half *h)
{
	uint64_t tcr = regs->tcr;
	*h = (struct half){
		.granule = granule_of(cpu, tcr, is_upper),
		.ignores_tag = (tcr >> (is_upper ? 38 : 37) & 1) != 0,
		.is_flat = (tcr >> (is_upper ? 42 : 41) & 1) != 0,
		.is_disabled = (tcr >> (is_upper ? 23 : 7) & 1) != 0,
	};
	if (h->granule == 0) {
		return false;
	}
	h->stride = h->granule - 3;
	h->is_ds = (tcr & TCR_DS) != 0 && ((h->granule == 12 && cpu->has_lpa2_4k) ||
						  (h->granule == 14 && cpu->has_lpa2_16k));
	h->has_52 = h->is_ds || (h->granule == 16 && cpu->pa_bits == 52);
	h->pa_bits = output_bits(cpu, tcr, h->has_52);
	if (!set_range(cpu, h, (uint32_t)(tcr >> (is_upper ? 16 : 0) & 0x3f))) {
		return false;
	}
	h->start =
		LEVEL_LAST + 1 - (int32_t)((h->va_bits - h->granule + h->stride - 1) / h->stride);
	h->table = table_of(h, is_upper ? regs->ttbr1 : regs->ttbr0);
	return true;
}

/* All bits above those that are translated are equal to bit 55. */
static bool is_in_range(const struct half *h, uint64_t gva)
{
	uint32_t top = h->ignores_tag ? TAG_SHIFT : 64;
	uint64_t low = UINT64_C(1) << h->va_bits;
	uint64_t above = top == 64 ? ~(low - 1) : xlate_bits(top, h->va_bits);
	return (gva & above) == ((gva & UPPER_HALF) != 0 ? above : 0);
}

/* The address in a descriptor, all of it, whatever TCR_EL1.IPS says. Ref: AArch64.LeafBase(). */
static uint64_t address_of(const struct half *h, uint64_t entry)
{
	if (h->is_ds) {
		return (entry & xlate_bits(50, h->granule)) | (entry >> 8 & 3) << 50;
	}
	uint64_t address = entry & xlate_bits(48, h->granule);
	if (h->granule == 16 && h->has_52) {
		address |= (entry >> 12 & 0xf) << 48;
	}
	return address;
}

/* Ref: AArch64.BlockDescSupported() of the pseudocode. */
static bool may_be_block(const struct half *h, int32_t level)
{
	switch (h->granule) {
	case 12:
		return level == 1 || level == 2 || (level == 0 && h->is_ds);
	case 14:
		return level == 2 || (level == 1 && h->is_ds);
	default:
		return level == 2 || (level == 1 && h->has_52);
	}
}

static bool is_leaf(const struct half *h, int32_t level, uint64_t entry)
{
	return level == LEVEL_LAST ? (entry & TABLE) != 0
				   : (entry & TABLE) == 0 && may_be_block(h, level);
}

static bool fits(const struct half *h, uint64_t address)
{
	return address >> h->pa_bits == 0;
}

/* @param tables the hierarchical bits of the tables on the way, together */
static uint32_t flags_of(uint64_t entry, uint64_t tables, bool write_is_never_exec)
{
	bool user = (entry & AP_USER) != 0 && (tables & AP_TABLE_NO_USER) == 0;
	bool write = (entry & AP_READ_ONLY) == 0 && (tables & AP_TABLE_READ_ONLY) == 0;
	bool user_exec = (entry & UXN) == 0 && (tables & UXN_TABLE) == 0;
	bool kernel_exec = (entry & PXN) == 0 && (tables & PXN_TABLE) == 0;
	uint32_t flags = 0;
	if (user) {
		flags |= AXB_XLATE_USER_READ | (write ? AXB_XLATE_USER_WRITE : 0);
	}
	flags |= write ? AXB_XLATE_KERNEL_WRITE : 0;
	/* The kernel never executes what the user can write. */
	if (kernel_exec && !(user && write) && !(write && write_is_never_exec)) {
		flags |= AXB_XLATE_KERNEL_EXEC;
	}
	if (user_exec && !(user && write && write_is_never_exec)) {
		flags |= AXB_XLATE_USER_EXEC;
	}
	flags |= (entry & ACCESS_FLAG) != 0 ? AXB_XLATE_ACCESSED : 0;
	flags |= (entry & NOT_GLOBAL) == 0 ? AXB_XLATE_GLOBAL : 0;
	return flags;
}

static bool walk(const struct half *h, const struct axb_xlate_reader *reader, uint64_t gva,
	bool write_is_never_exec, struct axb_xlate *out)
{
	uint64_t table = h->table;
	uint64_t input = gva & ((UINT64_C(1) << h->va_bits) - 1);
	uint64_t tables = 0;
	if (!fits(h, table)) {
		return xlate_fail(out, AXB_XLATE_SIZE);
	}
	for (int32_t level = h->start; level <= LEVEL_LAST; level++) {
		uint32_t shift = h->granule + h->stride * (uint32_t)(LEVEL_LAST - level);
		uint64_t mask = level == h->start ? UINT64_MAX : (UINT64_C(1) << h->stride) - 1;
		uint64_t entry;
		if (!xlate_read(reader, table + (input >> shift & mask) * 8, (int8_t)level, out,
			    &entry)) {
			return false;
		}
		if ((entry & VALID) == 0) {
			return xlate_fail(out, AXB_XLATE_NOT_PRESENT);
		}
		if (is_leaf(h, level, entry)) {
			uint64_t size = UINT64_C(1) << shift;
			uint64_t base = address_of(h, entry) & ~(size - 1);
			if (!fits(h, base)) {
				return xlate_fail(out, AXB_XLATE_SIZE);
			}
			out->gpa = base | (input & (size - 1));
			out->size = size;
			out->flags = flags_of(entry, tables, write_is_never_exec);
			return true;
		}
		if (level == LEVEL_LAST || (entry & TABLE) == 0) {
			return xlate_fail(out, AXB_XLATE_RESERVED);
		}
		table = address_of(h, entry);
		if (!fits(h, table)) {
			return xlate_fail(out, AXB_XLATE_SIZE);
		}
		tables |= h->is_flat ? 0 : entry & HIERARCHICAL;
	}
	return xlate_fail(out, AXB_XLATE_REGISTERS); /* not reached: the last level ends it */
}

/* Without tables an address is what it is. */
static bool identity(
	const struct axb_xlate_aarch64_cpu *cpu, uint64_t tcr, uint64_t gva, struct axb_xlate *out)
{
	bool ignores_tag = (tcr >> ((gva & UPPER_HALF) != 0 ? 38 : 37) & 1) != 0;
	uint64_t address = ignores_tag ? gva & xlate_bits(TAG_SHIFT, 0) : gva;
	if (address >> cpu->pa_bits != 0) {
		return xlate_fail(out, AXB_XLATE_SIZE);
	}
	out->gpa = address;
	out->flags = AXB_XLATE_KERNEL_WRITE | AXB_XLATE_KERNEL_EXEC | AXB_XLATE_USER_READ |
		     AXB_XLATE_USER_WRITE | AXB_XLATE_USER_EXEC | AXB_XLATE_ACCESSED |
		     AXB_XLATE_GLOBAL;
	return true;
}

bool axb_xlate_aarch64(const struct axb_xlate_aarch64_cpu *cpu,
	const struct axb_xlate_aarch64_regs *regs, const struct axb_xlate_reader *reader,
	uint64_t gva, struct axb_xlate *out)
{
	struct half h;
	memset(out, 0, sizeof(*out));
	if ((regs->sctlr & SCTLR_M) == 0) {
		return identity(cpu, regs->tcr, gva, out);
	}
	if (!read_half(cpu, regs, (gva & UPPER_HALF) != 0, &h)) {
		return xlate_fail(out, AXB_XLATE_REGISTERS);
	}
	if (!is_in_range(&h, gva)) {
		return xlate_fail(out, AXB_XLATE_ADDRESS);
	}
	if (h.is_disabled) {
		return xlate_fail(out, AXB_XLATE_DISABLED);
	}
	return walk(&h, reader, gva, (regs->sctlr & SCTLR_WXN) != 0, out);
}
