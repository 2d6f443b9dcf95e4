// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "probes/insn/aarch64/decode.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "gtest/gtest.h"

namespace
{

struct Case {
	uint32_t word;
	axb_a64_kind kind;
	int64_t offset;
	uint8_t rt;
	uint8_t other; // bit, condition or landing
};

const Case kCases[] = {
	{0x00000000, AXB_A64_UNALLOCATED, 0, 0, 0}, // udf #0
	{0xd503201f, AXB_A64_NOP, 0, 31, 0},
	{0xd503203f, AXB_A64_NOP, 0, 31, 0}, // yield
	{0xd503205f, AXB_A64_WAIT, 0, 31, 0},
	{0xd503207f, AXB_A64_WAIT, 0, 31, 0},
	{0xd5031003, AXB_A64_WAIT, 0, 3, 0}, // wfet x3
	{0xd503241f, AXB_A64_BTI, 0, 31, 0},
	{0xd503245f, AXB_A64_BTI, 0, 31, AXB_A64_BTI_C},
	{0xd503249f, AXB_A64_BTI, 0, 31, AXB_A64_BTI_J},
	{0xd50324df, AXB_A64_BTI, 0, 31, AXB_A64_BTI_C | AXB_A64_BTI_J},
	{0xd503233f, AXB_A64_PAC, 0, 31, AXB_A64_BTI_C}, // paciasp
	{0xd503237f, AXB_A64_PAC, 0, 31, AXB_A64_BTI_C}, // pacibsp
	{0xd50323bf, AXB_A64_PAC, 0, 31, 0},             // autiasp
	{0x10000020, AXB_A64_ADR, 4, 0, 0},
	{0x70ffffe5, AXB_A64_ADR, -1, 5, 0},
	{0xb0000003, AXB_A64_ADRP, 4096, 3, 0},
	{0x90800001, AXB_A64_ADRP, -(INT64_C(1) << 32), 1, 0},
	{0x14000001, AXB_A64_B, 4, 1, 0},
	{0x97ffffff, AXB_A64_BL, -4, 31, 0},
	{0x54ffffe1, AXB_A64_B_COND, -4, 1, 1},
	{0x54000051, AXB_A64_B_COND, 8, 17, 1}, // bc.ne
	{0x34000043, AXB_A64_CBZ, 8, 3, 0},
	{0xb5ffffe3, AXB_A64_CBZ, -4, 3, 0},
	{0x36080043, AXB_A64_TBZ, 8, 3, 1},
	{0xb7f80003, AXB_A64_TBZ, 0, 3, 63},
	{0xd61f0220, AXB_A64_BR, 0, 17, 0},
	{0xd63f0220, AXB_A64_BLR, 0, 17, 0},
	{0xd65f03c0, AXB_A64_RET, 0, 30, 0},
	{0xd65f0bff, AXB_A64_BRANCH_AUTH, 0, 31, 0},
	{0xd71f0a11, AXB_A64_BRANCH_AUTH, 0, 17, 0},
	{0x18000040, AXB_A64_LDR_LITERAL, 8, 0, 0},
	{0x98ffffe1, AXB_A64_LDR_LITERAL, -4, 1, 0},
	{0x9c000040, AXB_A64_LDR_LITERAL_SIMD, 8, 0, 0},
	{0xd8000040, AXB_A64_PRFM_LITERAL, 8, 0, 0},
	{0xc85f7c01, AXB_A64_EXCLUSIVE_LOAD, 0, 1, 0},
	{0x885ffc01, AXB_A64_EXCLUSIVE_LOAD, 0, 1, 0},
	{0xc87f0801, AXB_A64_EXCLUSIVE_LOAD, 0, 1, 0},
	{0x08027c01, AXB_A64_EXCLUSIVE_STORE, 0, 1, 0},
	{0xc8a07c41, AXB_A64_OTHER, 0, 1, 0}, // cas
	{0xc8dffc01, AXB_A64_OTHER, 0, 1, 0}, // ldar
	{0xd5033f5f, AXB_A64_CLREX, 0, 31, 0},
	{0xd4000001, AXB_A64_EXCEPTION, 0, 1, 0},
	{0xd4200000, AXB_A64_EXCEPTION, 0, 0, 0},
	{0xd69f03e0, AXB_A64_ERET, 0, 0, 0},
	{0xd53bd041, AXB_A64_MRS, 0, 1, 0}, // tpidr_el0
	{0xd51bd041, AXB_A64_MSR, 0, 1, 0},
	{0xd50343df, AXB_A64_MSR, 0, 31, 0}, // daifset
	{0xd50b7e23, AXB_A64_SYS, 0, 3, 0},  // dc civac
	{0xd5033fdf, AXB_A64_BARRIER, 0, 31, 0},
	{0x19010440, AXB_A64_MOPS, 0, 0, 0}, // cpyfp
	{0x1e604000, AXB_A64_SIMD, 0, 0, 0},
	{0x0420bc20, AXB_A64_SVE_MOVPRFX, 0, 0, 0},
	{0xa9bf7bfd, AXB_A64_OTHER, 0, 29, 0}, // stp x29, x30, [sp, #-16]!
	{0xaa1e03e9, AXB_A64_OTHER, 0, 9, 0},  // mov x9, x30
	{0xd10043ff, AXB_A64_OTHER, 0, 31, 0}, // sub sp, sp, #16
	// Reserved by the values of fields.
	{0x12400000, AXB_A64_UNALLOCATED, 0, 0, 0}, // and w, N = 1
	{0x9240fc00, AXB_A64_UNALLOCATED, 0, 0, 0}, // and, all ones
	{0x32800000, AXB_A64_UNALLOCATED, 0, 0, 0},
	{0x52c00000, AXB_A64_UNALLOCATED, 0, 0, 0}, // movz w, lsl 32
	{0x13408000, AXB_A64_UNALLOCATED, 0, 0, 0},
	{0x1ac03400, AXB_A64_UNALLOCATED, 0, 0, 0},
};

TEST(A64Decode, Words)
{
	for (const Case &c : kCases) {
		axb_a64_insn insn;
		SCOPED_TRACE(testing::Message() << std::hex << c.word);
		axb_a64_decode(c.word, &insn);
		EXPECT_STREQ(axb_a64_kind_name(c.kind),
			axb_a64_kind_name(static_cast<axb_a64_kind>(insn.kind)));
		EXPECT_EQ(c.offset, insn.offset);
		EXPECT_EQ(c.rt, insn.rt);
		EXPECT_EQ(c.other, insn.bit | insn.condition | insn.landing);
	}
}

TEST(A64Decode, WidthsAndSense)
{
	axb_a64_insn insn;
	axb_a64_decode(0x34000043, &insn); // cbz w3
	EXPECT_FALSE(insn.is_64_bit || insn.is_negated);
	axb_a64_decode(0xb5000043, &insn); // cbnz x3
	EXPECT_TRUE(insn.is_64_bit && insn.is_negated);
	axb_a64_decode(0x58000040, &insn); // ldr x0
	EXPECT_TRUE(insn.is_64_bit && !insn.is_negated);
	axb_a64_decode(0x98000040, &insn); // ldrsw x0
	EXPECT_TRUE(insn.is_64_bit && insn.is_negated);
}

TEST(A64Decode, KindsHaveNames)
{
	for (int kind = 0; kind < AXB_A64_KIND_COUNT_; kind++) {
		const char *name = axb_a64_kind_name(static_cast<axb_a64_kind>(kind));
		ASSERT_NE(nullptr, name);
		EXPECT_NE(0u, std::strlen(name));
	}
	EXPECT_EQ(nullptr, axb_a64_kind_name(AXB_A64_KIND_COUNT_));
}

// The word with its offset put back in: the same, for what has one.
uint32_t Encode(uint32_t word, const axb_a64_insn &insn)
{
	uint32_t units = static_cast<uint32_t>(insn.offset >> 2);
	switch (insn.kind) {
	case AXB_A64_ADR:
		return (word & 0x9f00001f) | (static_cast<uint32_t>(insn.offset) & 3) << 29 |
		       (units & 0x7ffff) << 5;
	case AXB_A64_ADRP:
		return (word & 0x9f00001f) | (static_cast<uint32_t>(insn.offset >> 12) & 3) << 29 |
		       (static_cast<uint32_t>(insn.offset >> 14) & 0x7ffff) << 5;
	case AXB_A64_B:
	case AXB_A64_BL:
		return (word & 0xfc000000) | (units & 0x3ffffff);
	case AXB_A64_TBZ:
		return (word & 0xfff8001f) | (units & 0x3fff) << 5;
	default:
		return (word & 0xff00001f) | (units & 0x7ffff) << 5;
	}
}

// Every word has a kind, and an offset that is what its bits say; AXB_A64_STRIDE=1: all 2^32.
TEST(A64Decode, IsTotalAndConsistent)
{
	const char *text = std::getenv("AXB_A64_STRIDE");
	uint64_t stride = text == nullptr ? 997 : std::strtoull(text, nullptr, 10);
	ASSERT_NE(0u, stride);
	uint64_t wrong = 0;
	for (uint64_t word = 0; word <= UINT32_MAX; word += stride) {
		axb_a64_insn insn;
		uint32_t w = static_cast<uint32_t>(word);
		axb_a64_decode(w, &insn);
		bool ok = insn.kind < AXB_A64_KIND_COUNT_ && insn.kind == axb_a64_classify(w) &&
			  (insn.is_pc_relative ? Encode(w, insn) == w : insn.offset == 0);
		wrong += ok ? 0 : 1;
	}
	EXPECT_EQ(0u, wrong);
}

} // namespace
