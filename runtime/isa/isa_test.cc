/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <sstream>
#include <string>
#include <vector>

#include "runtime/base/text.h"
#include "runtime/isa/disasm.h"
#include "runtime/isa/opcode.h"
#include "runtime/isa/testing/assembler.h"
#include "runtime/isa/testing/case_file.h"

namespace
{

using axb_testing::Assemble;
using axb_testing::Assembly;

std::string Disassemble(const std::vector<axb_insn> &insns)
{
	char buffer[128];
	axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_insn_disasm(insns.data(), &text);
	return buffer;
}

/* An instruction of row @op with something in every field that the row uses. */
std::vector<axb_insn> Example(unsigned op, int16_t offset, int32_t imm)
{
	const axb_op_info &info = axb_op_table[op];
	unsigned fields = axb_form_fields((axb_form)info.form);
	axb_insn insn = {info.opcode, 0, 0, 0};
	insn.regs |= fields & AXB_FIELD_DST ? 3 : 0;
	insn.regs |= fields & AXB_FIELD_SRC ? 7 << 4 : 0;
	insn.offset = fields & AXB_FIELD_OFFSET ? offset : (int16_t)0;
	insn.imm = fields & AXB_FIELD_IMM ? imm : 0;
	switch (info.select) {
	case AXB_SELECT_SRC:
		insn.regs = (uint8_t)((insn.regs & 0xf) | info.value << 4);
		break;
	case AXB_SELECT_OFFSET:
		insn.offset = info.value;
		break;
	case AXB_SELECT_IMM:
		insn.imm = info.value;
		break;
	default:
		break;
	}
	std::vector<axb_insn> insns = {insn};
	if (axb_insn_slots(insn) == 2) {
		insns.push_back({0, 0, 0, info.value == AXB_LDDW_IMM ? 0x11223344 : 0});
	}
	return insns;
}

TEST(AxbInsnOp, FindsEachRowByItsEncoding)
{
	for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
		EXPECT_EQ(axb_insn_op(Example(op, 5, 9)[0]), op) << axb_op_name((axb_op)op);
		EXPECT_TRUE(axb_opcode_is_known(axb_op_table[op].opcode));
		EXPECT_FALSE(axb_opcode_is_packet(axb_op_table[op].opcode));
	}
}

TEST(AxbInsnOp, KnowsNoOtherOpcodeBytes)
{
	unsigned known = 0;
	unsigned packet = 0;
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		bool listed = false;
		for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
			listed = listed || axb_op_table[op].opcode == opcode;
		}
		EXPECT_EQ(axb_opcode_is_known((uint8_t)opcode), listed) << opcode;
		known += listed;
		packet += axb_opcode_is_packet((uint8_t)opcode);
	}
	/* RFC 9669 appendix A: 13 x 4 arithmetic, 2 negations, 3 swaps, 46 jumps, 4 other control,
	 * 7 loads, 8 stores, 2 atomic, 1 wide; call by register is ours. */
	EXPECT_EQ(known, 48u + 2 + 3 + 46 + 3 + 7 + 8 + 2 + 1);
	EXPECT_EQ(packet, 6u);
}

TEST(AxbInsnOp, RefusesUnknownSelectingValues)
{
	EXPECT_EQ(axb_insn_op({0x37, 0, 2, 1}), AXB_OP_NONE_);
	EXPECT_EQ(axb_insn_op({0xdc, 0, 0, 8}), AXB_OP_NONE_);
	EXPECT_EQ(axb_insn_op({0xdb, 0, 0, 0x1f1}), AXB_OP_NONE_);
	EXPECT_EQ(axb_insn_op({0x85, 0x30, 0, 0}), AXB_OP_NONE_);
	EXPECT_EQ(axb_insn_op({0xff, 0, 0, 0}), AXB_OP_NONE_);
}

TEST(AxbOpTable, RowsOfOneOpcodeByteAreAdjacent)
{
	for (unsigned op = 2; op < AXB_OP_COUNT_; op++) {
		uint8_t opcode = axb_op_table[op].opcode;
		unsigned first = axb_opcode_first_op(opcode);
		for (unsigned i = first; i <= op; i++) {
			EXPECT_EQ(axb_op_table[i].opcode, opcode) << axb_op_name((axb_op)op);
		}
	}
}

TEST(AxbOpcodeAccessSize, FollowsTheSizeBits)
{
	EXPECT_EQ(axb_opcode_access_size(0x71), 1u);
	EXPECT_EQ(axb_opcode_access_size(0x69), 2u);
	EXPECT_EQ(axb_opcode_access_size(0x61), 4u);
	EXPECT_EQ(axb_opcode_access_size(0x79), 8u);
	EXPECT_EQ(axb_opcode_access_size(0xc3), 4u);
	EXPECT_EQ(axb_opcode_access_size(0xdb), 8u);
}

/* ---- disassembly ---- */

TEST(AxbInsnDisasm, IsWrittenOut)
{
	const struct {
		const char *assembly;
		const char *text;
	} cases[] = {
		{"ldxdw %r1, [%r2+8]", "r1 = *(u64 *)(r2 + 8)"},
		{"stxb [%r10-1], %r3", "*(u8 *)(r10 - 1) = w3"},
		{"mod %r1, -3", "r1 %= -3"},
		{"lddw %r1, 0x8000000000000000", "r1 = -9223372036854775808 ll"},
		{"lddw %r1, map(3)", "r1 = map[3]"},
		{"lddw %r1, map_value(2)+24", "r1 = map[2] value + 24"},
		{"jsle32 %r1, -1, -4", "if w1 s<= -1 goto -4"},
		{"ldxw %r0, [%r1-32768]", "w0 = *(u32 *)(r1 - 32768)"},
	};
	for (const auto &c : cases) {
		Assembly assembly = Assemble(c.assembly);
		ASSERT_EQ(assembly.error, "");
		EXPECT_EQ(Disassemble(assembly.insns), c.text);
	}
	EXPECT_EQ(Disassemble({{0xff, 0x21, 3, 4}}), ".insn 0x00000004000321ff");
}

/* What llvm-mc makes of the same bytes, one line for each. */
std::vector<std::string> LlvmDisassembly(const std::vector<std::vector<axb_insn>> &all)
{
	std::string path = ::testing::TempDir() + "/insns.txt";
	FILE *out = fopen(path.c_str(), "w");
	if (out == nullptr) {
		return {};
	}
	for (const auto &insns : all) {
		const auto *bytes = (const unsigned char *)insns.data();
		for (size_t i = 0; i < insns.size() * sizeof(axb_insn); i++) {
			fprintf(out, "0x%02x ", bytes[i]);
		}
		fprintf(out, "\n");
	}
	fclose(out);
	std::string command = "/usr/bin/llvm-mc-19 --disassemble -triple=bpf -mcpu=v4 " + path;
	std::vector<std::string> lines;
	FILE *in = popen(command.c_str(), "r");
	char line[256];
	while (in != nullptr && fgets(line, sizeof(line), in) != nullptr) {
		std::string text = line;
		text.erase(text.find_last_not_of(" \t\n") + 1);
		text.erase(0, text.find_first_not_of(" \t"));
		if (!text.empty() && text[0] != '.') {
			lines.push_back(text);
		}
	}
	if (in != nullptr) {
		pclose(in);
	}
	return lines;
}

/* LLVM has no words of its own for map references and kernel functions. */
bool LlvmNamesItOtherwise(unsigned op)
{
	return op == AXB_OP_LDDW_MAP || op == AXB_OP_LDDW_MAP_VALUE || op == AXB_OP_LDDW_FUNC;
}

TEST(AxbInsnDisasm, SaysWhatLlvmSays)
{
	std::vector<std::vector<axb_insn>> all;
	for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
		if (!LlvmNamesItOtherwise(op)) {
			all.push_back(Example(op, 16, 5));
			all.push_back(Example(op, -24, -77));
		}
	}
	std::vector<std::string> expected = LlvmDisassembly(all);
	ASSERT_EQ(expected.size(), all.size());
	for (size_t i = 0; i < all.size(); i++) {
		EXPECT_EQ(Disassemble(all[i]), expected[i]);
	}
}

/* ---- the test assembler ---- */

/* The operands of an example in the assembler's syntax. */
std::string Operands(unsigned op)
{
	switch (axb_op_table[op].form) {
	case AXB_FORM_ALU_IMM:
		return " %r3, 5";
	case AXB_FORM_ALU_REG:
		return " %r3, %r7";
	case AXB_FORM_ALU_UNARY:
	case AXB_FORM_SWAP:
		return " %r3";
	case AXB_FORM_JUMP:
		return " +16";
	case AXB_FORM_JUMP_LONG:
		return " +5";
	case AXB_FORM_BRANCH_IMM:
		return " %r3, 5, +16";
	case AXB_FORM_BRANCH_REG:
		return " %r3, %r7, +16";
	case AXB_FORM_CALL:
		return op == AXB_OP_CALL_LOCAL ? " +5" : " 5";
	case AXB_FORM_LOAD:
		return " %r3, [%r7+16]";
	case AXB_FORM_STORE_IMM:
		return " [%r3+16], 5";
	case AXB_FORM_STORE_REG:
	case AXB_FORM_ATOMIC:
		return " [%r3+16], %r7";
	default:
		return "";
	}
}

TEST(Assembler, EncodesEachRow)
{
	for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
		const axb_op_info &info = axb_op_table[op];
		std::string text = std::string(axb_op_mnemonic((axb_op)op)) + Operands(op);
		text = info.form == AXB_FORM_CALL_REG ? "call %r3" : text;
		if (info.form == AXB_FORM_LDDW) {
			const char *const kinds[] = {
				"0x1122334400000005", "map(5)", "map_value(5)", "", "func(+5)"};
			text = std::string("lddw %r3, ") + kinds[info.value];
		}
		Assembly assembly = Assemble(text);
		ASSERT_EQ(assembly.error, "") << text;
		std::vector<axb_insn> expected = Example(op, 16, 5);
		ASSERT_EQ(assembly.insns.size(), expected.size()) << text;
		EXPECT_EQ(memcmp(assembly.insns.data(), expected.data(),
				  expected.size() * sizeof(axb_insn)),
			0)
			<< text << " gave " << Disassemble(assembly.insns);
	}
}

TEST(Assembler, ResolvesLabels)
{
	Assembly assembly = Assemble("start: mov r0, 0 # comment\n"
				     "jeq %r0, 1, end\nlddw %r1, 5\nja start\ncall local f\n"
				     "ja32 start\nend:\nexit\nf: exit\nja exit");
	ASSERT_EQ(assembly.error, "");
	ASSERT_EQ(assembly.insns.size(), 10u);
	EXPECT_EQ(assembly.insns[1].offset, 5);
	EXPECT_EQ(assembly.insns[4].offset, -5);
	EXPECT_EQ(assembly.insns[5].imm, 2);
	EXPECT_EQ(assembly.insns[6].imm, -7);
	EXPECT_EQ(assembly.insns[9].offset, -3);
}

TEST(Assembler, RefusesWhatItDoesNotUnderstand)
{
	const char *const wrong[] = {"mov %r0", "mov %r0, 1, 2", "mov %r16, 1", "frob %r0, 1",
		"mov %r0, 0x1ffffffff", "ldxw %r0, %r1", "ldxw %r0, [%r1+40000]", "ja nowhere",
		"a: exit\na: exit", "lock sub [%r1+0], %r2", "mov %r0, 12x"};
	for (const char *text : wrong) {
		EXPECT_NE(Assemble(text).error, "") << text;
	}
}

TEST(CaseFile, RefusesMalformedFiles)
{
	const char *const wrong[] = {"-- result\n1", "-- asm\nexit", "-- asm\nfrob\n-- result\n1",
		"-- asm\nexit\n-- what\n1", "-- asm\nexit\n-- mem\n1ff\n-- result\n0",
		"-- asm\nexit\n-- table\n1 2", "-- raw\n95 00\n-- result\n0"};
	for (const char *text : wrong) {
		std::string error;
		axb_testing::ParseCases("file", text, &error);
		EXPECT_NE(error, "") << text;
	}
}

} // namespace
