/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/interp/testing.h"
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

/* "lddw r0; lddw r1" in front of the program: one row of a table. */
std::vector<axb_insn> WithRegisters(const Case &c, const axb_testing::TableRow &row)
{
	auto half = [](uint64_t v, int shift) { return (int32_t)(uint32_t)(v >> shift); };
	std::vector<axb_insn> insns = {{0x18, 0, 0, half(row.r0, 0)}, {0, 0, 0, half(row.r0, 32)},
		{0x18, 1, 0, half(row.r1, 0)}, {0, 0, 0, half(row.r1, 32)}};
	insns.insert(insns.end(), c.insns.begin(), c.insns.end());
	return insns;
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
			Check(c, WithRegisters(c, row), row.result);
		}
	}
}

} // namespace
