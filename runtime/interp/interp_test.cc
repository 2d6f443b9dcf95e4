/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "codegen/gen/helpers_gen.h" // Generated.
#include "codegen/gen/maps_gen.h"    // Generated.
#include "runtime/base/limits.h"
#include "runtime/interp/testing.h"
#include "runtime/isa/disasm.h"
#include "runtime/isa/opcode.h"
#include "runtime/isa/testing/case_file.h"
#include "runtime/maps/testing.h"

namespace
{

using axb_testing::Case;
using axb_testing::Outcome;
using axb_testing::Program;
using axb_testing::RunWith;
using axb_testing::TestMap;

const char *FaultName(axb_run_result result)
{
	switch (result) {
	case AXB_RUN_OK:
		return "OK";
	case AXB_RUN_FAULT_LOAD:
		return "LOAD";
	case AXB_RUN_FAULT_STORE:
		return "STORE";
	case AXB_RUN_FAULT_ALIGN:
		return "ALIGN";
	case AXB_RUN_FAULT_HELPER:
		return "HELPER";
	case AXB_RUN_FAULT_FUEL:
		return "FUEL";
	case AXB_RUN_FAULT_DEPTH:
		return "DEPTH";
	case AXB_RUN_FAULT_LEAK:
		return "LEAK";
	default:
		return "?";
	}
}

/* Helpers of the case files: 1000 gives the sum of its arguments, 1001 its first one. */
uint64_t SumHelper(axb_env *, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	return a + b + c + d + e;
}
uint64_t FirstHelper(axb_env *, uint64_t a, uint64_t, uint64_t, uint64_t, uint64_t)
{
	return a;
}
const axb_helper_impl kImpls[] = {{1000, SumHelper}, {1001, FirstHelper}};
const axb_helper_table kHelpers = {kImpls, 2};

std::vector<Case> AllCases()
{
	std::string error;
	std::vector<Case> cases = axb_testing::ReadCases("testdata/isa", &error);
	EXPECT_EQ(error, "");
	EXPECT_FALSE(cases.empty());
	return cases;
}

class CaseFiles : public ::testing::Test
{
      protected:
	void RunOn(const axb_interp *interp, const Case &c, uint64_t expected)
	{
		std::vector<uint8_t> context = c.mem;
		Outcome run = RunWith(interp, &context);
		ASSERT_STREQ(FaultName(run.result), c.fault.empty() ? "OK" : c.fault.c_str());
		if (c.fault.empty()) {
			EXPECT_EQ(run.r0, expected);
		}
		if (c.has_after) {
			EXPECT_EQ(context, c.after);
		}
	}

	void Check(const Case &c, const std::vector<axb_insn> &insns, uint64_t expected)
	{
		TestMap map({AXB_MAP_TYPE_ARRAY, 4, 16, 1, 0});
		Program program(insns, {AXB_PROG_TYPE_RAW, {map.get()}, &kHelpers});
		ASSERT_EQ(program.error, "");
		{
			SCOPED_TRACE("checked");
			RunOn(program.checked_interp, c, expected);
		}
		if (c.fault.empty() && !c.checked_only) {
			SCOPED_TRACE("unchecked");
			RunOn(program.unchecked_interp, c, expected);
		}
	}
};

TEST_F(CaseFiles, GiveTheirResultsOnBothVariants)
{
	for (const Case &c : AllCases()) {
		SCOPED_TRACE(c.name);
		if (c.table.empty()) {
			Check(c, c.insns, c.result);
		}
		for (const axb_testing::TableRow &row : c.table) {
			SCOPED_TRACE(::testing::Message()
				     << std::hex << "r0 = 0x" << row.r0 << ", r1 = 0x" << row.r1);
			Check(c, axb_testing::WithRegisters(c, row), row.result);
		}
	}
}

TEST_F(CaseFiles, CoverEveryOperation)
{
	/* Refused by verification, which has its own cases. */
	std::set<unsigned> seen = {AXB_OP_CALL_KFUNC, AXB_OP_LDDW_FUNC};
	for (const Case &c : AllCases()) {
		for (const axb_insn &insn : c.insns) {
			seen.insert(axb_insn_op(insn));
		}
	}
	for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
		EXPECT_TRUE(seen.count(op)) << axb_op_name((axb_op)op);
	}
}

/* ---- arithmetic against an oracle that computes with 128-bit integers ---- */

__int128 SignedValue(uint64_t v, int bits)
{
	__int128 wide = bits == 64 ? v : (uint32_t)v;
	return wide >> (bits - 1) & 1 ? wide - ((__int128)1 << bits) : wide;
}

__int128 UnsignedValue(uint64_t v, int bits)
{
	return bits == 64 ? v : (uint32_t)v;
}

uint64_t Oracle(const std::string &name, uint64_t x, uint64_t y, int bits)
{
	const __int128 a = UnsignedValue(x, bits), b = UnsignedValue(y, bits);
	const __int128 sa = SignedValue(x, bits), sb = SignedValue(y, bits);
	const int shift = (int)(b % bits);
	const std::map<std::string, std::function<__int128()>> results = {
		{"add", [&] { return a + b; }},
		{"sub", [&] { return a - b; }},
		{"mul", [&] { return (__int128)((unsigned __int128)a * (unsigned __int128)b); }},
		{"div", [&] { return b == 0 ? 0 : a / b; }},
		{"sdiv", [&] { return b == 0 ? 0 : sa / sb; }},
		{"or", [&] { return a | b; }},
		{"and", [&] { return a & b; }},
		{"lsh", [&] { return (__int128)((unsigned __int128)a << shift); }},
		{"rsh", [&] { return a >> shift; }},
		{"mod", [&] { return b == 0 ? a : a % b; }},
		{"smod", [&] { return b == 0 ? a : sa % sb; }},
		{"xor", [&] { return a ^ b; }},
		{"arsh", [&] { return sa >> shift; }},
		{"mov", [&] { return b; }},
	};
	const __int128 mask = ((__int128)1 << bits) - 1;
	return (uint64_t)(results.at(name)() & mask);
}

std::vector<uint64_t> EdgeValues()
{
	std::vector<uint64_t> values;
	for (int bit : {0, 7, 8, 15, 16, 31, 32, 63}) {
		for (int delta : {-1, 0, 1}) {
			values.push_back(((uint64_t)1 << bit) + (uint64_t)(int64_t)delta);
			values.push_back(0 - (((uint64_t)1 << bit) + (uint64_t)(int64_t)delta));
		}
	}
	return values;
}

std::vector<std::pair<uint64_t, uint64_t>> OperandPairs()
{
	std::vector<std::pair<uint64_t, uint64_t>> pairs;
	for (uint64_t a : EdgeValues()) {
		for (uint64_t b : EdgeValues()) {
			pairs.push_back({a, b});
		}
	}
	std::mt19937_64 random(9669);
	for (int i = 0; i < 2000; i++) {
		uint64_t a = random() >> random() % 64;
		uint64_t b = random() >> random() % 64;
		pairs.push_back({a, b});
	}
	return pairs;
}

struct AluName {
	std::string base;
	int bits;
};

AluName Parse(unsigned op)
{
	std::string name = axb_op_mnemonic((axb_op)op);
	bool narrow = name.size() > 2 && name.substr(name.size() - 2) == "32";
	return {narrow ? name.substr(0, name.size() - 2) : name, narrow ? 32 : 64};
}

bool IsMovsx(unsigned op)
{
	return std::string(axb_op_mnemonic((axb_op)op)).compare(0, 5, "movsx") == 0;
}

/* Runs a program on the operands at r1 and r1 + 8, on both variants. */
class Arithmetic : public ::testing::Test
{
      protected:
	void Check(const std::string &body, const std::vector<std::pair<uint64_t, uint64_t>> &pairs,
		const std::function<uint64_t(uint64_t, uint64_t)> &expect)
	{
		const std::string text =
			"ldxdw %r0, [%r1+0]\nldxdw %r2, [%r1+8]\n" + body + "\nexit";
		Program program = Program::FromText(text, {AXB_PROG_TYPE_RAW, {}, nullptr});
		ASSERT_EQ(program.error, "") << text;
		for (const auto &pair : pairs) {
			std::vector<uint8_t> context(16);
			memcpy(context.data(), &pair.first, 8);
			memcpy(context.data() + 8, &pair.second, 8);
			uint64_t expected = expect(pair.first, pair.second);
			ASSERT_EQ(RunWith(program.checked_interp, &context).r0, expected)
				<< body << std::hex << " " << pair.first << " " << pair.second;
			ASSERT_EQ(RunWith(program.unchecked_interp, &context).r0, expected)
				<< body << std::hex << " " << pair.first << " " << pair.second;
		}
	}
};

TEST_F(Arithmetic, OfRegistersAgreesWithTheOracle)
{
	const auto pairs = OperandPairs();
	std::vector<std::pair<uint64_t, uint64_t>> some;
	for (size_t i = 0; i < pairs.size(); i += 17) {
		some.push_back(pairs[i]);
	}
	for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
		if (axb_op_table[op].form != AXB_FORM_ALU_REG || IsMovsx(op)) {
			continue;
		}
		const AluName name = Parse(op);
		const std::string mnemonic = axb_op_mnemonic((axb_op)op);
		auto expect = [&](uint64_t a, uint64_t b) {
			return Oracle(name.base, a, b, name.bits);
		};
		Check(mnemonic + " %r0, %r2", pairs, expect);
		/* After a move, which may be fused with it. */
		Check("mov %r3, %r0\n" + mnemonic + " %r3, %r2\nmov %r0, %r3", some, expect);
		Check("mov %r3, %r0\n" + mnemonic + " %r3, %r3\nmov %r0, %r3", some,
			[&](uint64_t a, uint64_t) { return Oracle(name.base, a, a, name.bits); });
		Check("mov32 %r3, %r0\n" + mnemonic + " %r3, %r2\nmov %r0, %r3", some,
			[&](uint64_t a, uint64_t b) {
				return Oracle(name.base, (uint32_t)a, b, name.bits);
			});
		/* The move is jumped over. */
		Check("mov %r3, %r2\njeq %r2, %r2, +1\nmov %r3, %r0\n" + mnemonic +
				" %r3, %r2\nmov %r0, %r3",
			some,
			[&](uint64_t, uint64_t b) { return Oracle(name.base, b, b, name.bits); });
	}
}

TEST_F(Arithmetic, OfImmediatesAgreesWithTheOracle)
{
	std::vector<std::pair<uint64_t, uint64_t>> values;
	for (uint64_t value : EdgeValues()) {
		values.push_back({value, 0});
	}
	for (unsigned op = 1; op < AXB_OP_COUNT_; op++) {
		if (axb_op_table[op].form != AXB_FORM_ALU_IMM) {
			continue;
		}
		const AluName name = Parse(op);
		const std::string mnemonic = axb_op_mnemonic((axb_op)op);
		for (uint64_t imm : EdgeValues()) {
			if ((int64_t)imm != (int32_t)imm) {
				continue;
			}
			const std::string number = std::to_string((int64_t)imm);
			auto expect = [&](uint64_t a, uint64_t) {
				return Oracle(name.base, a, imm, name.bits);
			};
			Check(mnemonic + " %r0, " + number, values, expect);
			Check("mov %r3, %r0\n" + mnemonic + " %r3, " + number + "\nmov %r0, %r3",
				values, expect);
		}
	}
}

/* ---- loads whose base is a sum of registers, which are fused ---- */

TEST(IndexedLoads, GiveWhatTheirPartsGive)
{
	const struct {
		const char *text;
		uint64_t r0;
	} cases[] = {
		{"ldxb %r0, [%r3+1]\nexit", 4},
		{"ldxh %r0, [%r3+1]\nexit", 0x0504},
		{"ldxw %r0, [%r3+1]\nexit", 0x07060504},
		{"ldxdw %r0, [%r3-2]\nexit", 0x0807060504030201},
		{"ldxsb %r0, [%r3+1]\nexit", 4}, /* not fused */
		{"ldxb %r3, [%r3+5]\nmov %r0, %r3\nexit", 8},
		{"ldxb %r2, [%r3+5]\nmov %r0, %r2\nexit", 8},
		{"ldxb %r1, [%r3+5]\nmov %r0, %r1\nexit", 8},
		{"ldxb %r0, [%r3+0]\nsub %r3, %r1\nadd %r0, %r3\nexit", 3 + 2}, /* r3 is set */
		{"ldxb %r0, [%r1+0]\nexit", 1},                                 /* another base */
		{"stxb [%r3+0], %r2\nldxb %r0, [%r1+2]\nexit", 2},
	};
	for (const auto &c : cases) {
		Program program = Program::FromText(
			"mov %r2, 2\nmov %r3, %r1\nadd %r3, %r2\n" + std::string(c.text),
			{AXB_PROG_TYPE_RAW, {}, nullptr});
		ASSERT_EQ(program.error, "");
		for (const axb_interp *interp :
			{program.checked_interp, program.unchecked_interp}) {
			std::vector<uint8_t> context = {1, 2, 3, 4, 5, 6, 7, 8};
			EXPECT_EQ(RunWith(interp, &context).r0, c.r0) << c.text;
		}
	}
}

TEST(IndexedLoads, FaultAtTheLoad)
{
	Program program =
		Program::FromText("mov %r2, 5\nmov %r3, %r1\nadd %r3, %r2\nldxw %r0, [%r3]\nexit",
			{AXB_PROG_TYPE_RAW, {}, nullptr});
	std::vector<uint8_t> context(8);
	axb_testing::Outcome run = RunWith(program.checked_interp, &context);
	EXPECT_EQ(run.result, AXB_RUN_FAULT_LOAD);
	EXPECT_EQ(run.fault.insn, 3u);
	EXPECT_EQ(run.fault.size, 4u);
	EXPECT_EQ(run.fault.address, (uintptr_t)context.data() + 5);
}

TEST(IndexedLoads, CanBeEnteredInTheMiddle)
{
	/* The loop goes back to the addition, then to the load. */
	Program program =
		Program::FromText("mov %r0, 0\nmov %r2, 1\nmov %r4, 0\nmov %r3, %r1\n"
				  "sum:\nadd %r3, %r2\nload:\nldxb %r5, [%r3]\nadd %r0, %r5\n"
				  "add %r4, 1\njlt %r4, 3, sum\njlt %r4, 5, load\nexit",
			{AXB_PROG_TYPE_RAW, {}, nullptr});
	ASSERT_EQ(program.error, "");
	std::vector<uint8_t> context = {1, 2, 4, 8, 16, 32, 64, 128};
	EXPECT_EQ(RunWith(program.checked_interp, &context).r0, 2u + 4 + 8 + 8 + 8);
}

/* ---- memory that the program owns ---- */

/* A program for a tracepoint with maps; its context is read-only. */
class Tracepoint : public ::testing::Test
{
      protected:
	static constexpr uint32_t kValueSize = 12; /* stride 16: four bytes of padding */

	Tracepoint()
	    : array_({AXB_MAP_TYPE_ARRAY, 4, kValueSize, 4, 0}),
	      rodata_({AXB_MAP_TYPE_ARRAY, 4, 16, 1, AXB_BPF_F_RDONLY_PROG}),
	      hash_({AXB_MAP_TYPE_HASH, 8, 8, 8, 0}), ring_({AXB_MAP_TYPE_RINGBUF, 0, 0, 4096, 0})
	{
		rodata_.get()->program_read_only = true;
		uint64_t key = 5;
		uint64_t value = 77;
		EXPECT_EQ(axb_map_update(hash_.get(), &key, &value, 0), 0);
	}

	axb_testing::Outcome RunText(const std::string &text)
	{
		Program program = Program::FromText(
			text, {AXB_PROG_TYPE_TRACEPOINT,
				      {array_.get(), rodata_.get(), hash_.get(), ring_.get()},
				      &Helpers()});
		EXPECT_EQ(program.error, "") << text;
		if (!program.error.empty()) {
			return {AXB_RUN_OK, 0xdead, {}};
		}
		axb_env env = {};
		env.ctx = context_;
		env.ctx_size = sizeof(context_);
		axb_run_result result = axb_interp_run(program.checked_interp, &env);
		EXPECT_EQ(result, env.fault.result);
		EXPECT_EQ(env.reservation_count, 0u);
		return {result, env.r0, env.fault};
	}

	void ExpectFault(const std::string &text, const char *fault, uint32_t insn)
	{
		axb_testing::Outcome run = RunText(text);
		EXPECT_STREQ(FaultName(run.result), fault) << text;
		EXPECT_EQ(run.fault.insn, insn) << text;
	}

	void ExpectResult(const std::string &text, uint64_t r0)
	{
		axb_testing::Outcome run = RunText(text);
		EXPECT_STREQ(FaultName(run.result), "OK") << text;
		EXPECT_EQ(run.r0, r0) << text;
	}

	/* Helpers with the prototypes of the spec, on the real maps. */
	static const axb_helper_table &Helpers();

	TestMap array_;
	TestMap rodata_;
	TestMap hash_;
	TestMap ring_;
	uint8_t context_[24] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
};

axb_map *Map(uint64_t r1)
{
	return (axb_map *)(uintptr_t)r1;
}

uint64_t Lookup(axb_env *, uint64_t r1, uint64_t r2, uint64_t, uint64_t, uint64_t)
{
	return (uintptr_t)axb_map_lookup(Map(r1), (const void *)r2);
}
uint64_t Update(axb_env *, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t)
{
	return (uint64_t)axb_map_update(Map(r1), (const void *)r2, (const void *)r3, r4);
}
uint64_t ReadZeros(axb_env *, uint64_t r1, uint64_t r2, uint64_t, uint64_t, uint64_t)
{
	memset((void *)r1, 0, r2);
	return 0;
}
uint64_t Output(axb_env *, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t, uint64_t)
{
	return (uint64_t)axb_ringbuf_output(Map(r1), (const void *)r2, (uint32_t)r3);
}
uint64_t Reserve(axb_env *env, uint64_t r1, uint64_t r2, uint64_t, uint64_t, uint64_t)
{
	auto *record = (uint8_t *)axb_ringbuf_reserve(Map(r1), (uint32_t)r2);
	env->reservations[env->reservation_count++] = {Map(r1), record, (uint32_t)r2};
	return (uintptr_t)record;
}
uint64_t Submit(axb_env *env, uint64_t r1, uint64_t, uint64_t, uint64_t, uint64_t)
{
	for (uint32_t i = 0; i < env->reservation_count; i++) {
		if ((uintptr_t)env->reservations[i].record == r1) {
			axb_ringbuf_submit(env->reservations[i].map, (void *)r1);
			env->reservations[i] = env->reservations[--env->reservation_count];
		}
	}
	return 99;
}
uint64_t TakesContext(axb_env *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t)
{
	return 1;
}
uint64_t TakesString(axb_env *, uint64_t, uint64_t, uint64_t r3, uint64_t, uint64_t)
{
	return strlen((const char *)r3);
}

const axb_helper_table &Tracepoint::Helpers()
{
	static const axb_helper_impl impls[] = {{AXB_HELPER_MAP_LOOKUP_ELEM, Lookup},
		{AXB_HELPER_MAP_UPDATE_ELEM, Update}, {AXB_HELPER_PROBE_READ, ReadZeros},
		{AXB_HELPER_RINGBUF_OUTPUT, Output}, {AXB_HELPER_RINGBUF_RESERVE, Reserve},
		{AXB_HELPER_RINGBUF_SUBMIT, Submit}, {AXB_HELPER_GET_ATTACH_COOKIE, TakesContext},
		{AXB_HELPER_STRNCMP, TakesString}, {1001, FirstHelper}};
	static const axb_helper_table table = {impls, 9};
	return table;
}

/* r0 = lookup of the u32 key @key in map @map; null goes to "exit". */
std::string LookupText(int map, int key)
{
	return "stw [%r10-4], " + std::to_string(key) + "\nlddw %r1, map(" + std::to_string(map) +
	       ")\nmov %r2, %r10\nadd %r2, -4\ncall 1\njeq %r0, 0, exit\n"; /* 7 slots */
}

TEST_F(Tracepoint, ContextCanBeReadOnly)
{
	ExpectResult("ldxb %r0, [%r1+8]\nexit", 9);
	ExpectResult("ldxdw %r0, [%r1+16]\nexit", 0);
	ExpectFault("ldxdw %r0, [%r1+17]\nexit", "LOAD", 0);
	ExpectFault("mov %r0, 0\nstb [%r1+8], 1\nexit", "STORE", 1);
	ExpectFault("mov %r0, 1\nlock add [%r1+0], %r0\nexit", "STORE", 1);
	ExpectResult("mov %r0, %r2\nexit", 0); /* r2 is for raw programs only */
}

TEST_F(Tracepoint, MapValuesEndBeforeTheirPadding)
{
	ExpectResult(LookupText(0, 1) + "stdw [%r0+4], 6\nldxdw %r0, [%r0+4]\nexit", 6);
	ExpectFault(LookupText(0, 1) + "ldxdw %r0, [%r0+5]\nexit", "LOAD", 7);
	ExpectFault(LookupText(0, 1) + "ldxb %r0, [%r0+12]\nexit", "LOAD", 7);
	ExpectFault(LookupText(0, 1) + "stb [%r0+15], 1\nexit", "STORE", 7);
	/* The neighbors are values too, but not over their edges. */
	ExpectResult(LookupText(0, 1) + "ldxw %r0, [%r0+16]\nexit", 0);
	ExpectFault(LookupText(0, 1) + "ldxw %r0, [%r0-2]\nexit", "LOAD", 7);
	ExpectFault(LookupText(0, 0) + "ldxb %r0, [%r0-1]\nexit", "LOAD", 7);
	ExpectFault(LookupText(0, 3) + "ldxb %r0, [%r0+16]\nexit", "LOAD", 7);
	ExpectResult(LookupText(0, 4) + "exit", 0); /* no such key */
}

TEST_F(Tracepoint, ReadOnlyMapsAreReadOnly)
{
	ExpectResult("lddw %r1, map_value(1)+8\nldxdw %r0, [%r1]\nexit", 0);
	ExpectFault("lddw %r1, map_value(1)+8\nstb [%r1], 1\nexit", "STORE", 2);
	ExpectFault(LookupText(1, 0) + "stb [%r0], 1\nexit", "STORE", 7);
	ExpectFault(LookupText(1, 0) + "lock add [%r0], %r0\nexit", "STORE", 7);
}

TEST_F(Tracepoint, OneInstructionMayAccessDifferentMemories)
{
	/* Context, frame, map value, and around again: one load, one store. */
	ExpectResult(
		"mov %r6, %r1\nstdw [%r10-8], 10\nlddw %r7, map_value(1)\n"
		"mov %r8, 0\nmov %r9, 0\n"
		"loop:\nmov %r1, %r6\njeq %r8, 0, go\njeq %r8, 3, go\nmov %r1, %r10\nadd %r1, -8\n"
		"jeq %r8, 1, go\njeq %r8, 4, go\nmov %r1, %r7\n"
		"go:\nldxb %r2, [%r1]\nadd %r9, %r2\nadd %r8, 1\njne %r8, 6, loop\n"
		"mov %r0, %r9\nexit",
		2 * (1 + 10 + 0));
}

TEST_F(Tracepoint, AddressesDoNotWrap)
{
	for (const char *base : {"-1", "-8", "0x7fffffff", "0"}) {
		for (const char *access :
			{"ldxdw %r0, [%r2+7]", "ldxb %r0, [%r2-32768]", "ldxdw %r0, [%r2+32767]"}) {
			ExpectFault(std::string("mov %r2, ") + base + "\n" + access + "\nexit",
				"LOAD", 1);
		}
	}
	ExpectFault("lddw %r2, 0xfffffffffffffffc\nldxdw %r0, [%r2]\nexit", "LOAD", 2);
}

TEST_F(Tracepoint, FaultsSayWhereAndWhat)
{
	axb_testing::Outcome run = RunText("mov %r2, 4096\nldxh %r0, [%r2+2]\nexit");
	EXPECT_EQ(run.fault.insn, 1u);
	EXPECT_EQ(run.fault.address, 4098u);
	EXPECT_EQ(run.fault.size, 2u);
	EXPECT_EQ(run.r0, 0u);
	EXPECT_STREQ(axb_run_result_text(run.result), "load outside the program's memory");
	run = RunText("mov %r6, %r10\nadd %r6, -4\nlock add [%r6+1], %r1\nexit");
	EXPECT_EQ(run.result, AXB_RUN_FAULT_STORE); /* it also leaves the frame */
	run = RunText("mov %r6, %r10\nadd %r6, -15\nlock add [%r6], %r1\nexit");
	EXPECT_EQ(run.result, AXB_RUN_FAULT_ALIGN);
	EXPECT_EQ(run.fault.insn, 2u);
	EXPECT_EQ(run.fault.size, 8u);
}

TEST_F(Tracepoint, NoContextMeansNoMemory)
{
	Program program = Program::FromText("jne %r1, 0, bad\nldxb %r0, [%r1]\nbad:\nexit",
		{AXB_PROG_TYPE_TRACEPOINT, {}, nullptr});
	axb_env env = {};
	EXPECT_EQ(axb_interp_run(program.checked_interp, &env), AXB_RUN_FAULT_LOAD);
	env = {};
	env.ctx_size = 100;
	EXPECT_EQ(axb_interp_run(program.checked_interp, &env), AXB_RUN_FAULT_LOAD);
}

/* What a run leaves on the CPU's stack is not there for the next one to see. */
TEST_F(Tracepoint, FramesBeginAsZero)
{
	const char *const fill =
		"mov %r1, %r10\nmov %r2, 64\n"
		"loop:\nadd %r1, -8\nstdw [%r1], -1\nsub %r2, 1\njne %r2, 0, loop\n";
	const char *const sum = "mov %r1, %r10\nmov %r2, 64\nmov %r0, 0\n"
				"again:\nadd %r1, -8\nldxdw %r3, [%r1]\nor %r0, %r3\nsub %r2, 1\n"
				"jne %r2, 0, again\nexit\n";
	ExpectResult(std::string(fill) + "call local f\nexit\nf:\n" + sum, 0);
	ExpectResult(
		"call local g\ncall local f\nexit\ng:\n" + std::string(fill) + "exit\nf:\n" + sum,
		0);
	ExpectResult(sum, 0);
	/* The whole frame at once, from its lowest byte upwards. */
	ExpectResult("mov %r1, %r10\nadd %r1, -512\nldxdw %r0, [%r1]\nldxdw %r2, [%r10-256]\n"
		     "or %r0, %r2\nexit",
		0);
	ExpectResult("mov %r0, %r3\nor %r0, %r4\nor %r0, %r5\nor %r0, %r6\nor %r0, %r9\nexit", 0);
}

/* ---- helpers ---- */

TEST_F(Tracepoint, HelperArgumentsMustFitTheirPrototypes)
{
	const std::string key = "stdw [%r10-8], 5\nmov %r2, %r10\nadd %r2, -8\n"; /* 3 slots */
	ExpectResult(
		key + "lddw %r1, map(2)\ncall 1\njeq %r0, 0, exit\nldxdw %r0, [%r0]\nexit", 77);
	const struct {
		const char *text;
		uint64_t insn;
	} wrong[] = {
		/* map: anything but one of the program's */
		{"mov %r1, 0\nmov %r2, %r10\nadd %r2, -8\ncall 1\nexit", 3},
		{"mov %r2, %r10\nadd %r2, -8\ncall 1\nexit", 2},
		{"lddw %r1, map(2)\nadd %r1, 8\nmov %r2, %r10\nadd %r2, -8\ncall 1\nexit", 5},
		{"lddw %r1, map_value(1)\nmov %r2, %r10\nadd %r2, -8\ncall 1\nexit", 4},
		/* key: NULL, too near to the end, not ours */
		{"lddw %r1, map(2)\nmov %r2, 0\ncall 1\nexit", 3},
		{"lddw %r1, map(2)\nmov %r2, %r10\nadd %r2, -7\ncall 1\nexit", 4},
		{"lddw %r1, map(2)\nmov %r2, %r10\nadd %r2, -520\ncall 1\nexit", 4},
		{"lddw %r1, map(2)\nlddw %r2, map(2)\ncall 1\nexit", 4},
		/* value */
		{"lddw %r1, map(2)\nmov %r2, %r10\nadd %r2, -8\nmov %r3, %r10\nadd %r3, -4\n"
		 "mov %r4, 0\ncall 2\nexit",
			7},
		/* writable memory and its size */
		{"mov %r1, %r10\nadd %r1, -8\nmov %r2, 9\ncall 4\nexit", 3},
		{"mov %r1, %r10\nadd %r1, -8\nmov %r2, -1\ncall 4\nexit", 3},
		{"mov %r2, 8\ncall 4\nexit", 1}, /* the context is read-only */
		{"mov %r1, 0\nmov %r2, 0\ncall 4\nexit", 2},
		{"lddw %r1, map_value(1)\nmov %r2, 1\ncall 4\nexit", 3},
		/* context */
		{"add %r1, 8\ncall 174\nexit", 1},
		/* a record that was not reserved */
		{"mov %r1, %r10\nadd %r1, -8\nmov %r2, 0\ncall 132\nexit", 3},
		/* text without end */
		{"stdw [%r10-8], -1\nmov %r3, %r10\nadd %r3, -8\nmov %r1, %r10\nadd %r1, -8\n"
		 "mov %r2, 8\ncall 182\nexit",
			6},
		/* size 0 where there must be something */
		{"mov %r1, %r10\nadd %r1, -8\nmov %r2, 0\nmov %r3, %r1\ncall 182\nexit", 4},
	};
	for (const auto &c : wrong) {
		ExpectFault(c.text, "HELPER", (uint32_t)c.insn);
	}
	axb_testing::Outcome run = RunText("mov %r1, 0\ncall 1\nexit");
	EXPECT_EQ(run.fault.size, 1u); /* the helper's id */
}

TEST_F(Tracepoint, HelperArgumentsThatFit)
{
	ExpectResult("call 174\nexit", 1);
	ExpectResult("stdw [%r10-8], 0x41414141\nmov %r3, %r10\nadd %r3, -8\nmov %r1, %r3\n"
		     "mov %r2, 8\ncall 182\nexit",
		4);
	/* Memory that nothing wrote yet is zeroed before a helper may see it. */
	ExpectResult("mov %r3, %r10\nadd %r3, -512\nmov %r1, %r3\nmov %r2, 512\ncall 182\nexit", 0);
	ExpectResult("lddw %r1, map(3)\nmov %r2, %r10\nmov %r3, 0\nmov %r4, 0\ncall 130\nexit", 0);
	ExpectResult("mov %r1, %r10\nadd %r1, -512\nmov %r2, 512\ncall 4\nexit", 0);
}

/* ---- ring-buffer records ---- */

const char *const kReserve = "lddw %r1, map(3)\nmov %r2, 16\nmov %r3, 0\ncall 131\n"
			     "jeq %r0, 0, exit\nmov %r6, %r0\n"; /* 7 slots */

TEST_F(Tracepoint, ReservedRecordsAreMemoryUntilTheyAreGivenUp)
{
	const std::string reserve = kReserve;
	const std::string submit = "mov %r1, %r6\nmov %r2, 0\ncall 132\n";
	ExpectResult(reserve + "stdw [%r6+8], 7\n" + submit + "exit", 0); /* void: r0 is 0 */
	ExpectFault(reserve + "stdw [%r6+9], 7\n" + submit + "exit", "STORE", 7);
	ExpectFault(reserve + "stdw [%r6-8], 7\n" + submit + "exit", "STORE", 7);
	ExpectFault(reserve + "stdw [%r6+8], 7\n" + submit + "ldxb %r0, [%r6]\nexit", "LOAD", 11);
	ExpectFault(reserve + submit + submit + "exit", "HELPER", 12);
	struct axb_ringbuf_stats stats;
	axb_ringbuf_stats(ring_.get(), &stats);
	EXPECT_EQ(stats.attempts, 5u);
	EXPECT_EQ(stats.submitted, 3u);
	EXPECT_EQ(stats.discarded, 2u);
}

TEST_F(Tracepoint, LeakedRecordsAreDiscarded)
{
	ExpectFault(kReserve + std::string("mov %r0, 0\nexit"), "LEAK", 8);
	ExpectFault(kReserve + std::string("ldxb %r0, [%r0+16]\nexit"), "LOAD", 7);
	struct axb_ringbuf_stats stats;
	axb_ringbuf_stats(ring_.get(), &stats);
	EXPECT_EQ(stats.attempts, 2u);
	EXPECT_EQ(stats.discarded, 2u);
	EXPECT_EQ(stats.submitted, 0u);
}

/* ---- fuel ---- */

TEST_F(Tracepoint, FuelBoundsTheInstructionsOfARun)
{
	/* A loop of two instructions: as many as fit, and one more round. */
	auto loop = [](uint32_t rounds) {
		return "mov %r0, " + std::to_string(rounds) +
		       "\nloop:\nsub %r0, 1\njne %r0, 0, loop\nexit";
	};
	ExpectResult(loop(AXB_FUEL_DEFAULT / 2), 0);
	ExpectFault(loop(AXB_FUEL_DEFAULT / 2 + 2), "FUEL", 2);
	/* Eight frames of calls, each of which calls the next one 20 times: no backward jump. */
	std::string text;
	for (int frame = 0; frame < 8; frame++) {
		text += "f" + std::to_string(frame) + ":\n";
		for (int call = 0; call < 20 && frame < 7; call++) {
			text += "call local f" + std::to_string(frame + 1) + "\n";
		}
		text += "exit\n";
	}
	axb_testing::Outcome run = RunText(text);
	EXPECT_EQ(run.result, AXB_RUN_FAULT_FUEL);
}

TEST(AxbInterpCreate, FailsCleanlyWithoutMemory)
{
	std::vector<axb_insn> insns = axb_testing::Assemble("mov %r0, 1\nexit").insns;
	const axb_code code = {insns.data(), 2, AXB_PROG_TYPE_RAW, nullptr, 0, nullptr};
	std::vector<uint64_t> memory(512);
	axb_arena arena;
	axb_arena_init(&arena, memory.data(), 4096);
	const axb_checked *checked;
	axb_reject why;
	ASSERT_EQ(axb_verify(&code, &arena, &checked, &why), AXB_OK);
	axb_arena small;
	axb_arena_init(&small, memory.data() + 300, 60);
	const axb_interp *interp = nullptr;
	EXPECT_EQ(axb_interp_create(checked, &small, &interp), AXB_ERR_NOMEM);
	EXPECT_EQ(axb_arena_free_bytes(&small), 60u);
	EXPECT_EQ(interp, nullptr);
}

} // namespace
