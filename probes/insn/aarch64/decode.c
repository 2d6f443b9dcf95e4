/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Patterns are (mask, value) pairs, looked through in order within a group of encodings; the first
 * that matches says the kind. Each table ends with one that matches all.
 */
#include "probes/insn/aarch64/decode.h"

#include <stddef.h>

#include "runtime/base/types.h"

struct pattern {
	uint32_t mask;
	uint32_t value;
	uint8_t kind;
};

/* Arm ARM C4.1.94: data processing, immediate. What is reserved by its fields' values is sorted out
 * in immediate_kind(). */
static const struct pattern immediate_patterns[] = {
	{0x9f000000, 0x10000000, AXB_A64_ADR},
	{0x9f000000, 0x90000000, AXB_A64_ADRP},
	{0x1f800000, 0x11000000, AXB_A64_OTHER}, /* add, sub */
	{0xbfc00000, 0x91800000, AXB_A64_OTHER}, /* addg, subg */
	{0x7ff00000, 0x11c00000, AXB_A64_OTHER}, /* smax, umax, smin, umin */
	{0x1f800000, 0x12000000, AXB_A64_OTHER}, /* logical */
	{0x7f800000, 0x32800000, AXB_A64_UNALLOCATED},
	{0x1f800000, 0x12800000, AXB_A64_OTHER}, /* movn, movz, movk */
	{0x7f800000, 0x73000000, AXB_A64_UNALLOCATED},
	{0x1f800000, 0x13000000, AXB_A64_OTHER},  /* sbfm, bfm, ubfm */
	{0x7fa00000, 0x13800000, AXB_A64_OTHER},  /* extr */
	{0xffc0001f, 0xf380001f, AXB_A64_PAC_PC}, /* autiasppc, autibsppc */
	{0, 0, AXB_A64_UNALLOCATED},
};

/* C4.1.95: branches, exceptions, system. */
static const struct pattern branch_patterns[] = {
	{0xff000000, 0x54000000, AXB_A64_B_COND},
	{0xffc0001f, 0x5500001f, AXB_A64_PAC_PC}, /* retaasppc, retabsppc */
	{0xfc000000, 0x14000000, AXB_A64_B},
	{0xfc000000, 0x94000000, AXB_A64_BL},
	{0x7e000000, 0x34000000, AXB_A64_CBZ},
	{0x7e000000, 0x36000000, AXB_A64_TBZ},
	{0xffe0001f, 0xd4000001, AXB_A64_EXCEPTION}, /* svc */
	{0xffe0001f, 0xd4000002, AXB_A64_EXCEPTION}, /* hvc */
	{0xffe0001f, 0xd4000003, AXB_A64_EXCEPTION}, /* smc */
	{0xffe0001f, 0xd4200000, AXB_A64_EXCEPTION}, /* brk */
	{0xffe0001f, 0xd4400000, AXB_A64_EXCEPTION}, /* hlt */
	{0xffe0001f, 0xd4600000, AXB_A64_TRANSACTION},
	{0xffe0001f, 0xd4a00001, AXB_A64_EXCEPTION}, /* dcps1 */
	{0xffe0001f, 0xd4a00002, AXB_A64_EXCEPTION}, /* dcps2 */
	{0xffe0001f, 0xd4a00003, AXB_A64_EXCEPTION}, /* dcps3 */
	/* hints: in this order, the last is all others */
	{0xffffffdf, 0xd503205f, AXB_A64_WAIT}, /* wfe, wfi */
	{0xffffff3f, 0xd503241f, AXB_A64_BTI},
	{0xffffffff, 0xd503233f, AXB_A64_PAC},    /* paciasp */
	{0xffffffff, 0xd503237f, AXB_A64_PAC},    /* pacibsp */
	{0xffffffff, 0xd503211f, AXB_A64_PAC},    /* pacia1716 */
	{0xffffffff, 0xd503215f, AXB_A64_PAC},    /* pacib1716 */
	{0xffffffff, 0xd503219f, AXB_A64_PAC},    /* autia1716 */
	{0xffffffff, 0xd50321df, AXB_A64_PAC},    /* autib1716 */
	{0xffffff1f, 0xd503231f, AXB_A64_PAC},    /* paciaz .. autibsp */
	{0xffffffff, 0xd50320ff, AXB_A64_PAC},    /* xpaclri */
	{0xffffffff, 0xd50324ff, AXB_A64_PAC_PC}, /* pacm */
	{0xfffff01f, 0xd503201f, AXB_A64_NOP},
	{0xffffffc0, 0xd5031000, AXB_A64_WAIT}, /* wfet, wfit */
	{0xfffff0ff, 0xd503305f, AXB_A64_CLREX},
	{0xfffff0ff, 0xd503309f, AXB_A64_BARRIER},     /* dsb */
	{0xfffff3ff, 0xd503323f, AXB_A64_BARRIER},     /* dsb nXS */
	{0xfffff0ff, 0xd50330bf, AXB_A64_BARRIER},     /* dmb */
	{0xfffff0ff, 0xd50330df, AXB_A64_BARRIER},     /* isb */
	{0xfffff0ff, 0xd50330ff, AXB_A64_BARRIER},     /* sb */
	{0xffffffff, 0xd503307f, AXB_A64_TRANSACTION}, /* tcommit */
	{0xffffffe0, 0xd5233060, AXB_A64_TRANSACTION}, /* tstart */
	{0xffffffe0, 0xd5233160, AXB_A64_TRANSACTION}, /* ttest */
	{0xfff8f01f, 0xd500401f, AXB_A64_MSR},         /* immediate */
	{0xfff80000, 0xd5080000, AXB_A64_SYS},
	{0xfff80000, 0xd5280000, AXB_A64_SYS}, /* sysl */
	{0xfff00000, 0xd5100000, AXB_A64_MSR},
	{0xfff00000, 0xd5300000, AXB_A64_MRS},
	{0xfff80001, 0xd5480000, AXB_A64_SYS}, /* sysp: an even register or none */
	{0xfff8001f, 0xd548001f, AXB_A64_SYS},
	{0xfff00001, 0xd5500000, AXB_A64_MSR}, /* msrr: even registers */
	{0xfff00001, 0xd5700000, AXB_A64_MRS}, /* mrrs */
	{0xfffffc1f, 0xd61f0000, AXB_A64_BR},
	{0xfffff81f, 0xd61f081f, AXB_A64_BRANCH_AUTH}, /* braaz, brabz */
	{0xfffffc1f, 0xd63f0000, AXB_A64_BLR},
	{0xfffff81f, 0xd63f081f, AXB_A64_BRANCH_AUTH}, /* blraaz, blrabz */
	{0xfffffc1f, 0xd65f0000, AXB_A64_RET},
	{0xfffffbff, 0xd65f0bff, AXB_A64_BRANCH_AUTH}, /* retaa, retab */
	{0xfffffbe0, 0xd65f0be0, AXB_A64_PAC_PC},      /* retaasppcr, retabsppcr */
	{0xffffffff, 0xd69f03e0, AXB_A64_ERET},
	{0xfffffbff, 0xd69f0bff, AXB_A64_ERET},        /* eretaa, eretab */
	{0xffffffff, 0xd6bf03e0, AXB_A64_ERET},        /* drps */
	{0xfffff800, 0xd71f0800, AXB_A64_BRANCH_AUTH}, /* braa, brab */
	{0xfffff800, 0xd73f0800, AXB_A64_BRANCH_AUTH}, /* blraa, blrab */
	{0, 0, AXB_A64_UNALLOCATED},
};

/* C4.1.97: loads and stores. */
static const struct pattern memory_patterns[] = {
	/* exclusives, ordered, compare and swap: bits 29:24 = 001000 */
	{0x3fe00000, 0x08000000, AXB_A64_EXCLUSIVE_STORE}, /* stxr, stlxr */
	{0x3fe00000, 0x08400000, AXB_A64_EXCLUSIVE_LOAD},  /* ldxr, ldaxr */
	{0xbfe00000, 0x88200000, AXB_A64_EXCLUSIVE_STORE}, /* stxp, stlxp */
	{0xbfe00000, 0x88600000, AXB_A64_EXCLUSIVE_LOAD},  /* ldxp, ldaxp */
	{0xbfa17c01, 0x08207c00, AXB_A64_OTHER},           /* casp: even registers */
	{0x3fa00000, 0x08800000, AXB_A64_OTHER},           /* stlr, ldar, stllr, ldlar */
	{0x3fa07c00, 0x08a07c00, AXB_A64_OTHER},           /* cas */
	{0x3f000000, 0x08000000, AXB_A64_UNALLOCATED},
	/* literals: bits 29:27 = 011, 25:24 = 00 */
	{0xff000000, 0x18000000, AXB_A64_LDR_LITERAL},
	{0xff000000, 0x58000000, AXB_A64_LDR_LITERAL},
	{0xff000000, 0x98000000, AXB_A64_LDR_LITERAL},
	{0xff000000, 0xd8000000, AXB_A64_PRFM_LITERAL},
	{0xff000000, 0xdc000000, AXB_A64_UNALLOCATED},
	{0x3f000000, 0x1c000000, AXB_A64_LDR_LITERAL_SIMD},
	/* pairs: bits 29:27 = 101 */
	{0xfc000000, 0xe8000000, AXB_A64_UNALLOCATED},
	{0xff800000, 0x68000000, AXB_A64_UNALLOCATED},
	{0xfc000000, 0xec000000, AXB_A64_UNALLOCATED},
	{0x3a000000, 0x28000000, AXB_A64_OTHER}, /* ldp, stp, ldnp, stnp, ldpsw, stgp */
	/* one register: bits 29:27 = 111; what no size has comes first */
	{0xbfc00000, 0xb9c00000, AXB_A64_UNALLOCATED},
	{0xbfe00000, 0xb8c00000, AXB_A64_UNALLOCATED},
	{0xbfe00c00, 0xb8e00800, AXB_A64_UNALLOCATED},
	{0xbe800000, 0xbc800000, AXB_A64_UNALLOCATED}, /* SIMD: 128 bits have size 0 */
	{0x7e800000, 0x7c800000, AXB_A64_UNALLOCATED},
	{0xffe00400, 0xf8800400, AXB_A64_UNALLOCATED}, /* prfm has no writeback */
	{0xffe00c00, 0xf8800800, AXB_A64_UNALLOCATED}, /* nor an unprivileged form */
	{0x3b000000, 0x39000000, AXB_A64_OTHER},       /* unsigned offset */
	{0x3f200c00, 0x3c000800, AXB_A64_UNALLOCATED},
	{0x3b200000, 0x38000000, AXB_A64_OTHER}, /* unscaled, post- and pre-indexed, unprivileged */
	{0x3b204c00, 0x38204800, AXB_A64_OTHER}, /* register offset */
	{0x3f208c00, 0x38200000, AXB_A64_OTHER}, /* ldadd .. ldumin */
	{0x3f20fc00, 0x38208000, AXB_A64_OTHER}, /* swp */
	{0x3ffffc00, 0x38bfc000, AXB_A64_OTHER}, /* ldapr */
	/* 64 bytes: eight registers from an even one, x22 the last */
	{0xff208c01, 0xf8208001, AXB_A64_UNALLOCATED},
	{0xff208c18, 0xf8208018, AXB_A64_UNALLOCATED},
	{0xfffffc00, 0xf83f9000, AXB_A64_OTHER}, /* st64b */
	{0xffe0fc00, 0xf820a000, AXB_A64_OTHER}, /* st64bv0 */
	{0xffe0fc00, 0xf820b000, AXB_A64_OTHER}, /* st64bv */
	{0xfffffc00, 0xf83fd000, AXB_A64_OTHER}, /* ld64b */
	{0xbf20fc00, 0x38209000, AXB_A64_OTHER}, /* rcwclr, rcwsclr */
	{0xbf20fc00, 0x3820a000, AXB_A64_OTHER}, /* rcwswp, rcwsswp */
	{0xbf20fc00, 0x3820b000, AXB_A64_OTHER}, /* rcwset, rcwsset */
	{0xff200400, 0xf8200400, AXB_A64_OTHER}, /* ldraa, ldrab */
	/* bits 29:27 = 011, 25:24 = 01 */
	{0xfbe0cc00, 0x19c0c400, AXB_A64_UNALLOCATED},
	{0xfb200c00, 0x19000400, AXB_A64_MOPS}, /* cpy, set */
	{0xbfe00c00, 0x99c00000, AXB_A64_UNALLOCATED},
	{0xffe00c00, 0xd9800000, AXB_A64_UNALLOCATED},
	{0x3f200c00, 0x19000000, AXB_A64_OTHER}, /* ldapur, stlur */
	{0xbfa0ec00, 0x99000800, AXB_A64_OTHER}, /* ldiapp, stilp */
	{0xbfbffc00, 0x99800800, AXB_A64_OTHER}, /* ldapr, stlr with writeback */
	{0xbe800c00, 0x9c800800, AXB_A64_UNALLOCATED},
	{0x7e800c00, 0x5c800800, AXB_A64_UNALLOCATED},
	{0x3f200c00, 0x1d000800, AXB_A64_OTHER}, /* ldapur, stlur, SIMD */
	{0xffffec00, 0xd91f0c00, AXB_A64_OTHER}, /* gcsstr, gcssttr */
	{0xffe00c00, 0xd9600000, AXB_A64_OTHER}, /* ldg */
	{0xff3ffc00, 0xd9200000, AXB_A64_OTHER}, /* stzgm, stgm, ldgm */
	{0xff200c00, 0xd9200000, AXB_A64_UNALLOCATED},
	{0xff200000, 0xd9200000, AXB_A64_OTHER},       /* stg, stzg, st2g, stz2g */
	{0xbf200c1f, 0x1920001f, AXB_A64_UNALLOCATED}, /* 128 bits: no zero register */
	{0xbf3f0c00, 0x193f0000, AXB_A64_UNALLOCATED},
	{0xff20fc00, 0x19201000, AXB_A64_OTHER}, /* ldclrp */
	{0xff20fc00, 0x19203000, AXB_A64_OTHER}, /* ldsetp */
	{0xff20fc00, 0x19208000, AXB_A64_OTHER}, /* swpp */
	{0xbf20fc00, 0x19209000, AXB_A64_OTHER}, /* rcwclrp, rcwsclrp */
	{0xbf20fc00, 0x1920a000, AXB_A64_OTHER}, /* rcwswpp, rcwsswpp */
	{0xbf20fc00, 0x1920b000, AXB_A64_OTHER}, /* rcwsetp, rcwssetp */
	{0xbf20fc00, 0x19200800, AXB_A64_OTHER}, /* rcwcas */
	{0xbf21fc01, 0x19200c00, AXB_A64_OTHER}, /* rcwcasp: even registers */
	/* bits 29:26 = 0011: structures */
	{0x3e000000, 0x0c000000, AXB_A64_SIMD},
	{0, 0, AXB_A64_UNALLOCATED},
};

/* C4.1.96: data processing, register. */
static const struct pattern register_patterns[] = {
	{0x9f008000, 0x0a008000, AXB_A64_UNALLOCATED}, /* logical, 32 bits: shift of 32 or more */
	{0x1f000000, 0x0a000000, AXB_A64_OTHER},       /* logical, shifted */
	{0x9f208000, 0x0b008000, AXB_A64_UNALLOCATED}, /* add, 32 bits: the same */
	{0x1fe00000, 0x0bc00000, AXB_A64_UNALLOCATED}, /* add with ror */
	{0x1f200000, 0x0b000000, AXB_A64_OTHER},       /* add, sub, shifted */
	{0x1fe01400, 0x0b201400, AXB_A64_UNALLOCATED}, /* add, extended: shift of more than 4 */
	{0x1fe01800, 0x0b201800, AXB_A64_UNALLOCATED},
	{0x1fe00000, 0x0b200000, AXB_A64_OTHER},
	{0x1f200000, 0x0b200000, AXB_A64_UNALLOCATED},
	{0x1fe0fc00, 0x1a000000, AXB_A64_OTHER}, /* adc, sbc */
	{0xbfe0e000, 0x9a002000, AXB_A64_OTHER}, /* addpt, subpt */
	{0xffe07c10, 0xba000400, AXB_A64_OTHER}, /* rmif */
	{0xffffbc1f, 0x3a00080d, AXB_A64_OTHER}, /* setf8, setf16 */
	{0x3fe00410, 0x3a400000, AXB_A64_OTHER}, /* ccmn, ccmp */
	{0x3fe00800, 0x1a800000, AXB_A64_OTHER}, /* csel, csinc, csinv, csneg */
	{0x1f000000, 0x1b000000, AXB_A64_OTHER}, /* three sources: register_kind() */
	{0x7fe00000, 0x1ac00000, AXB_A64_OTHER}, /* two sources: likewise */
	{0xffe00000, 0xbac00000, AXB_A64_OTHER}, /* subps: likewise */
	{0x7fe00000, 0x5ac00000, AXB_A64_OTHER}, /* one source: likewise */
	{0, 0, AXB_A64_UNALLOCATED},
};

static const struct pattern sve_patterns[] = {
	{0xfffffc00, 0x0420bc00, AXB_A64_SVE_MOVPRFX}, /* movprfx, unpredicated */
	{0xff3ee000, 0x04102000, AXB_A64_SVE_MOVPRFX}, /* predicated */
	{0, 0, AXB_A64_SVE},
};

static enum axb_a64_kind lookup(const struct pattern *patterns, uint32_t word)
{
	while ((word & patterns->mask) != patterns->value) {
		patterns++;
	}
	return (enum axb_a64_kind)patterns->kind;
}

static uint32_t field(uint32_t word, uint32_t low, uint32_t width)
{
	return word >> low & ((UINT32_C(1) << width) - 1);
}

/* Is (N, imms) of a logical immediate no bit mask? Arm ARM, DecodeBitMasks(). */
static bool is_reserved_mask(uint32_t word)
{
	uint32_t n = field(word, 22, 1);
	uint32_t imms = field(word, 10, 6);
	uint32_t size_bits = n << 6 | (~imms & 0x3f);
	if (size_bits < 2 || (n == 1 && field(word, 31, 1) == 0)) {
		return true;
	}
	uint32_t size = UINT32_C(1) << (31 - (uint32_t)__builtin_clz(size_bits));
	return (imms & (size - 1)) == size - 1;
}

static bool is_reserved_immediate(uint32_t word)
{
	uint32_t sf = field(word, 31, 1);
	switch (field(word, 23, 3)) {
	case 4:
		return is_reserved_mask(word);
	case 5: /* move wide: the halfword is in the register */
		return sf == 0 && field(word, 22, 1) == 1;
	case 6: /* bit field */
		return sf != field(word, 22, 1) ||
		       (sf == 0 && (field(word, 21, 1) == 1 || field(word, 15, 1) == 1));
	case 7: /* extr */
		return field(word, 29, 2) == 0 &&
		       (sf != field(word, 22, 1) || (sf == 0 && field(word, 15, 1) == 1));
	default:
		return false;
	}
}

static enum axb_a64_kind immediate_kind(uint32_t word)
{
	return is_reserved_immediate(word) ? AXB_A64_UNALLOCATED : lookup(immediate_patterns, word);
}

/* Bit i: opcode i of the group exists. */
static bool is_one_of(uint64_t set, uint32_t opcode)
{
	return opcode < 64 && (set >> opcode & 1) != 0;
}

static bool is_two_source(uint32_t word)
{
	uint32_t sf = field(word, 31, 1);
	uint32_t opcode = field(word, 10, 6);
	if (field(word, 29, 1) == 1) {
		return sf == 1 && opcode == 0; /* subps */
	}
	if ((opcode & 0x38) == 0x10) { /* crc32: the X forms are 64-bit, the others are not */
		return ((opcode & 3) == 3) == (sf == 1);
	}
	/* udiv, sdiv, lslv, lsrv, asrv, rorv, smax, umax, smin, umin */
	return is_one_of(0xf000f0c, opcode) ||
	       (sf == 1 && is_one_of(0x1031, opcode)); /* subp, irg, gmi, pacga */
}

static bool is_one_source(uint32_t word)
{
	uint32_t sf = field(word, 31, 1);
	uint32_t opcode = field(word, 10, 6);
	switch (field(word, 16, 5)) {
	case 0: /* rbit, rev16, rev, rev (64), clz, cls, ctz, cnt, abs */
		return is_one_of(0x1f7, opcode) || (sf == 1 && opcode == 3);
	case 1: /* pacia .. autdzb, xpaci, xpacd; with z, Rn is 31 */
		return sf == 1 && (opcode < 8 || (opcode < 18 && field(word, 5, 5) == 31));
	default:
		return false;
	}
}

static bool is_three_source(uint32_t word)
{
	uint32_t op = field(word, 21, 3);
	uint32_t o0 = field(word, 15, 1);
	if (field(word, 29, 2) != 0) {
		return false;
	}
	if (op == 0) {
		return true; /* madd, msub */
	}
	if (field(word, 31, 1) == 0) {
		return false;
	}
	/* smaddl, smulh, maddpt, umaddl, umulh */
	return op == 1 || op == 5 || ((op == 2 || op == 6) && o0 == 0) || op == 3;
}

static enum axb_a64_kind register_kind(uint32_t word)
{
	bool exists = true;
	if ((word & 0x1f000000) == 0x1b000000) {
		exists = is_three_source(word);
	} else if ((word & 0x5fe00000) == 0x1ac00000) {
		exists = is_two_source(word);
	} else if ((word & 0x7fe00000) == 0x5ac00000) {
		exists = is_one_source(word);
	}
	return exists ? lookup(register_patterns, word) : AXB_A64_UNALLOCATED;
}

/* Copy takes three registers, set two and a value: not the same, not 31 (but as the value). */
static bool is_bad_mops(uint32_t word)
{
	uint32_t rd = field(word, 0, 5);
	uint32_t rn = field(word, 5, 5);
	uint32_t rs = field(word, 16, 5);
	bool is_set = field(word, 22, 2) == 3;
	return rd == rn || rd == rs || rn == rs || rd == 31 || rn == 31 || (rs == 31 && !is_set);
}

static enum axb_a64_kind memory_kind(uint32_t word)
{
	enum axb_a64_kind kind = lookup(memory_patterns, word);
	return kind == AXB_A64_MOPS && is_bad_mops(word) ? AXB_A64_UNALLOCATED : kind;
}

enum axb_a64_kind axb_a64_classify(uint32_t word)
{
	switch (field(word, 25, 4)) {
	case 0x0:
		return field(word, 31, 1) == 1 ? AXB_A64_SME : AXB_A64_UNALLOCATED;
	case 0x2:
		return lookup(sve_patterns, word);
	case 0x8:
	case 0x9:
		return immediate_kind(word);
	case 0xa:
	case 0xb:
		return lookup(branch_patterns, word);
	case 0x4:
	case 0x6:
	case 0xc:
	case 0xe:
		return memory_kind(word);
	case 0x5:
	case 0xd:
		return register_kind(word);
	case 0x7:
	case 0xf:
		return AXB_A64_SIMD;
	default:
		return AXB_A64_UNALLOCATED;
	}
}

/* @width bits from @low as a signed number. */
static int64_t signed_field(uint32_t word, uint32_t low, uint32_t width)
{
	uint32_t unused = 32 - width;
	return (int32_t)(field(word, low, width) << unused) >> unused;
}

static void decode_pc_relative(uint32_t word, struct axb_a64_insn *out)
{
	int64_t immediate = signed_field(word, 5, 19);
	out->is_pc_relative = true;
	switch (out->kind) {
	case AXB_A64_ADR:
		out->offset = immediate * 4 | field(word, 29, 2);
		break;
	case AXB_A64_ADRP:
		out->offset = (immediate * 4 | field(word, 29, 2)) * 4096;
		break;
	case AXB_A64_B:
	case AXB_A64_BL:
		out->offset = signed_field(word, 0, 26) * 4;
		break;
	case AXB_A64_TBZ:
		out->offset = signed_field(word, 5, 14) * 4;
		break;
	case AXB_A64_B_COND:
	case AXB_A64_CBZ:
	case AXB_A64_LDR_LITERAL:
	case AXB_A64_LDR_LITERAL_SIMD:
	case AXB_A64_PRFM_LITERAL:
		out->offset = immediate * 4;
		break;
	default:
		out->is_pc_relative = false;
		break;
	}
}

/* Of BTI, and of PACIASP and PACIBSP, which are BTI C too (Arm ARM D8.4). */
static uint8_t landing(uint32_t word, enum axb_a64_kind kind)
{
	if (kind == AXB_A64_BTI) {
		return (uint8_t)field(word, 6, 2);
	}
	bool is_paci_sp = (word & 0xffffffbf) == 0xd503233f;
	return kind == AXB_A64_PAC && is_paci_sp ? AXB_A64_BTI_C : 0;
}

void axb_a64_decode(uint32_t word, struct axb_a64_insn *out)
{
	enum axb_a64_kind kind = axb_a64_classify(word);
	*out = (struct axb_a64_insn){.kind = (uint8_t)kind, .landing = landing(word, kind)};
	decode_pc_relative(word, out);
	out->rt = (uint8_t)field(word, 0, 5);
	switch (kind) {
	case AXB_A64_CBZ:
		out->is_64_bit = field(word, 31, 1) == 1;
		out->is_negated = field(word, 24, 1) == 1;
		break;
	case AXB_A64_TBZ:
		out->bit = (uint8_t)(field(word, 31, 1) << 5 | field(word, 19, 5));
		out->is_64_bit = field(word, 31, 1) == 1;
		out->is_negated = field(word, 24, 1) == 1;
		break;
	case AXB_A64_B_COND:
		out->condition = (uint8_t)field(word, 0, 4);
		break;
	case AXB_A64_LDR_LITERAL:
		out->is_64_bit = field(word, 30, 2) != 0;
		out->is_negated = field(word, 30, 2) == 2;
		break;
	case AXB_A64_BR:
	case AXB_A64_BLR:
	case AXB_A64_RET:
		out->rt = (uint8_t)field(word, 5, 5);
		break;
	default:
		break;
	}
}

const char *axb_a64_kind_name(enum axb_a64_kind kind)
{
	static const char *const names[] = {
		[AXB_A64_UNALLOCATED] = "unallocated",
		[AXB_A64_OTHER] = "other",
		[AXB_A64_NOP] = "nop",
		[AXB_A64_WAIT] = "wait",
		[AXB_A64_BTI] = "bti",
		[AXB_A64_PAC] = "pac",
		[AXB_A64_ADR] = "adr",
		[AXB_A64_ADRP] = "adrp",
		[AXB_A64_B] = "b",
		[AXB_A64_BL] = "bl",
		[AXB_A64_B_COND] = "b.cond",
		[AXB_A64_CBZ] = "cbz",
		[AXB_A64_TBZ] = "tbz",
		[AXB_A64_BR] = "br",
		[AXB_A64_BLR] = "blr",
		[AXB_A64_RET] = "ret",
		[AXB_A64_BRANCH_AUTH] = "branch-auth",
		[AXB_A64_PAC_PC] = "pac-pc",
		[AXB_A64_LDR_LITERAL] = "ldr-literal",
		[AXB_A64_LDR_LITERAL_SIMD] = "ldr-literal-simd",
		[AXB_A64_PRFM_LITERAL] = "prfm-literal",
		[AXB_A64_EXCLUSIVE_LOAD] = "exclusive-load",
		[AXB_A64_EXCLUSIVE_STORE] = "exclusive-store",
		[AXB_A64_CLREX] = "clrex",
		[AXB_A64_EXCEPTION] = "exception",
		[AXB_A64_ERET] = "eret",
		[AXB_A64_MRS] = "mrs",
		[AXB_A64_MSR] = "msr",
		[AXB_A64_SYS] = "sys",
		[AXB_A64_BARRIER] = "barrier",
		[AXB_A64_MOPS] = "mops",
		[AXB_A64_TRANSACTION] = "transaction",
		[AXB_A64_SIMD] = "simd",
		[AXB_A64_SVE] = "sve",
		[AXB_A64_SVE_MOVPRFX] = "movprfx",
		[AXB_A64_SME] = "sme",
	};
	AXB_STATIC_ASSERT(AXB_ARRAY_COUNT(names) == AXB_A64_KIND_COUNT_, "one name each");
	return (uint32_t)kind < AXB_A64_KIND_COUNT_ ? names[kind] : NULL;
}
