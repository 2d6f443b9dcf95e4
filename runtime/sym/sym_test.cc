/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Lookups in the blob of testdata/sym/sample.nm against the list itself, and damaged blobs.
 *
 * Counterparts of upstream's symbols_tests are marked. Upstream's error texts are status codes
 * here.
 */
#include "runtime/sym/sym.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/base/bytes.h"
#include "runtime/base/mem.h"
#include "runtime/base/status.h"

namespace
{

struct Line {
	uint64_t address;
	char type;
	std::string name;
};

std::vector<Line> ReadSample()
{
	std::vector<Line> lines;
	std::ifstream file("testdata/sym/sample.nm");
	std::string text;
	while (std::getline(file, text)) {
		std::istringstream fields(text);
		Line line;
		fields >> std::hex >> line.address >> line.type >> line.name;
		lines.push_back(line);
	}
	return lines;
}

std::string ReadBlob()
{
	std::ifstream file("runtime/sym/sample_blob", std::ios::binary);
	std::ostringstream text;
	text << file.rdbuf();
	return text.str();
}

axb_bytes BytesOf(const std::string &blob)
{
	return axb_bytes_of(blob.data(), blob.size());
}

class AxbSymtab : public testing::Test
{
      protected:
	void SetUp() override
	{
		ASSERT_GT(lines_.size(), 200u);
		for (const Line &line : lines_) {
			addresses_.insert(line.address);
		}
		end_ = *addresses_.rbegin() + 40;
		ASSERT_EQ(axb_symtab_init(&table_, BytesOf(blob_), 0x1000, end_), AXB_OK);
	}
	void TearDown() override
	{
		axb_sym_clear_self();
	}

	const std::vector<Line> lines_ = ReadSample();
	const std::string blob_ = ReadBlob();
	std::set<uint64_t> addresses_;
	uint64_t end_ = 0;
	axb_symtab table_;
};

TEST_F(AxbSymtab, TakesAtMost16BytesForASymbol)
{
	EXPECT_EQ(axb_symtab_count(&table_), lines_.size());
	EXPECT_LE(blob_.size(), 16 * lines_.size());
}

TEST_F(AxbSymtab, FindsEveryNameAtItsLowestAddress)
{
	std::map<std::string, Line> lowest;
	for (const Line &line : lines_) {
		auto at = lowest.find(line.name);
		if (at == lowest.end() || line.address < at->second.address) {
			lowest[line.name] = line;
		}
	}
	EXPECT_LT(lowest.size(), lines_.size()) << "the sample should have a name twice";
	for (const auto &entry : lowest) {
		axb_symbol symbol;
		ASSERT_EQ(axb_symtab_lookup_name(&table_, entry.first.c_str(), &symbol), AXB_OK)
			<< entry.first;
		EXPECT_EQ(symbol.name, entry.first);
		EXPECT_EQ(symbol.address, entry.second.address);
		EXPECT_EQ(symbol.type, entry.second.type);
		EXPECT_EQ(symbol.offset, 0u);
		auto next = addresses_.upper_bound(symbol.address);
		EXPECT_EQ(symbol.size, (next == addresses_.end() ? end_ : *next) - symbol.address);
	}
}

TEST_F(AxbSymtab, FindsNoOtherName)
{
	axb_symbol symbol;
	for (const Line &line : lines_) {
		for (const std::string &name : {line.name + "x", line.name + " ",
			     line.name.substr(0, line.name.size() - 1), "!" + line.name}) {
			bool there = std::any_of(lines_.begin(), lines_.end(),
				[&](const Line &l) { return l.name == name; });
			EXPECT_EQ(axb_symtab_lookup_name(&table_, name.c_str(), &symbol),
				there ? AXB_OK : AXB_ERR_NOT_FOUND)
				<< name;
		}
	}
}

/* upstream: lookups of empty and long names. */
TEST_F(AxbSymtab, SurvivesStrangeNames)
{
	axb_symbol symbol;
	for (const std::string &name : {std::string(), std::string(10000, 'a'),
		     std::string("\xff\xfe"), std::string("~~~~"), std::string("\x01")}) {
		EXPECT_EQ(
			axb_symtab_lookup_name(&table_, name.c_str(), &symbol), AXB_ERR_NOT_FOUND);
	}
}

TEST_F(AxbSymtab, FindsTheSymbolOfEveryAddress)
{
	for (uint64_t address : addresses_) {
		auto next = addresses_.upper_bound(address);
		uint64_t end = next == addresses_.end() ? end_ : *next;
		for (uint64_t at : {address, address + 1, end - 1}) {
			axb_symbol symbol;
			ASSERT_EQ(axb_symtab_lookup_address(&table_, at, &symbol), AXB_OK);
			EXPECT_EQ(symbol.address, address);
			EXPECT_EQ(symbol.offset, at - address);
			EXPECT_EQ(symbol.size, end - address);
			EXPECT_TRUE(std::any_of(lines_.begin(), lines_.end(), [&](const Line &l) {
				return l.name == symbol.name && l.address == address;
			})) << symbol.name;
		}
	}
}

TEST_F(AxbSymtab, PrefersAGlobalNameOfAnAddress)
{
	auto alias = std::find_if(lines_.begin(), lines_.end(),
		[](const Line &l) { return l.name == "a_global_alias"; });
	ASSERT_NE(alias, lines_.end());
	axb_symbol symbol;
	ASSERT_EQ(axb_symtab_lookup_address(&table_, alias->address, &symbol), AXB_OK);
	EXPECT_EQ(symbol.type, 'T');
}

/* upstream: lookups of address zero and of the greatest one. */
TEST_F(AxbSymtab, FindsNothingOutsideTheRange)
{
	axb_symbol symbol;
	uint64_t first = *addresses_.begin();
	for (uint64_t at : {uint64_t{0}, uint64_t{0xfff}, uint64_t{0x1000}, first - 1, end_,
		     end_ + 1, first + (uint64_t{1} << 32), UINT64_MAX}) {
		EXPECT_EQ(axb_symtab_lookup_address(&table_, at, &symbol), AXB_ERR_NOT_FOUND) << at;
	}
	ASSERT_EQ(axb_symtab_init(&table_, BytesOf(blob_), first + 4, first + 4), AXB_OK);
	EXPECT_EQ(axb_symtab_lookup_address(&table_, first + 4, &symbol), AXB_ERR_NOT_FOUND);
}

TEST_F(AxbSymtab, SearchGivesMatchesByAddress)
{
	for (const char *pattern : {"*", "axb_map_*", "*lookup*", "check", "nothing*", "", "?*"}) {
		std::multiset<std::string> want;
		std::multiset<std::string> got;
		for (const Line &line : lines_) {
			if (axb_glob_match(pattern, line.name.c_str())) {
				want.insert(line.name);
			}
		}
		uint32_t cursor = 0;
		uint64_t before = 0;
		axb_symbol symbol;
		while (axb_symtab_search(&table_, pattern, &cursor, &symbol) == AXB_OK) {
			EXPECT_GE(symbol.address, before);
			before = symbol.address;
			got.insert(symbol.name);
		}
		EXPECT_EQ(got, want) << pattern;
		EXPECT_EQ(axb_symtab_search(&table_, pattern, &cursor, &symbol), AXB_ERR_EMPTY);
	}
	uint32_t beyond = UINT32_MAX;
	axb_symbol symbol;
	EXPECT_EQ(axb_symtab_search(&table_, "*", &beyond, &symbol), AXB_ERR_EMPTY);
}

/* upstream: empty and invalid blobs. */
TEST_F(AxbSymtab, RefusesWhatIsNoBlob)
{
	axb_symtab table;
	EXPECT_EQ(axb_symtab_init(&table, axb_bytes_of(nullptr, 0), 0, 1), AXB_ERR_TRUNCATED);
	EXPECT_EQ(axb_symtab_init(&table, BytesOf("invalid data"), 0, 1), AXB_ERR_TRUNCATED);
	EXPECT_EQ(axb_symtab_init(&table, BytesOf(std::string(100, 'x')), 0, 1), AXB_ERR_FORMAT);
	EXPECT_EQ(axb_symtab_init(&table, BytesOf(std::string(100, '\0')), 0, 1), AXB_ERR_FORMAT);
	EXPECT_EQ(axb_symtab_init(&table, BytesOf(blob_), 2, 1), AXB_ERR_ARG);
	std::string version = blob_;
	version[4]++;
	EXPECT_EQ(axb_symtab_init(&table, BytesOf(version), 0, 1), AXB_ERR_FORMAT);
}

TEST_F(AxbSymtab, RefusesEveryTruncation)
{
	for (size_t size = 0; size < blob_.size(); size++) {
		/* A copy of its own, so that reading behind its end is seen. */
		std::vector<char> part(blob_.begin(), blob_.begin() + static_cast<long>(size));
		axb_symtab table;
		EXPECT_EQ(axb_symtab_init(
				  &table, axb_bytes_of(part.data(), part.size()), 0, UINT64_MAX),
			AXB_ERR_TRUNCATED)
			<< size;
	}
}

TEST_F(AxbSymtab, IgnoresWhatFollows)
{
	std::string longer = blob_ + "padding";
	ASSERT_EQ(axb_symtab_init(&table_, BytesOf(longer), 0, UINT64_MAX), AXB_OK);
	EXPECT_EQ(axb_symtab_count(&table_), lines_.size());
}

/** Every lookup, for what they do to memory. */
void UseTable(const axb_symtab &table)
{
	axb_symbol symbol;
	uint32_t cursor = 0;
	int found = 0;
	while (axb_symtab_search(&table, "*a*", &cursor, &symbol) == AXB_OK && found++ < 20) {
		axb_symbol again;
		EXPECT_EQ(axb_symtab_lookup_name(&table, symbol.name, &again), AXB_OK);
		EXPECT_STREQ(again.name, symbol.name);
		EXPECT_EQ(axb_symtab_lookup_address(&table, symbol.address, &again), AXB_OK);
		EXPECT_EQ(again.address, symbol.address);
	}
}

TEST_F(AxbSymtab, RefusesOrSurvivesEveryFlippedBit)
{
	int refused = 0;
	for (size_t at = 0; at < blob_.size(); at++) {
		std::vector<char> damaged(blob_.begin(), blob_.end());
		damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
		axb_symtab table;
		if (axb_symtab_init(&table, axb_bytes_of(damaged.data(), damaged.size()), 0,
			    UINT64_MAX) == AXB_OK) {
			UseTable(table);
		} else {
			refused++;
		}
	}
	EXPECT_GT(refused, static_cast<int>(blob_.size() / 10));
}

struct DamageCase {
	const char *name;
	size_t offset; /* of a u32 in the header */
	uint32_t value;
	enum axb_status status;
};

const DamageCase damage_cases[] = {
	{"more symbols", 24, 100000, AXB_ERR_FORMAT},
	{"most symbols", 24, UINT32_MAX, AXB_ERR_FORMAT},
	{"size below the header's", 28, 63, AXB_ERR_FORMAT},
	{"size beyond the end", 28, UINT32_MAX, AXB_ERR_TRUNCATED},
	{"addresses beyond", 32, UINT32_MAX - 3, AXB_ERR_FORMAT},
	{"addresses in the names", 32, 2000, AXB_ERR_FORMAT},
	{"order beyond", 36, UINT32_MAX, AXB_ERR_FORMAT},
	{"order in the header", 36, 0, AXB_ERR_FORMAT},
	{"blocks beyond", 40, UINT32_MAX, AXB_ERR_FORMAT},
	{"blocks elsewhere", 40, 64, AXB_ERR_FORMAT},
	{"names beyond", 44, UINT32_MAX, AXB_ERR_FORMAT},
	{"names elsewhere", 44, 64, AXB_ERR_FORMAT},
	{"tokens beyond", 48, UINT32_MAX - 1, AXB_ERR_FORMAT},
	{"names longer", 52, UINT32_MAX, AXB_ERR_FORMAT},
	{"names empty", 52, 0, AXB_ERR_FORMAT},
	{"too many tokens", 56, 129, AXB_ERR_FORMAT},
	{"no tokens", 56, 0, AXB_ERR_FORMAT},
	{"token text longer", 60, UINT32_MAX, AXB_ERR_FORMAT},
};

TEST_F(AxbSymtab, RefusesDamagedHeaders)
{
	for (const DamageCase &c : damage_cases) {
		std::string damaged = blob_;
		memcpy(&damaged[c.offset], &c.value, 4);
		axb_symtab table;
		EXPECT_EQ(axb_symtab_init(&table, BytesOf(damaged), 0, UINT64_MAX), c.status)
			<< c.name;
	}
	std::string width = blob_;
	width[6] = 3;
	axb_symtab table;
	EXPECT_EQ(axb_symtab_init(&table, BytesOf(width), 0, UINT64_MAX), AXB_ERR_FORMAT);
}

TEST_F(AxbSymtab, RefusesAnOrderThatIsNone)
{
	uint32_t order = 0;
	memcpy(&order, &blob_[36], 4);
	std::string twice = blob_;
	twice.replace(order + 2, 2, twice, order, 2);
	std::string swapped = blob_;
	std::swap_ranges(&swapped[order], &swapped[order + 2], &swapped[order + 2]);
	std::string beyond = blob_;
	beyond.replace(order, 2, "\xff\xff");
	for (const std::string &blob : {twice, swapped, beyond}) {
		axb_symtab table;
		EXPECT_EQ(axb_symtab_init(&table, BytesOf(blob), 0, UINT64_MAX), AXB_ERR_FORMAT);
	}
}

/* upstream: already initialized, not initialized. */
TEST_F(AxbSymtab, SelfIsSetOnce)
{
	EXPECT_EQ(axb_sym_self(), nullptr);
	EXPECT_EQ(axb_sym_set_self(BytesOf("bad"), 0, UINT64_MAX), AXB_ERR_TRUNCATED);
	EXPECT_EQ(axb_sym_self(), nullptr) << "a refused blob leaves none";
	ASSERT_EQ(axb_sym_set_self(BytesOf(blob_), 0, UINT64_MAX), AXB_OK);
	ASSERT_NE(axb_sym_self(), nullptr);
	EXPECT_EQ(axb_symtab_count(axb_sym_self()), lines_.size());
	EXPECT_EQ(axb_sym_set_self(BytesOf(blob_), 0, UINT64_MAX), AXB_ERR_EXISTS);
	axb_sym_clear_self();
	EXPECT_EQ(axb_sym_self(), nullptr);
}

TEST_F(AxbSymtab, EmptyBlobHasNoSymbols)
{
	std::ifstream file("runtime/sym/corpus/empty", std::ios::binary);
	std::ostringstream text;
	text << file.rdbuf();
	std::string blob = text.str();
	axb_symbol symbol;
	uint32_t cursor = 0;
	ASSERT_EQ(axb_symtab_init(&table_, BytesOf(blob), 0, UINT64_MAX), AXB_OK);
	EXPECT_EQ(axb_symtab_count(&table_), 0u);
	EXPECT_EQ(axb_symtab_lookup_name(&table_, "a", &symbol), AXB_ERR_NOT_FOUND);
	EXPECT_EQ(axb_symtab_lookup_address(&table_, 1, &symbol), AXB_ERR_NOT_FOUND);
	EXPECT_EQ(axb_symtab_search(&table_, "*", &cursor, &symbol), AXB_ERR_EMPTY);
}

} // namespace
