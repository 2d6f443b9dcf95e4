// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "probes/insn/x86_64/decode.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace
{

std::vector<uint8_t> Bytes(const std::string &hex)
{
	std::vector<uint8_t> bytes;
	for (size_t i = 0; i + 1 < hex.size(); i += 3) {
		bytes.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
	}
	return bytes;
}

axb_x86_error Decode(const std::string &hex, axb_x86_insn *insn)
{
	std::vector<uint8_t> bytes = Bytes(hex);
	return axb_x86_decode(axb_bytes_of(bytes.data(), bytes.size()), insn);
}

struct Case {
	const char *hex;
	axb_x86_kind kind;
	int disp_offset; // 0 = none
	int disp_size;
	int imm_offset;
	int imm_size;
	int64_t disp;
	int64_t imm;
};

// Lengths against objdump over whole libraries: objdump_test. Here: fields and kinds.
const Case kCases[] = {
	{"90 ", AXB_X86_NOP, 0, 0, 0, 0, 0, 0},
	{"41 90 ", AXB_X86_OTHER, 0, 0, 0, 0, 0, 0}, // xchg %rax,%r8
	{"0f 1f 44 00 00 ", AXB_X86_NOP, 4, 1, 0, 0, 0, 0},
	{"f3 0f 1e fa ", AXB_X86_ENDBR, 0, 0, 0, 0, 0, 0},
	{"0f 1e fa ", AXB_X86_NOP, 0, 0, 0, 0, 0, 0},
	{"48 8b 05 78 56 34 12 ", AXB_X86_OTHER, 3, 4, 0, 0, 0x12345678, 0},
	{"48 8b 44 24 f8 ", AXB_X86_OTHER, 4, 1, 0, 0, -8, 0},
	{"48 8b 04 25 78 56 34 12 ", AXB_X86_OTHER, 4, 4, 0, 0, 0x12345678, 0},
	{"c7 05 04 00 00 00 fe ff ff ff ", AXB_X86_OTHER, 2, 4, 6, 4, 4, -2},
	{"66 c7 00 fe ff ", AXB_X86_OTHER, 0, 0, 3, 2, 0, -2},
	{"48 b8 88 77 66 55 44 33 22 11 ", AXB_X86_OTHER, 0, 0, 2, 8, 0, 0x1122334455667788},
	{"a1 88 77 66 55 44 33 22 11 ", AXB_X86_OTHER, 1, 8, 0, 0, 0x1122334455667788, 0},
	{"67 a1 44 33 22 11 ", AXB_X86_OTHER, 2, 4, 0, 0, 0x11223344, 0},
	{"c8 34 12 01 ", AXB_X86_OTHER, 0, 0, 1, 3, 0, 0x11234},
	{"f6 00 01 ", AXB_X86_OTHER, 0, 0, 2, 1, 0, 1},
	{"f6 18 ", AXB_X86_OTHER, 0, 0, 0, 0, 0, 0},
	{"48 f7 c0 01 00 00 00 ", AXB_X86_OTHER, 0, 0, 3, 4, 0, 1},
	{"eb fe ", AXB_X86_JMP, 0, 0, 1, 1, 0, -2},
	{"e9 01 00 00 00 ", AXB_X86_JMP, 0, 0, 1, 4, 0, 1},
	{"75 10 ", AXB_X86_JCC, 0, 0, 1, 1, 0, 16},
	{"0f 84 00 01 00 00 ", AXB_X86_JCC, 0, 0, 2, 4, 0, 256},
	{"e3 05 ", AXB_X86_LOOP, 0, 0, 1, 1, 0, 5},
	{"e8 fb ff ff ff ", AXB_X86_CALL, 0, 0, 1, 4, 0, -5},
	{"66 66 48 e8 00 00 00 00 ", AXB_X86_CALL, 0, 0, 4, 4, 0, 0},
	{"ff e0 ", AXB_X86_JMP_INDIRECT, 0, 0, 0, 0, 0, 0},
	{"ff 15 10 00 00 00 ", AXB_X86_CALL_INDIRECT, 2, 4, 0, 0, 16, 0},
	{"ff 1d 10 00 00 00 ", AXB_X86_FAR, 2, 4, 0, 0, 16, 0},
	{"ff 30 ", AXB_X86_OTHER, 0, 0, 0, 0, 0, 0},
	{"c3 ", AXB_X86_RET, 0, 0, 0, 0, 0, 0},
	{"c2 10 00 ", AXB_X86_RET, 0, 0, 1, 2, 0, 16},
	{"f3 c3 ", AXB_X86_RET, 0, 0, 0, 0, 0, 0},
	{"48 cb ", AXB_X86_FAR, 0, 0, 0, 0, 0, 0},
	{"48 cf ", AXB_X86_FAR, 0, 0, 0, 0, 0, 0},
	{"0f 05 ", AXB_X86_SYSTEM_CALL, 0, 0, 0, 0, 0, 0},
	{"cc ", AXB_X86_INT3, 0, 0, 0, 0, 0, 0},
	{"cd 80 ", AXB_X86_INT, 0, 0, 1, 1, 0, -128},
	{"f1 ", AXB_X86_INT, 0, 0, 0, 0, 0, 0},
	{"0f 0b ", AXB_X86_UD, 0, 0, 0, 0, 0, 0},
	{"9c ", AXB_X86_FLAGS, 0, 0, 0, 0, 0, 0},
	{"9d ", AXB_X86_FLAGS, 0, 0, 0, 0, 0, 0},
	{"fb ", AXB_X86_SHADOW, 0, 0, 0, 0, 0, 0},
	{"8e d0 ", AXB_X86_SHADOW, 0, 0, 0, 0, 0, 0},
	{"8e d8 ", AXB_X86_SYSTEM, 0, 0, 0, 0, 0, 0},
	{"f4 ", AXB_X86_SYSTEM, 0, 0, 0, 0, 0, 0},
	{"0f 30 ", AXB_X86_SYSTEM, 0, 0, 0, 0, 0, 0},
	{"0f 01 d8 ", AXB_X86_SYSTEM, 0, 0, 0, 0, 0, 0}, // vmrun
	{"0f 22 d8 ", AXB_X86_SYSTEM, 0, 0, 0, 0, 0, 0}, // mov to cr3
	{"0f 22 18 ", AXB_X86_SYSTEM, 0, 0, 0, 0, 0, 0}, // the same: mod is not looked at
	{"c7 f8 10 00 00 00 ", AXB_X86_TRANSACTION, 0, 0, 2, 4, 0, 16},
	{"c6 f8 01 ", AXB_X86_TRANSACTION, 0, 0, 2, 1, 0, 1},
	{"c5 f8 77 ", AXB_X86_OTHER, 0, 0, 0, 0, 0, 0},
	{"c5 f9 6f 05 10 00 00 00 ", AXB_X86_OTHER, 4, 4, 0, 0, 16, 0},
	{"c4 e3 79 0f 05 10 00 00 00 04 ", AXB_X86_OTHER, 5, 4, 9, 1, 16, 4},
	{"62 f1 7c 48 10 05 10 00 00 00 ", AXB_X86_OTHER, 6, 4, 0, 0, 16, 0},
	{"62 f3 fd 48 39 05 10 00 00 00 01 ", AXB_X86_OTHER, 6, 4, 10, 1, 16, 1},
	{"8f e8 78 c0 c1 03 ", AXB_X86_OTHER, 0, 0, 5, 1, 0, 3}, // vprotb
	{"8f ea 78 10 c1 01 02 03 04 ", AXB_X86_OTHER, 0, 0, 5, 4, 0, 0x04030201},
	{"8f c0 ", AXB_X86_OTHER, 0, 0, 0, 0, 0, 0}, // pop %rax
	{"0f 0f c1 b4 ", AXB_X86_OTHER, 0, 0, 3, 1, 0, -0x4c},
	{"66 0f 78 c1 02 03 ", AXB_X86_OTHER, 0, 0, 4, 2, 0, 0x302}, // extrq
	{"0f 78 c1 ", AXB_X86_OTHER, 0, 0, 0, 0, 0, 0},              // vmread
	{"f0 48 0f b1 0d 10 00 00 00 ", AXB_X86_OTHER, 5, 4, 0, 0, 16, 0},
};

TEST(X86Decode, FieldsAndKinds)
{
	for (const Case &c : kCases) {
		axb_x86_insn insn;
		SCOPED_TRACE(c.hex);
		ASSERT_EQ(AXB_X86_OK, Decode(c.hex, &insn));
		EXPECT_EQ(Bytes(c.hex).size(), insn.length);
		EXPECT_EQ(c.kind, insn.kind);
		EXPECT_EQ(c.disp_size, insn.disp_size);
		EXPECT_EQ(c.imm_size, insn.imm_size);
		if (c.disp_size != 0) {
			EXPECT_EQ(c.disp_offset, insn.disp_offset);
			EXPECT_EQ(c.disp, insn.disp);
		}
		if (c.imm_size != 0) {
			EXPECT_EQ(c.imm_offset, insn.imm_offset);
			EXPECT_EQ(c.imm, insn.imm);
		}
	}
}

TEST(X86Decode, RipRelativeIsNotAbsolute)
{
	axb_x86_insn insn;
	ASSERT_EQ(AXB_X86_OK, Decode("48 8b 05 78 56 34 12 ", &insn));
	EXPECT_TRUE(insn.is_rip_relative);
	ASSERT_EQ(AXB_X86_OK, Decode("48 8b 04 25 78 56 34 12 ", &insn));
	EXPECT_FALSE(insn.is_rip_relative);
	ASSERT_EQ(AXB_X86_OK, Decode("48 8b 80 78 56 34 12 ", &insn));
	EXPECT_FALSE(insn.is_rip_relative);
}

TEST(X86Decode, RexCountsOnlyRightBeforeTheOpcode)
{
	axb_x86_insn insn;
	ASSERT_EQ(AXB_X86_OK, Decode("48 66 b8 01 00 ", &insn));
	EXPECT_EQ(0, insn.rex);
	EXPECT_EQ(2, insn.imm_size);
	ASSERT_EQ(AXB_X86_OK, Decode("66 48 b8 01 00 00 00 00 00 00 00 ", &insn));
	EXPECT_EQ(0x48, insn.rex);
	EXPECT_EQ(8, insn.imm_size);
}

TEST(X86Decode, Refuses)
{
	axb_x86_insn insn;
	for (const char *hex :
		{"06 ", "27 ", "60 ", "82 00 00 ", "9a 00 00 00 00 00 00 ", "ce ", "d4 0a ",
			"ea 00 00 00 00 00 00 ", "0f 04 ", "0f 24 c0 ", "0f 36 ", "0f 38 0c c0 ",
			"0f 3a 00 c0 00 ", "66 c5 f8 77 ", "48 c5 f8 77 ", "62 f9 7c 48 10 00 ",
			"62 f1 78 48 10 00 ", "c4 e0 78 10 00 ", "8f eb 78 10 c1 "}) {
		EXPECT_EQ(AXB_X86_UNDEFINED, Decode(hex, &insn)) << hex;
	}
	EXPECT_EQ(AXB_X86_VENDOR, Decode("66 e8 00 00 00 00 ", &insn));
	EXPECT_EQ(AXB_X86_VENDOR, Decode("66 0f 84 00 00 00 00 ", &insn));
}

TEST(X86Decode, EveryTruncationIsSeen)
{
	for (const Case &c : kCases) {
		std::vector<uint8_t> bytes = Bytes(c.hex);
		axb_x86_insn insn;
		for (size_t size = 0; size < bytes.size(); size++) {
			std::vector<uint8_t> part(bytes.begin(), bytes.begin() + size);
			EXPECT_EQ(AXB_X86_TRUNCATED,
				axb_x86_decode(axb_bytes_of(part.data(), part.size()), &insn))
				<< c.hex << size;
		}
	}
}

TEST(X86Decode, AtMostFifteenBytes)
{
	std::vector<uint8_t> bytes(14, 0x66);
	axb_x86_insn insn;
	bytes.push_back(0x90);
	bytes.push_back(0x90);
	EXPECT_EQ(AXB_X86_OK, axb_x86_decode(axb_bytes_of(bytes.data(), bytes.size()), &insn));
	EXPECT_EQ(15, insn.length);
	bytes.insert(bytes.begin(), 0x66);
	EXPECT_EQ(
		AXB_X86_TOO_LONG, axb_x86_decode(axb_bytes_of(bytes.data(), bytes.size()), &insn));
	bytes.resize(15);
	EXPECT_EQ(
		AXB_X86_TRUNCATED, axb_x86_decode(axb_bytes_of(bytes.data(), bytes.size()), &insn));
}

} // namespace
