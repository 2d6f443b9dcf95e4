// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "probes/insn/aarch64/step.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace
{

// What executing it does: step_bare_test. Here: what is refused, and where slots and literals
// reach.

constexpr uint32_t kNop = 0xd503201f;
constexpr uint32_t kLdxr = 0xc85f7c01;
constexpr uint32_t kStxr = 0xc8027c01;
constexpr uint32_t kClrex = 0xd5033f5f;
constexpr uint32_t kAdd = 0x91000400;

axb_refuse Refusal(const std::vector<uint32_t> &words)
{
	axb_step step;
	axb_a64_step(words.data(), words.size() - 1, &step);
	EXPECT_EQ(step.kind == AXB_STEP_REFUSE, step.refuse != AXB_REFUSE_NONE);
	return static_cast<axb_refuse>(step.refuse);
}

TEST(A64Step, RefusesWithAReason)
{
	EXPECT_EQ(AXB_REFUSE_UNDEFINED, Refusal({0}));
	EXPECT_EQ(AXB_REFUSE_EXCEPTION, Refusal({0xd4000001}));
	EXPECT_EQ(AXB_REFUSE_EXCEPTION, Refusal({0xd4200000}));
	EXPECT_EQ(AXB_REFUSE_EXCEPTION_RETURN, Refusal({0xd69f03e0}));
	EXPECT_EQ(AXB_REFUSE_EXCLUSIVE, Refusal({kLdxr}));
	EXPECT_EQ(AXB_REFUSE_EXCLUSIVE, Refusal({kStxr}));
	EXPECT_EQ(AXB_REFUSE_SEQUENCE, Refusal({0x19010440}));
	EXPECT_EQ(AXB_REFUSE_SEQUENCE, Refusal({0x0420bc20}));
	EXPECT_EQ(AXB_REFUSE_SEQUENCE, Refusal({0x0420bc20, 0x04200000}));
	EXPECT_EQ(AXB_REFUSE_PC_SIGNATURE, Refusal({0xf380001f}));
	EXPECT_EQ(AXB_REFUSE_LINK_AUTH, Refusal({0xd73f0a11})); // blraa
	EXPECT_EQ(AXB_REFUSE_NONE, Refusal({0xd65f0bff}));      // retaa
	EXPECT_EQ(AXB_REFUSE_LITERAL_SIMD, Refusal({0x9c000040}));
	EXPECT_EQ(AXB_REFUSE_TRANSACTION, Refusal({0xd503307f}));
}

TEST(A64Step, ExclusiveWindows)
{
	EXPECT_EQ(AXB_REFUSE_EXCLUSIVE_WINDOW, Refusal({kLdxr, kAdd}));
	EXPECT_EQ(AXB_REFUSE_EXCLUSIVE_WINDOW, Refusal({kLdxr, kAdd, kNop}));
	EXPECT_EQ(AXB_REFUSE_NONE, Refusal({kLdxr, kAdd, kStxr, kAdd}));
	EXPECT_EQ(AXB_REFUSE_NONE, Refusal({kLdxr, kAdd, kClrex, kAdd}));
	EXPECT_EQ(AXB_REFUSE_EXCLUSIVE_WINDOW, Refusal({kStxr, kLdxr, kAdd}));
	std::vector<uint32_t> words(AXB_A64_WINDOW_MAX + 1, kAdd);
	words[0] = kLdxr;
	EXPECT_EQ(AXB_REFUSE_EXCLUSIVE_WINDOW, Refusal(words));
	words.insert(words.begin() + 1, kAdd);
	EXPECT_EQ(AXB_REFUSE_NONE, Refusal(words));
}

TEST(A64Step, SlotReaches)
{
	axb_slot_code code;
	const uint64_t slot = 0x40000000;
	EXPECT_EQ(AXB_REFUSE_NONE, axb_a64_slot(kAdd, slot + (1 << 27) - 4, slot, &code));
	EXPECT_EQ(AXB_REFUSE_OPERAND, axb_a64_slot(kAdd, slot + (1 << 27), slot, &code));
	EXPECT_EQ(AXB_REFUSE_NONE, axb_a64_slot(kAdd, slot - (1 << 27), slot, &code));
	EXPECT_EQ(AXB_REFUSE_OPERAND, axb_a64_slot(kAdd, slot - (1 << 27) - 4, slot, &code));
}

bool NoMemory(void *, uint64_t, uint64_t *, size_t)
{
	return false;
}

TEST(A64Step, UnreadableLiteralChangesNothing)
{
	axb_user_pt_regs regs = {};
	regs.pc = 0x1000;
	axb_a64_insn insn;
	axb_a64_decode(0x58000040, &insn);
	EXPECT_FALSE(axb_a64_simulate(&insn, &regs, NoMemory, nullptr));
	EXPECT_EQ(0x1000u, regs.pc);
}

TEST(A64Step, ClearsBtype)
{
	axb_user_pt_regs regs = {};
	regs.pstate = 0xc00;
	axb_a64_insn insn;
	axb_a64_decode(kNop, &insn);
	EXPECT_TRUE(axb_a64_simulate(&insn, &regs, NoMemory, nullptr));
	EXPECT_EQ(0u, regs.pstate);
}

} // namespace
