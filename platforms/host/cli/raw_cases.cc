/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * raw_cases DIRECTORY: the cases of testdata/isa as the plug-in protocol has them, a line each:
 * name, program as hex, memory as hex ("-" = none), and r0, "fault" or "rejected". Left out: cases
 * with helpers and maps of their test, and seven rows of eight of the tables.
 */
#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

#include "runtime/isa/testing/case_file.h"

namespace
{

std::string Hex(const void *bytes, size_t size)
{
	std::string text;
	for (size_t i = 0; i < size; i++) {
		char digits[3];
		(void)snprintf(
			digits, sizeof(digits), "%02x", static_cast<const uint8_t *>(bytes)[i]);
		text += digits;
	}
	return text.empty() ? "-" : text;
}

bool NeedsItsTest(const std::vector<axb_insn> &insns)
{
	for (const axb_insn &insn : insns) {
		if ((insn.opcode == 0x85 && axb_insn_src(insn) == AXB_CALL_HELPER) ||
			insn.opcode == 0x8d ||
			(insn.opcode == 0x18 && axb_insn_src(insn) != AXB_LDDW_IMM)) {
			return true;
		}
	}
	return false;
}

void Print(const axb_testing::Case &c, const std::vector<axb_insn> &insns, uint64_t r0)
{
	char result[32];
	(void)snprintf(result, sizeof(result), "%" PRIx64, r0);
	if (!NeedsItsTest(insns)) {
		printf("%s\t%s\t%s\t%s\n", c.name.c_str(),
			Hex(insns.data(), insns.size() * sizeof(axb_insn)).c_str(),
			Hex(c.mem.data(), c.mem.size()).c_str(),
			!c.reject.empty()  ? "rejected"
			: !c.fault.empty() ? "fault"
					   : result);
	}
}

} // namespace

int main(int argc, char **argv)
{
	std::string error;
	if (argc != 2) {
		return 2;
	}
	for (const axb_testing::Case &c : axb_testing::ReadCases(argv[1], &error)) {
		for (size_t i = 0; i < c.table.size(); i += 8) {
			Print(c, axb_testing::WithRegisters(c, c.table[i]), c.table[i].result);
		}
		if (c.table.empty() && (c.has_result || !c.fault.empty() || !c.reject.empty())) {
			Print(c, c.insns, c.result);
		}
	}
	if (!error.empty()) {
		(void)fprintf(stderr, "%s\n", error.c_str());
	}
	return error.empty() ? 0 : 1;
}
