/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/isa/testing/assembler.h"

#include <errno.h>
#include <stdlib.h>

#include <map>
#include <sstream>
#include <stdexcept>

#include "runtime/isa/disasm.h"
#include "runtime/isa/opcode.h"

namespace axb_testing
{
namespace
{

struct Line {
	std::string mnemonic;
	std::vector<std::string> operands;
};

struct Fixup {
	size_t insn;
	std::string label;
};

[[noreturn]] void Fail(const std::string &why)
{
	throw std::runtime_error(why);
}

std::string Trim(const std::string &s)
{
	size_t first = s.find_first_not_of(" \t\r");
	size_t last = s.find_last_not_of(" \t\r");
	return first == std::string::npos ? "" : s.substr(first, last - first + 1);
}

bool StartsWith(const std::string &s, const std::string &prefix)
{
	return s.compare(0, prefix.size(), prefix) == 0;
}

uint64_t Number(const std::string &s)
{
	uint64_t v;
	if (!ParseNumber(s, &v)) {
		Fail("not a number: " + s);
	}
	return v;
}

int32_t Imm32(const std::string &s)
{
	uint64_t v = Number(s);
	int64_t as_signed = (int64_t)v;
	if (v > UINT32_MAX && (as_signed > INT32_MAX || as_signed < INT32_MIN)) {
		Fail("does not fit 32 bits: " + s);
	}
	return (int32_t)(uint32_t)v;
}

int16_t Offset16(const std::string &s)
{
	int64_t v = (int64_t)Number(s);
	if (v < INT16_MIN || v > INT16_MAX) {
		Fail("does not fit 16 bits: " + s);
	}
	return (int16_t)v;
}

bool IsRegister(const std::string &s, unsigned *out)
{
	size_t start = !s.empty() && s[0] == '%' ? 1 : 0;
	uint64_t v;
	if (s.size() < start + 2 || s[start] != 'r' || !ParseNumber(s.substr(start + 1), &v) ||
		v > 15) {
		return false;
	}
	*out = (unsigned)v;
	return true;
}

unsigned Register(const std::string &s)
{
	unsigned reg;
	if (!IsRegister(s, &reg)) {
		Fail("not a register: " + s);
	}
	return reg;
}

/* "[%r1+4]", "[r1 - 8]", "[r1]" */
unsigned Memory(const std::string &s, int16_t *offset)
{
	if (s.size() < 4 || s.front() != '[' || s.back() != ']') {
		Fail("not a memory operand: " + s);
	}
	std::string inner = s.substr(1, s.size() - 2);
	size_t sign = inner.find_first_of("+-");
	*offset = 0;
	if (sign != std::string::npos) {
		std::string magnitude = Trim(inner.substr(sign + 1));
		*offset = Offset16(inner.substr(sign, 1) + magnitude);
		inner = inner.substr(0, sign);
	}
	return Register(Trim(inner));
}

void SetRegs(axb_insn *insn, unsigned dst, unsigned src)
{
	insn->regs = (uint8_t)(dst | src << 4);
}

/* Split at the blanks and commas that are outside brackets. */
Line Split(const std::string &text)
{
	std::vector<std::string> words;
	std::string word;
	bool in_brackets = false;
	for (char c : text + " ") {
		in_brackets = c == '[' || (in_brackets && c != ']');
		if ((c == ' ' || c == '\t' || c == ',') && !in_brackets) {
			if (!word.empty()) {
				words.push_back(word);
				word.clear();
			}
		} else {
			word += c;
		}
	}
	Line line;
	line.mnemonic = words[0];
	size_t used = 1;
	if (words[0] == "lock") {
		while (used < words.size() && words[used][0] != '[') {
			line.mnemonic += " " + words[used++];
		}
	}
	line.operands.assign(words.begin() + (long)used, words.end());
	return line;
}

class Assembler
{
      public:
	std::vector<axb_insn> Run(const std::string &text)
	{
		std::istringstream in(text);
		std::string line;
		for (int number = 1; std::getline(in, line); number++) {
			try {
				OneLine(Trim(line.substr(0, line.find('#'))));
			} catch (const std::runtime_error &e) {
				Fail("line " + std::to_string(number) + ": " + e.what());
			}
		}
		Resolve();
		return insns_;
	}

      private:
	void OneLine(std::string line)
	{
		size_t colon = line.find(':');
		if (colon != std::string::npos) {
			if (!labels_.emplace(line.substr(0, colon), insns_.size()).second) {
				Fail("label defined twice: " + line.substr(0, colon));
			}
			line = Trim(line.substr(colon + 1));
		}
		if (line.empty()) {
			return;
		}
		Line parsed = Split(line);
		if (parsed.mnemonic == "exit") {
			labels_.emplace("exit", insns_.size());
		}
		if (parsed.mnemonic == "call") {
			SpecialCall(&parsed);
		} else if (parsed.mnemonic == "lddw" && parsed.operands.size() == 2) {
			SpecialLddw(&parsed);
		}
		Encode(parsed);
	}

	/* "call helper 5", "call local f", "call runtime 7", "call %r2" */
	static void SpecialCall(Line *line)
	{
		unsigned reg;
		if (line->operands.size() == 2) {
			if (line->operands[0] != "helper") {
				line->mnemonic = "call " + line->operands[0];
			}
			line->operands.erase(line->operands.begin());
		} else if (line->operands.size() == 1 && IsRegister(line->operands[0], &reg)) {
			line->mnemonic = "callx";
		}
	}

	/* "map(0)", "map_value(0)+8", "func(label)" to operands {reg, index, offset} */
	static void SpecialLddw(Line *line)
	{
		std::string operand = line->operands[1];
		size_t open = operand.find('(');
		size_t close = operand.find(')');
		if (open == std::string::npos || close == std::string::npos) {
			return;
		}
		line->mnemonic = "lddw " + operand.substr(0, open);
		line->operands[1] = operand.substr(open + 1, close - open - 1);
		line->operands.push_back(
			close + 1 < operand.size() ? operand.substr(close + 1) : "0");
	}

	void Encode(const Line &line)
	{
		unsigned reg;
		size_t count = line.operands.size();
		bool last_is_reg = count >= 2 && IsRegister(line.operands[1], &reg);
		for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
			const axb_op_info &info = axb_op_table[op];
			bool wants_reg =
				info.form == AXB_FORM_ALU_REG || info.form == AXB_FORM_BRANCH_REG;
			bool wants_imm =
				info.form == AXB_FORM_ALU_IMM || info.form == AXB_FORM_BRANCH_IMM;
			if (line.mnemonic != axb_op_mnemonic((axb_op)op) ||
				(wants_reg && !last_is_reg) || (wants_imm && last_is_reg)) {
				continue;
			}
			if (count != OperandCount(info.form, line)) {
				Fail("wrong number of operands: " + line.mnemonic);
			}
			EncodeRow(info, line.operands);
			return;
		}
		Fail("unknown mnemonic: " + line.mnemonic);
	}

	static size_t OperandCount(unsigned form, const Line &line)
	{
		switch (form) {
		case AXB_FORM_EXIT:
			return 0;
		case AXB_FORM_ALU_UNARY:
		case AXB_FORM_SWAP:
		case AXB_FORM_JUMP:
		case AXB_FORM_JUMP_LONG:
		case AXB_FORM_CALL:
		case AXB_FORM_CALL_REG:
			return 1;
		case AXB_FORM_BRANCH_IMM:
		case AXB_FORM_BRANCH_REG:
			return 3;
		case AXB_FORM_LDDW:
			return line.mnemonic == "lddw" ? 2 : 3;
		default:
			return 2;
		}
	}

	void EncodeRow(const axb_op_info &info, const std::vector<std::string> &args)
	{
		axb_insn insn = {info.opcode, 0, 0, 0};
		unsigned src = info.select == AXB_SELECT_SRC ? info.value : 0;
		insn.offset = info.select == AXB_SELECT_OFFSET ? (int16_t)info.value : (int16_t)0;
		insn.imm = info.select == AXB_SELECT_IMM ? info.value : 0;
		switch (info.form) {
		case AXB_FORM_ALU_IMM:
			SetRegs(&insn, Register(args[0]), 0);
			insn.imm = Imm32(args[1]);
			break;
		case AXB_FORM_ALU_REG:
			SetRegs(&insn, Register(args[0]), Register(args[1]));
			break;
		case AXB_FORM_ALU_UNARY:
		case AXB_FORM_SWAP:
		case AXB_FORM_CALL_REG:
			SetRegs(&insn, Register(args[0]), 0);
			break;
		case AXB_FORM_JUMP:
			insn.offset = (int16_t)Target(args[0]);
			break;
		case AXB_FORM_JUMP_LONG:
			insn.imm = Target(args[0]);
			break;
		case AXB_FORM_BRANCH_IMM:
			SetRegs(&insn, Register(args[0]), 0);
			insn.imm = Imm32(args[1]);
			insn.offset = (int16_t)Target(args[2]);
			break;
		case AXB_FORM_BRANCH_REG:
			SetRegs(&insn, Register(args[0]), Register(args[1]));
			insn.offset = (int16_t)Target(args[2]);
			break;
		case AXB_FORM_CALL:
			SetRegs(&insn, 0, src);
			insn.imm = src == AXB_CALL_LOCAL ? Target(args[0]) : Imm32(args[0]);
			break;
		case AXB_FORM_LOAD:
			src = Memory(args[1], &insn.offset);
			SetRegs(&insn, Register(args[0]), src);
			break;
		case AXB_FORM_STORE_IMM:
			SetRegs(&insn, Memory(args[0], &insn.offset), 0);
			insn.imm = Imm32(args[1]);
			break;
		case AXB_FORM_STORE_REG:
		case AXB_FORM_ATOMIC:
			SetRegs(&insn, Memory(args[0], &insn.offset), Register(args[1]));
			break;
		case AXB_FORM_LDDW:
			EncodeLddw(insn, src, args);
			return;
		default:
			break;
		}
		insns_.push_back(insn);
	}

	void EncodeLddw(axb_insn insn, unsigned src, const std::vector<std::string> &args)
	{
		axb_insn second = {0, 0, 0, 0};
		SetRegs(&insn, Register(args[0]), src);
		if (src == AXB_LDDW_FUNC) {
			insn.imm = Target(args[1]);
		} else if (src == AXB_LDDW_IMM) {
			uint64_t v = Number(args[1]);
			insn.imm = (int32_t)(uint32_t)v;
			second.imm = (int32_t)(uint32_t)(v >> 32);
		} else {
			insn.imm = Imm32(args[1]);
			second.imm = Imm32(args[2]);
		}
		insns_.push_back(insn);
		insns_.push_back(second);
	}

	/* A number with sign is relative; else a label, filled in at the end. */
	int32_t Target(const std::string &s)
	{
		uint64_t v;
		if ((s[0] == '+' || s[0] == '-') && ParseNumber(s, &v)) {
			return (int32_t)v;
		}
		fixups_.push_back({insns_.size(), s});
		return 0;
	}

	void Resolve()
	{
		for (const Fixup &fixup : fixups_) {
			auto label = labels_.find(fixup.label);
			if (label == labels_.end()) {
				Fail("no such label: " + fixup.label);
			}
			axb_insn &insn = insns_[fixup.insn];
			int64_t delta = (int64_t)label->second - (int64_t)fixup.insn - 1;
			if (insn.opcode == 0x85 || insn.opcode == 0x06 || insn.opcode == 0x18) {
				insn.imm = (int32_t)delta;
			} else {
				insn.offset = (int16_t)delta;
			}
		}
	}

	std::vector<axb_insn> insns_;
	std::vector<Fixup> fixups_;
	std::map<std::string, size_t> labels_;
};

} // namespace

bool ParseNumber(const std::string &text, uint64_t *out)
{
	std::string s = text;
	bool negative = !s.empty() && s[0] == '-';
	if (!s.empty() && (s[0] == '-' || s[0] == '+')) {
		s.erase(0, 1);
	}
	bool hex = StartsWith(s, "0x");
	const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
	std::string body = hex ? s.substr(2) : s;
	if (body.empty() || body.find_first_not_of(digits) != std::string::npos) {
		return false;
	}
	errno = 0;
	uint64_t v = strtoull(body.c_str(), nullptr, hex ? 16 : 10);
	if (errno != 0) {
		return false;
	}
	*out = negative ? 0 - v : v;
	return true;
}

Assembly Assemble(const std::string &text)
{
	Assembly result;
	try {
		result.insns = Assembler().Run(text);
	} catch (const std::runtime_error &e) {
		result.error = e.what();
	}
	return result;
}

} // namespace axb_testing
