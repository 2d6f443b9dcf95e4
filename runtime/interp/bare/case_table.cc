/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Prints the case files of a directory as the table of cases.h.
 */
#include <stdio.h>

#include <string>
#include <vector>

#include "runtime/isa/testing/case_file.h"

namespace
{

using axb_testing::Case;

unsigned case_count;
std::string table;

void PrintBytes(const char *what, const std::vector<uint8_t> &bytes)
{
	printf("static const uint8_t %s%u[] = {", what, case_count);
	for (uint8_t byte : bytes) {
		printf("%u,", byte);
	}
	printf("0};\n");
}

void PrintInsns(const std::vector<axb_insn> &insns)
{
	printf("static const struct axb_insn insns%u[] = {", case_count);
	for (const axb_insn &insn : insns) {
		printf("{%u,%u,%d,(int32_t)0x%x},", insn.opcode, insn.regs, insn.offset,
			(unsigned)insn.imm);
	}
	printf("};\n");
}

void PrintCase(const Case &c, const std::vector<axb_insn> &insns, uint64_t result)
{
	std::string n = std::to_string(case_count);
	PrintInsns(insns);
	PrintBytes("mem", c.mem);
	if (c.has_after) {
		PrintBytes("after", c.after);
	}
	table += "\t{\"" + c.name + "\", insns" + n + ", " + std::to_string(insns.size()) +
		 ", mem" + n + ", " + (c.has_after ? "after" + n : "0") + ", " +
		 std::to_string(c.mem.size()) + ", " + std::to_string(result) + "ull, AXB_RUN_" +
		 (c.fault.empty() ? "OK" : "FAULT_" + c.fault) + "},\n";
	case_count++;
}

} // namespace

int main(int argc, char **argv)
{
	std::string error;
	std::vector<Case> cases = axb_testing::ReadCases(argc > 1 ? argv[1] : ".", &error);
	if (!error.empty() || cases.empty()) {
		fprintf(stderr, "%s\n", error.c_str());
		return 1;
	}
	printf("#include \"runtime/interp/bare/cases.h\"\n");
	for (const Case &c : cases) {
		if (c.table.empty()) {
			PrintCase(c, c.insns, c.result);
		}
		for (const axb_testing::TableRow &row : c.table) {
			PrintCase(c, axb_testing::WithRegisters(c, row), row.result);
		}
	}
	printf("const struct bare_case bare_cases[] = {\n%s};\n", table.c_str());
	printf("const uint32_t bare_case_count = %u;\n", case_count);
	return 0;
}
