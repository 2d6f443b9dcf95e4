// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/base/arena.h"
#include "runtime/base/bits.h"
#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/nearest.h"
#include "runtime/base/pages.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"

namespace
{

TEST(AxbStatus, NamesEveryCodeAndSurvivesOthers)
{
	for (int i = 0; i < AXB_STATUS_COUNT_; i++) {
		EXPECT_EQ(
			0u, std::string(axb_status_name(static_cast<axb_status>(i))).find("AXB_"));
		EXPECT_STRNE("", axb_status_text(static_cast<axb_status>(i)));
	}
	EXPECT_STREQ("AXB_ERR_BUSY", axb_status_name(AXB_ERR_BUSY));
	EXPECT_STREQ("AXB_STATUS_?", axb_status_name(static_cast<axb_status>(10000)));
}

TEST(AxbArenaAlloc, AlignsZeroesAndRefusesWhatDoesNotFit)
{
	alignas(64) uint8_t memory[128];
	memset(memory, 0xff, sizeof memory);
	axb_arena arena;
	axb_arena_init(&arena, memory, sizeof memory);
	ASSERT_NE(nullptr, axb_arena_alloc(&arena, 1, 1));
	auto *p = static_cast<uint8_t *>(axb_arena_alloc(&arena, 16, 16));
	ASSERT_EQ(memory + 16, p);
	EXPECT_EQ(0, p[15]);
	size_t mark = axb_arena_mark(&arena);
	EXPECT_EQ(nullptr, axb_arena_alloc(&arena, 97, 1));
	EXPECT_EQ(nullptr, axb_arena_alloc(&arena, SIZE_MAX, 8));
	EXPECT_EQ(nullptr, axb_arena_alloc_array(&arena, SIZE_MAX / 2, 4, 8));
	EXPECT_EQ(nullptr, axb_arena_alloc(&arena, 1, 3));
	EXPECT_EQ(mark, axb_arena_mark(&arena));
	ASSERT_NE(nullptr, axb_arena_alloc(&arena, 96, 1));
	axb_arena_reset(&arena, mark);
	EXPECT_EQ(96u, axb_arena_free_bytes(&arena));
	EXPECT_EQ(128u, axb_arena_peak_bytes(&arena));
}

TEST(AxbBytes, NeverReadsOutside)
{
	const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 'a', 0, 'b'};
	axb_bytes b = axb_bytes_of(data, sizeof data);
	uint64_t v = 99;
	EXPECT_TRUE(axb_bytes_u64(b, 0, &v));
	EXPECT_EQ(0x0807060504030201u, v);
	EXPECT_FALSE(axb_bytes_u64(b, 4, &v));
	EXPECT_FALSE(axb_bytes_u64(b, UINT64_MAX, &v));
	EXPECT_EQ(0x0807060504030201u, v);
	EXPECT_STREQ("a", axb_bytes_cstr(b, 8));
	EXPECT_EQ(nullptr, axb_bytes_cstr(b, 10));
	EXPECT_EQ(nullptr, axb_bytes_cstr(b, 11));
	axb_bytes s;
	EXPECT_TRUE(axb_bytes_slice(b, 11, 0, &s));
	EXPECT_FALSE(axb_bytes_slice(b, 12, 0, &s));
	EXPECT_FALSE(axb_bytes_slice(b, 1, UINT64_MAX, &s));
}

TEST(AxbGlobMatch, FollowsTheShell)
{
	const struct {
		const char *pattern, *s;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"*", "", true},
		{"a", "", false},
		{"", "a", false},
		{"a*c", "abbc", true},
		{"a*c", "abbd", false},
		{"*:exit", "vcpu:exit", true},
		{"v?pu:*", "vcpu:exit", true},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[!a-c]x", "dx", true},
		{"[", "[", false},
		{"[a", "a", false},
		{"*a*b*c", "xaybzc", true},
		{"*a*b*c", "xaybz", false},
		{"[]]", "]", true},
		{"a[-]b", "a-b", true},
	};
	for (const auto &c : cases) {
		EXPECT_EQ(c.matches, axb_glob_match(c.pattern, c.s)) << c.pattern << " " << c.s;
	}
}

TEST(AxbText, FormatsAndRemembersACut)
{
	char buffer[64];
	axb_text t;
	axb_text_init(&t, buffer, sizeof buffer);
	axb_text_i64(&t, INT64_MIN);
	axb_text_char(&t, ' ');
	axb_text_0x(&t, 0xabc, 4);
	axb_text_field(&t, "ab", -4);
	axb_text_field(&t, "cd", 3);
	axb_text_u64_field(&t, 7, -3);
	EXPECT_STREQ("-9223372036854775808 0x0abc  abcd   7", buffer);
	EXPECT_FALSE(t.cut);
	char small[4];
	axb_text_init(&t, small, sizeof small);
	axb_text_str(&t, "abcd");
	EXPECT_STREQ("abc", small);
	EXPECT_TRUE(t.cut);
}

TEST(AxbStrcpy, TerminatesAndTellsACut)
{
	char to[4];
	EXPECT_TRUE(axb_strcpy(to, sizeof to, "abc"));
	EXPECT_FALSE(axb_strcpy(to, sizeof to, "abcd"));
	EXPECT_STREQ("abc", to);
	EXPECT_TRUE(axb_str_has_prefix("abc", "ab"));
	EXPECT_FALSE(axb_str_has_prefix("a", "ab"));
}

TEST(AxbBits, CheckedArithmetic)
{
	size_t v = 5;
	EXPECT_FALSE(axb_add_size(SIZE_MAX, 1, &v));
	EXPECT_FALSE(axb_mul_size(SIZE_MAX, 2, &v));
	EXPECT_EQ(5u, v);
	EXPECT_EQ(0u, axb_log2_u64(0));
	EXPECT_EQ(63u, axb_log2_u64(UINT64_MAX));
	EXPECT_FALSE(axb_is_pow2(0));
	EXPECT_EQ(4096u, axb_align_up(1, 4096));
}

TEST(AxbEditDistance, CountsEdits)
{
	const struct {
		const char *a, *b;
		uint32_t distance;
	} cases[] = {{"", "", 0}, {"a", "", 1}, {"exit", "exot", 1}, {"exit", "exti", 2},
		{"kitten", "sitting", 3}};
	for (const auto &c : cases) {
		EXPECT_EQ(c.distance, axb_edit_distance(c.a, c.b)) << c.a << " " << c.b;
		EXPECT_EQ(c.distance, axb_edit_distance(c.b, c.a)) << c.a << " " << c.b;
	}
	EXPECT_EQ(UINT32_MAX, axb_edit_distance(std::string(AXB_NAME_MAX, 'a').c_str(), "a"));
}

TEST(AxbNearest, TakesOnlyWhatIsNear)
{
	axb_nearest search;
	axb_nearest_init(&search, "vcpu:exot");
	axb_nearest_offer(&search, "vcpu:enter");
	axb_nearest_offer(&search, "vcpu:exit");
	axb_nearest_offer(&search, "vmm:vm_destroy");
	EXPECT_STREQ("vcpu:exit", search.best);
	axb_nearest_init(&search, "nothing");
	axb_nearest_offer(&search, "vcpu:exit");
	EXPECT_STREQ("", search.best);
}

TEST(AxbPages, GivesTheLongestRunAndTakesPartsBack)
{
	std::vector<uint8_t> memory(20 * AXB_PAGE_SIZE);
	axb_pages pages;
	ASSERT_EQ(AXB_OK, axb_pages_init(&pages, memory.data(), memory.size()));
	size_t total = axb_pages_free_count(&pages), count = 0;
	auto *run = static_cast<uint8_t *>(axb_pages_alloc_largest(&pages, &count));
	EXPECT_EQ(total, count);
	EXPECT_EQ(0u, reinterpret_cast<uintptr_t>(run) % AXB_PAGE_SIZE);
	EXPECT_EQ(nullptr, axb_pages_alloc_largest(&pages, &count));
	axb_pages_free(&pages, run + 2 * AXB_PAGE_SIZE, 3);
	axb_pages_free(&pages, run + 7 * AXB_PAGE_SIZE, 5);
	EXPECT_EQ(run + 7 * AXB_PAGE_SIZE, axb_pages_alloc_largest(&pages, &count));
	EXPECT_EQ(5u, count);
	EXPECT_EQ(run + 2 * AXB_PAGE_SIZE, axb_pages_alloc_largest(&pages, &count));
	EXPECT_EQ(3u, count);
	EXPECT_EQ(AXB_ERR_NOMEM, axb_pages_init(&pages, memory.data(), AXB_PAGE_SIZE));
}

} // namespace
