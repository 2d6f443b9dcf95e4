/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Test cases as text files, in the manner of the public bpf_conformance suite. A file holds one or
 * more cases; each begins with "-- asm" or "-- raw":
 *
 *   -- asm            assembly (assembler.h)
 *   -- raw            instructions as hex bytes, or as 64-bit words with 0x
 *   -- mem            hex bytes: the context that r1 points to, writable
 *   -- result         r0
 *   -- after          hex bytes: the context after the run
 *   -- table          rows "r0 r1 result": the program runs once for each row, with r0 and r1 set
 *   -- checked        for the checked interpreter only: the case reads memory it did not write
 *   -- fault NAME     the run ends with AXB_RUN_FAULT_<NAME>
 *   -- reject NAME N  verification refuses with AXB_REJECT_<NAME> at instruction N
 */
#ifndef AXB_RUNTIME_ISA_TESTING_CASE_FILE_H_
#define AXB_RUNTIME_ISA_TESTING_CASE_FILE_H_

#include <stdint.h>

#include <string>
#include <vector>

#include "runtime/isa/insn.h"

namespace axb_testing
{

struct TableRow {
	uint64_t r0;
	uint64_t r1;
	uint64_t result;
};

struct Case {
	std::string name; /* file name and line of its first directive */
	std::vector<axb_insn> insns;
	std::vector<uint8_t> mem;
	bool has_result = false;
	uint64_t result = 0;
	bool has_after = false;
	std::vector<uint8_t> after;
	std::vector<TableRow> table;
	bool checked_only = false;
	std::string fault;
	std::string reject;
	uint32_t reject_insn = 0;
};

/* The program of a row: r0 and r1 are set in front of it. */
std::vector<axb_insn> WithRegisters(const Case &c, const TableRow &row);

/* All cases of one file; what is wrong with it goes to *error (empty = nothing). */
std::vector<Case> ParseCases(const std::string &name, const std::string &text, std::string *error);

/* All cases of the *.data files of a directory, in order of name. */
std::vector<Case> ReadCases(const std::string &directory, std::string *error);

} // namespace axb_testing

#endif
