// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Which steps a change takes, and that no CPU can fetch anything but the old or the new instruction
// meanwhile (or a breakpoint), by the model of runtime/hooks/fake/text.h.
#include "runtime/text/patch.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/hooks/fake/text.h"

namespace
{

using Bytes = std::vector<uint8_t>;

constexpr size_t kAt = 8;
constexpr uint32_t kCpus = 3;

alignas(8) uint8_t text[64];

Bytes Word(uint32_t word)
{
	Bytes bytes(4);
	std::memcpy(bytes.data(), &word, 4);
	return bytes;
}

// Arm ARM DDI 0487, B2.2.5: what may be written while it is executed, written down once more.
bool MayChangeLive(uint32_t word)
{
	return (word >> 26 & 0x1f) == 5 || word == 0xd503201f || (word & ~0xf00u) == 0xd50330df ||
	       (word >> 21 == 0x6a0 && (word & 0x1c) == 0 && (word & 3) != 0) ||
	       (word >> 21 == 0x6a1 && (word & 0x1f) == 0);
}

// One change, and what CPUs may fetch during it.
struct Change {
	size_t unit;
	Bytes from, to;
	uint32_t wrong = 0; // fetches that are neither
	uint32_t seen = 0;
	bool is_over = false;

	bool IsGood(const Bytes &bytes) const
	{
		bool is_breakpoint = unit == 1 && bytes[0] == 0xcc && !is_over;
		return is_breakpoint || bytes == from || bytes == to;
	}

	void LookAt(uint32_t cpu)
	{
		std::vector<Bytes> fetches;
		axb_fake_text_fetch(
			cpu, reinterpret_cast<uintptr_t>(text + kAt), from.size(),
			[](void *cookie, const uint8_t *bytes, size_t size) {
				static_cast<std::vector<Bytes> *>(cookie)->emplace_back(
					bytes, bytes + size);
				return true;
			},
			&fetches);
		seen += static_cast<uint32_t>(fetches.size());
		for (const Bytes &bytes : fetches) {
			uint32_t word = 0;
			std::memcpy(&word, bytes.data(), bytes.size() < 4 ? bytes.size() : 4);
			bool is_torn = unit == 4 && fetches.size() > 1 && !MayChangeLive(word);
			wrong += !IsGood(bytes) || is_torn;
		}
	}

	static void Look(void *cookie)
	{
		for (uint32_t cpu = 0; cpu < kCpus; cpu++) {
			static_cast<Change *>(cookie)->LookAt(cpu);
		}
	}

	axb_patch_plan Plan() const
	{
		axb_patch_plan plan;
		auto *make = unit == 1 ? axb_patch_plan_x86_64 : axb_patch_plan_aarch64;
		EXPECT_EQ(AXB_OK, make(from.data(), to.data(), from.size(), &plan));
		return plan;
	}

	axb_status Apply(const axb_patch_plan &plan, bool refuse = false)
	{
		std::memset(text, 0x90, sizeof(text));
		std::memcpy(text + kAt, from.data(), from.size());
		const axb_fake_text_config config = {unit, kCpus, text, sizeof(text), nullptr, 0,
			Look, this, refuse, nullptr, 0};
		axb_fake_text_set(&config);
		wrong = seen = 0;
		return axb_patch_apply(reinterpret_cast<uintptr_t>(text + kAt), &plan);
	}

	// Everybody fetches the new instruction, and nothing else, when it is over.
	bool IsOver()
	{
		from = to;
		is_over = true;
		wrong = seen = 0;
		Look(this);
		return wrong == 0 && seen == kCpus;
	}
};

struct Case {
	const char *what;
	Change change;
	const char *log;
};

const std::vector<Case> kCases = {
	{"one byte", {1, {0x55}, {0xcc}}, "write 8+1; sync; "},
	{"breakpoint over a long instruction", {1, {0x48, 0x89, 0xe5}, {0xcc, 0x89, 0xe5}},
		"write 8+1; sync; "},
	{"and away", {1, {0xcc, 0x89, 0xe5}, {0x48, 0x89, 0xe5}}, "write 8+1; sync; "},
	{"NOP to jump", {1, {0x0f, 0x1f, 0x44, 0, 0}, {0xe9, 1, 2, 3, 4}},
		"write 8+1; sync; write 9+4; sync; write 8+1; sync; "},
	{"jump to jump", {1, {0xe9, 1, 2, 3, 4}, {0xe9, 5, 6, 7, 8}},
		"write 8+1; sync; write 9+4; sync; write 8+1; sync; "},
	{"breakpoint with another tail", {1, {0x0f, 0x1f, 0x40, 0}, {0xcc, 1, 2, 3}},
		"write 8+1; sync; write 9+3; sync; "},
	{"longest", {1, Bytes(AXB_PATCH_MAX, 1), Bytes(AXB_PATCH_MAX, 2)},
		"write 8+1; sync; write 9+15; sync; write 8+1; sync; "},
	{"nop to b", {4, Word(0xd503201f), Word(0x14000002)}, "write 8+4; sync; "},
	{"b to nop", {4, Word(0x14000002), Word(0xd503201f)}, "write 8+4; sync; "},
	{"bl to brk", {4, Word(0x94000002), Word(0xd4200000)}, "write 8+4; sync; "},
	{"isb to brk", {4, Word(0xd5033fdf), Word(0xd4200000)}, "write 8+4; sync; "},
	{"hvc to brk", {4, Word(0xd4000002), Word(0xd4200000)}, "write 8+4; sync; "},
	{"stp to brk", {4, Word(0xa9bf7bfd), Word(0xd4200000)}, "stop { write 8+4; } "},
	{"brk to stp", {4, Word(0xd4200000), Word(0xa9bf7bfd)}, "stop { write 8+4; } "},
	{"b.ne to brk", {4, Word(0x54000001), Word(0xd4200000)}, "stop { write 8+4; } "},
};

TEST(Patch, NoCpuFetchesWhatNobodyWrote)
{
	for (const Case &c : kCases) {
		SCOPED_TRACE(c.what);
		Change change = c.change;
		EXPECT_EQ(AXB_OK, change.Apply(change.Plan()));
		EXPECT_EQ(0u, change.wrong);
		EXPECT_LT(0u, change.seen);
		EXPECT_EQ(std::string(c.log), axb_fake_text_log());
		EXPECT_TRUE(change.IsOver());
	}
}

// The model is no yes-man: without any one of its steps a change is seen to go wrong.
TEST(Patch, EveryStepIsNeeded)
{
	for (const Case &c : kCases) {
		Change change = c.change;
		const axb_patch_plan whole = change.Plan();
		for (uint32_t drop = 0; drop < whole.count; drop++) {
			SCOPED_TRACE(std::string(c.what) + " without step " + std::to_string(drop));
			axb_patch_plan plan = whole;
			plan.count = 0;
			for (uint32_t i = 0; i < whole.count; i++) {
				if (i != drop) {
					plan.steps[plan.count++] = whole.steps[i];
				}
			}
			change = c.change;
			EXPECT_EQ(AXB_OK, change.Apply(plan));
			bool went_wrong = change.wrong != 0;
			EXPECT_TRUE(went_wrong || !change.IsOver());
		}
	}
}

TEST(Patch, TheOthersMustStandStill)
{
	Change change = {4, Word(0xa9bf7bfd), Word(0xd4200000)};
	axb_patch_plan plan = change.Plan();
	plan.steps[0].action = AXB_PATCH_WRITE;
	EXPECT_EQ(AXB_OK, change.Apply(plan));
	Change::Look(&change);
	EXPECT_LT(0u, change.wrong);
}

TEST(Patch, RefusedIsAFault)
{
	Change change = {1, {0x55}, {0xcc}};
	EXPECT_EQ(AXB_ERR_FAULT, change.Apply(change.Plan(), true));
	EXPECT_EQ(0x55, text[kAt]);
	EXPECT_STREQ("", axb_fake_text_log());
}

TEST(Patch, BadSizes)
{
	axb_patch_plan plan;
	const uint8_t bytes[32] = {};
	EXPECT_EQ(AXB_ERR_ARG, axb_patch_plan_x86_64(bytes, bytes, 0, &plan));
	EXPECT_EQ(AXB_ERR_ARG, axb_patch_plan_x86_64(bytes, bytes, AXB_PATCH_MAX + 1, &plan));
	EXPECT_EQ(AXB_ERR_ARG, axb_patch_plan_aarch64(bytes, bytes, 8, &plan));
}

} // namespace
