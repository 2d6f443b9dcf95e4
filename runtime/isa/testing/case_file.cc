/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/isa/testing/case_file.h"

#include <dirent.h>
#include <string.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "runtime/isa/testing/assembler.h"

namespace axb_testing
{
namespace
{

/* The text of one case, by directive. */
struct Sections {
	std::string name;
	std::string assembly;
	std::string raw;
	std::string mem;
	std::string after;
	std::string result;
	std::string table;
	std::string fault;
	std::string reject;
	bool has_asm = false;
	std::string checked;
	bool has_after = false;
	bool checked_only = false;
};

std::vector<std::string> Words(const std::string &text)
{
	std::istringstream in(text);
	std::vector<std::string> words;
	for (std::string word; in >> word;) {
		words.push_back(word);
	}
	return words;
}

bool HexBytes(const std::string &text, std::vector<uint8_t> *out)
{
	for (const std::string &word : Words(text)) {
		uint64_t v;
		if (!ParseNumber("0x" + word, &v) || v > 0xff) {
			return false;
		}
		out->push_back((uint8_t)v);
	}
	return true;
}

bool RawInsns(const std::string &text, std::vector<axb_insn> *out)
{
	std::vector<uint8_t> bytes;
	for (const std::string &word : Words(text)) {
		uint64_t v;
		bool is_word = word.compare(0, 2, "0x") == 0;
		if (!ParseNumber(is_word ? word : "0x" + word, &v) || (!is_word && v > 0xff)) {
			return false;
		}
		for (unsigned i = 0; i < (is_word ? 8u : 1u); i++) {
			bytes.push_back((uint8_t)(v >> (8 * i)));
		}
	}
	if (bytes.size() % sizeof(axb_insn) != 0) {
		return false;
	}
	out->resize(bytes.size() / sizeof(axb_insn));
	if (!bytes.empty()) {
		memcpy(out->data(), bytes.data(), bytes.size());
	}
	return true;
}

bool Table(const std::string &text, std::vector<TableRow> *out)
{
	std::istringstream in(text);
	for (std::string line; std::getline(in, line);) {
		std::vector<std::string> words = Words(line);
		TableRow row;
		if (words.empty()) {
			continue;
		}
		if (words.size() != 3 || !ParseNumber(words[0], &row.r0) ||
			!ParseNumber(words[1], &row.r1) || !ParseNumber(words[2], &row.result)) {
			return false;
		}
		out->push_back(row);
	}
	return true;
}

/* Text of a case to the case; false with *error set when a part is malformed. */
bool Convert(const Sections &sections, Case *out, std::string *error)
{
	out->name = sections.name;
	Assembly assembly = Assemble(sections.assembly);
	out->insns = assembly.insns;
	std::vector<std::string> reject = Words(sections.reject);
	std::vector<std::string> fault = Words(sections.fault);
	std::vector<std::string> result = Words(sections.result);
	uint64_t insn = 0;
	bool ok = assembly.error.empty() && HexBytes(sections.mem, &out->mem) &&
		  HexBytes(sections.after, &out->after) && Table(sections.table, &out->table) &&
		  (sections.has_asm || RawInsns(sections.raw, &out->insns)) && reject.size() <= 2 &&
		  (reject.size() < 2 || ParseNumber(reject[1], &insn)) && fault.size() <= 1 &&
		  result.size() <= 1 && (result.empty() || ParseNumber(result[0], &out->result));
	if (!ok) {
		*error += sections.name + ": malformed case " + assembly.error + "\n";
		return false;
	}
	out->has_result = !result.empty();
	out->has_after = sections.has_after;
	out->checked_only = sections.checked_only;
	out->fault = fault.empty() ? "" : fault[0];
	out->reject = reject.empty() ? "" : reject[0];
	out->reject_insn = (uint32_t)insn;
	if (!out->has_result && out->table.empty() && out->fault.empty() && out->reject.empty()) {
		*error += sections.name + ": the case expects nothing\n";
		return false;
	}
	return true;
}

} // namespace

std::vector<axb_insn> WithRegisters(const Case &c, const TableRow &row)
{
	auto half = [](uint64_t v, int shift) { return (int32_t)(uint32_t)(v >> shift); };
	std::vector<axb_insn> insns = {{0x18, 0, 0, half(row.r0, 0)}, {0, 0, 0, half(row.r0, 32)},
		{0x18, 1, 0, half(row.r1, 0)}, {0, 0, 0, half(row.r1, 32)}};
	insns.insert(insns.end(), c.insns.begin(), c.insns.end());
	return insns;
}

std::vector<Case> ParseCases(const std::string &name, const std::string &text, std::string *error)
{
	std::vector<Sections> all;
	std::string *into = nullptr;
	std::istringstream in(text);
	int number = 0;
	for (std::string line; std::getline(in, line);) {
		number++;
		if (line.compare(0, 3, "-- ") != 0) {
			if (into != nullptr) {
				*into += line.substr(0, line.find('#')) + "\n";
			}
			continue;
		}
		std::string word = Words(line.substr(3) + " -").at(0);
		std::string rest = line.substr(3 + word.size());
		if (word == "asm" || word == "raw") {
			all.emplace_back();
			all.back().name = name + ":" + std::to_string(number);
			all.back().has_asm = word == "asm";
		}
		if (all.empty()) {
			*error += name + ": a directive before -- asm or -- raw\n";
			return {};
		}
		Sections &now = all.back();
		const struct {
			const char *word;
			std::string *section;
		} directives[] = {{"asm", &now.assembly}, {"raw", &now.raw}, {"mem", &now.mem},
			{"after", &now.after}, {"result", &now.result}, {"table", &now.table},
			{"fault", &now.fault}, {"reject", &now.reject}, {"checked", &now.checked}};
		into = nullptr;
		for (const auto &directive : directives) {
			into = word == directive.word ? directive.section : into;
		}
		if (into == nullptr) {
			*error += name + ": unknown directive " + word + "\n";
			return {};
		}
		now.has_after = now.has_after || word == "after";
		now.checked_only = now.checked_only || word == "checked";
		if (word == "fault" || word == "reject") {
			*into += rest + "\n";
		}
	}
	std::vector<Case> cases;
	for (const Sections &sections : all) {
		Case converted;
		if (Convert(sections, &converted, error)) {
			cases.push_back(converted);
		}
	}
	return cases;
}

std::vector<Case> ReadCases(const std::string &directory, std::string *error)
{
	std::vector<std::string> names;
	DIR *dir = opendir(directory.c_str());
	if (dir == nullptr) {
		*error += "cannot open " + directory + "\n";
		return {};
	}
	for (dirent *entry; (entry = readdir(dir)) != nullptr;) {
		std::string name = entry->d_name;
		if (name.size() > 5 && name.substr(name.size() - 5) == ".data") {
			names.push_back(name);
		}
	}
	closedir(dir);
	std::sort(names.begin(), names.end());
	std::vector<Case> cases;
	for (const std::string &name : names) {
		std::ifstream in(directory + "/" + name);
		std::stringstream text;
		text << in.rdbuf();
		for (const Case &one : ParseCases(name, text.str(), error)) {
			cases.push_back(one);
		}
	}
	return cases;
}

} // namespace axb_testing
