/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/sym/sym.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace
{

struct TestSymbol {
	uint32_t offset;
	char type;
	std::string name;
};

void AppendU32(std::string *to, uint32_t value)
{
	for (int shift = 0; shift < 32; shift += 8) {
		to->push_back((char)(value >> shift));
	}
}

/* @symbols in order of offset. */
std::string SymbolBlob(const std::vector<TestSymbol> &symbols)
{
	std::string names;
	std::string offsets;
	std::string name_at;
	std::string types;
	std::vector<uint32_t> order(symbols.size());
	std::iota(order.begin(), order.end(), 0);
	std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
		return std::tie(symbols[a].name, a) < std::tie(symbols[b].name, b);
	});
	for (const TestSymbol &s : symbols) {
		AppendU32(&offsets, s.offset);
		AppendU32(&name_at, (uint32_t)names.size());
		types += s.type;
		names += s.name + '\0';
	}
	std::string blob = "AXBSYMS1";
	AppendU32(&blob, (uint32_t)symbols.size());
	AppendU32(&blob, (uint32_t)names.size());
	blob += offsets + name_at;
	for (uint32_t i : order) {
		AppendU32(&blob, i);
	}
	return blob + types + names;
}

constexpr uint64_t kStart = 0x40200000;
constexpr uint64_t kEnd = kStart + 0x1000;

const std::vector<TestSymbol> kSymbols = {
	{0x10, 'T', "start"},
	{0x40, 't', "helper"},
	{0x80, 'T', "main"},
	{0x80, 'T', "alias_of_main"},
	{0x200, 't', "helper"},
	{0x800, 'D', "table"},
};

struct axb_bytes Bytes(const std::string &s)
{
	return axb_bytes_of(s.data(), s.size());
}

class AxbSymtab : public testing::Test
{
      protected:
	AxbSymtab() : blob_(SymbolBlob(kSymbols))
	{
		EXPECT_EQ(axb_symtab_init(&table_, Bytes(blob_), kStart, kEnd), AXB_OK);
	}
	std::string At(uint64_t offset)
	{
		struct axb_symbol s;
		if (axb_symtab_lookup_address(&table_, kStart + offset, &s) != AXB_OK) {
			return "-";
		}
		return std::string(1, s.type) + " " + s.name + "+" + std::to_string(s.offset) +
		       "/" + std::to_string(s.size) + "@" + std::to_string(s.address - kStart);
	}
	std::string blob_;
	struct axb_symtab table_;
};

TEST_F(AxbSymtab, LookupAddressGivesTheSymbolThatCoversIt)
{
	EXPECT_EQ(At(0x10), "T start+0/48@16");
	EXPECT_EQ(At(0x3f), "T start+47/48@16");
	EXPECT_EQ(At(0x41), "t helper+1/64@64");
	EXPECT_EQ(At(0x1ff), "T main+383/384@128");
	EXPECT_EQ(At(0x200), "t helper+0/1536@512");
	EXPECT_EQ(At(0xfff), "D table+2047/2048@2048");
}

TEST_F(AxbSymtab, LookupAddressFindsNothingOutsideAndBeforeTheFirst)
{
	EXPECT_EQ(At(0), "-");
	EXPECT_EQ(At(0xf), "-");
	EXPECT_EQ(At(0x1000), "-");
	EXPECT_EQ(At(UINT64_MAX - kStart), "-");
	EXPECT_EQ(At(-1), "-");
}

TEST_F(AxbSymtab, LookupNameGivesTheLowestAddress)
{
	struct axb_symbol s;
	for (const TestSymbol &symbol : kSymbols) {
		ASSERT_EQ(axb_symtab_lookup_name(&table_, symbol.name.c_str(), &s), AXB_OK);
		EXPECT_EQ(s.name, symbol.name);
		EXPECT_EQ(s.offset, 0u);
		if (symbol.name != "helper") {
			EXPECT_EQ(s.address, kStart + symbol.offset);
		}
	}
	ASSERT_EQ(axb_symtab_lookup_name(&table_, "helper", &s), AXB_OK);
	EXPECT_EQ(s.address, kStart + 0x40);
}

TEST_F(AxbSymtab, LookupNameTakesNoPartsOfNames)
{
	struct axb_symbol s;
	for (const char *name : {"", "mai", "main2", "zzz", "A"}) {
		EXPECT_EQ(axb_symtab_lookup_name(&table_, name, &s), AXB_ERR_NOT_FOUND) << name;
	}
}

TEST_F(AxbSymtab, SearchGivesAllMatchesByAddress)
{
	std::string found;
	uint32_t cursor = 0;
	struct axb_symbol s;
	while (axb_symtab_search(&table_, "*a*", &cursor, &s) == AXB_OK) {
		found += std::string(s.name) + " ";
	}
	EXPECT_EQ(found, "start main alias_of_main table ");
	EXPECT_EQ(axb_symtab_search(&table_, "*", &cursor, &s), AXB_ERR_EMPTY);
	EXPECT_EQ(axb_symtab_count(&table_), 6u);
}

TEST(AxbSymtabInit, TakesAnEmptyTable)
{
	struct axb_symtab table;
	struct axb_symbol s;
	std::string blob = SymbolBlob({});
	ASSERT_EQ(axb_symtab_init(&table, Bytes(blob), kStart, kEnd), AXB_OK);
	EXPECT_EQ(axb_symtab_lookup_address(&table, kStart, &s), AXB_ERR_NOT_FOUND);
	EXPECT_EQ(axb_symtab_lookup_name(&table, "x", &s), AXB_ERR_NOT_FOUND);
}

TEST(AxbSymtabInit, RefusesEveryTruncation)
{
	std::string blob = SymbolBlob(kSymbols);
	struct axb_symtab table;
	for (size_t size = 0; size < blob.size(); size++) {
		std::string cut = blob.substr(0, size);
		EXPECT_EQ(axb_symtab_init(&table, Bytes(cut), kStart, kEnd), AXB_ERR_TRUNCATED);
	}
}

TEST(AxbSymtabInit, RefusesWhatIsWrong)
{
	const std::string good = SymbolBlob({{0, 'T', "a"}, {8, 'T', "b"}});
	const size_t offsets = 16, name_at = 24, by_name = 32, types = 40, names = 42;
	const struct {
		const char *what;
		size_t at;
		char value;
	} cases[] = {
		{"magic", 7, '2'},
		{"offsets descend", offsets, 9},
		{"offset outside the range", offsets + 5, 0x10},
		{"name outside", name_at, 4},
		{"name empty", name_at, 1},
		{"order outside", by_name, 2},
		{"order twice the same", by_name, 1},
		{"order not by name", names, 'c'},
		{"type is no letter", types, '?'},
		{"last name does not end", names + 3, 'x'},
	};
	struct axb_symtab table;
	ASSERT_EQ(axb_symtab_init(&table, Bytes(good), kStart, kEnd), AXB_OK);
	for (const auto &c : cases) {
		std::string bad = good;
		bad[c.at] = c.value;
		EXPECT_EQ(axb_symtab_init(&table, Bytes(bad), kStart, kEnd), AXB_ERR_FORMAT)
			<< c.what;
	}
	EXPECT_EQ(axb_symtab_init(&table, Bytes(good + "x"), kStart, kEnd), AXB_ERR_FORMAT);
	EXPECT_EQ(axb_symtab_init(&table, Bytes(good), kEnd, kStart), AXB_ERR_ARG);
	std::string long_name = SymbolBlob({{0, 'T', std::string(128, 'n')}});
	EXPECT_EQ(axb_symtab_init(&table, Bytes(long_name), kStart, kEnd), AXB_ERR_FORMAT);
}

TEST(AxbSymtabInit, TakesCountsThatWouldWrapForWhatTheyAre)
{
	std::string blob = SymbolBlob(kSymbols);
	for (size_t at : {8, 12}) {
		std::string bad = blob;
		bad.replace(at, 4, "\xff\xff\xff\xff");
		struct axb_symtab table;
		EXPECT_EQ(axb_symtab_init(&table, Bytes(bad), kStart, kEnd), AXB_ERR_TRUNCATED);
	}
}

TEST(AxbSymSelf, IsSetOnceAndKeptOnError)
{
	std::string blob = SymbolBlob(kSymbols);
	EXPECT_EQ(axb_sym_self(), nullptr);
	EXPECT_EQ(axb_sym_set_self(Bytes("bad"), kStart, kEnd), AXB_ERR_TRUNCATED);
	EXPECT_EQ(axb_sym_self(), nullptr);
	ASSERT_EQ(axb_sym_set_self(Bytes(blob), kStart, kEnd), AXB_OK);
	ASSERT_NE(axb_sym_self(), nullptr);
	EXPECT_EQ(axb_symtab_count(axb_sym_self()), 6u);
	EXPECT_EQ(axb_sym_set_self(Bytes(blob), kStart, kEnd), AXB_ERR_EXISTS);
	axb_sym_clear_self();
	EXPECT_EQ(axb_sym_self(), nullptr);
}

} // namespace
