/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <vector>

#include <gtest/gtest.h>

#include "platforms/reference/devices/insn.h"

namespace
{

struct InsnCase {
	std::vector<uint8_t> bytes;
	enum insn_kind kind;
	uint8_t size;
	uint8_t reg;
	uint8_t register_size;
	bool sign_extend;
	bool is_64bit;
};

TEST(InsnDecode, KnowsPlainMoves)
{
	const InsnCase cases[] = {
		{{0x88, 0x07}, INSN_STORE, 1, 0, 1, false, true},       // mov %al,(%rdi)
		{{0x89, 0x0f}, INSN_STORE, 4, 1, 4, false, true},       // mov %ecx,(%rdi)
		{{0x66, 0x89, 0x0f}, INSN_STORE, 2, 1, 2, false, true}, // mov %cx,(%rdi)
		{{0x4c, 0x89, 0x0f}, INSN_STORE, 8, 9, 8, false, true}, // mov %r9,(%rdi)
		{{0x40, 0x88, 0x37}, INSN_STORE, 1, 6, 1, false, true}, // mov %sil,(%rdi)
		{{0x8a, 0x47, 0x10}, INSN_LOAD, 1, 0, 1, false, true},  // mov 16(%rdi),%al
		{{0x8b, 0x04, 0x25, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, true}, // mov 0,%eax
		{{0x8b, 0x05, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, true}, // mov 0(%rip),%eax
		{{0x48, 0x8b, 0x84, 0x88, 0, 0, 0, 0}, INSN_LOAD, 8, 0, 8, false, true},
		{{0x65, 0x8b, 0x00}, INSN_LOAD, 4, 0, 4, false, true}, // mov %gs:(%rax),%eax
		{{0x0f, 0xb6, 0x10}, INSN_LOAD, 1, 2, 4, false, true}, // movzbl (%rax),%edx
		{{0x0f, 0xbf, 0x10}, INSN_LOAD, 2, 2, 4, true, true},  // movswl (%rax),%edx
		{{0x48, 0x63, 0x10}, INSN_LOAD, 4, 2, 8, true, true},  // movslq (%rax),%rdx
		{{0xc6, 0x00, 0x7f}, INSN_STORE_IMMEDIATE, 1, 0, 1, false,
			true}, // movb $127,(%rax)
		{{0x66, 0xc7, 0x00, 1, 2}, INSN_STORE_IMMEDIATE, 2, 0, 2, false, true},
		{{0x48, 0xc7, 0x40, 8, 1, 2, 3, 4}, INSN_STORE_IMMEDIATE, 8, 0, 8, false, true},
		{{0xa1, 0, 0, 0, 0, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, true}, // movabs
		{{0x67, 0xa2, 0, 0, 0, 0}, INSN_STORE, 1, 0, 1, false, true},
		{{0xa1, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, false},    // mov 0,%eax
		{{0x8b, 0x44, 0x24, 4}, INSN_LOAD, 4, 0, 4, false, false}, // mov 4(%esp),%eax
		{{0xcc}, INSN_INT3, 0, 0, 0, false, true},
		{{0xf4}, INSN_HLT, 0, 0, 0, false, true},
	};
	for (const InsnCase &c : cases) {
		struct insn insn;
		std::vector<uint8_t> bytes = c.bytes;
		bytes.resize(INSN_LENGTH_MAX, 0x90);
		ASSERT_TRUE(insn_decode(bytes.data(), bytes.size(), c.is_64bit, &insn))
			<< &c - cases;
		EXPECT_EQ(insn.length, c.bytes.size()) << &c - cases;
		EXPECT_EQ(insn.kind, c.kind) << &c - cases;
		EXPECT_EQ(insn.size, c.size) << &c - cases;
		EXPECT_EQ(insn.reg, c.reg) << &c - cases;
		EXPECT_EQ(insn.register_size, c.register_size) << &c - cases;
		EXPECT_EQ(insn.sign_extend, c.sign_extend) << &c - cases;
		for (size_t cut = 0; cut < c.bytes.size(); cut++) {
			EXPECT_FALSE(insn_decode(bytes.data(), cut, c.is_64bit, &insn));
		}
	}
}

TEST(InsnDecode, RefusesOthers)
{
	const std::vector<uint8_t> cases[] = {
		{0xf0, 0xff, 0x00},       // lock incl (%rax)
		{0xf3, 0xa4},             // rep movsb
		{0x89, 0xc8},             // mov %ecx,%eax: no memory
		{0xc7, 0x08, 0, 0, 0, 0}, // C7 /1
		{0x0f, 0x05},             // syscall
		{0x01, 0x08},             // add %ecx,(%rax)
		{0x44, 0x0f, 0x23, 0xc0}, // mov %rax,%dr8
		std::vector<uint8_t>(INSN_LENGTH_MAX + 1, 0x66),
	};
	for (std::vector<uint8_t> bytes : cases) {
		struct insn insn;
		bytes.resize(bytes.size() + 8, 0);
		EXPECT_FALSE(insn_decode(bytes.data(), bytes.size(), true, &insn)) << int(bytes[0]);
	}
}

TEST(InsnDecode, FindsTheOperandsOfSpecialRegistersAndInterrupts)
{
	const uint8_t control[] = {0x44, 0x0f, 0x22, 0xc2}; // mov %rdx,%cr8
	const uint8_t debug[] = {0x41, 0x0f, 0x23, 0xf9};   // mov %r9,%dr7
	const uint8_t interrupt[] = {0xcd, 0x80};
	struct insn insn;
	ASSERT_TRUE(insn_decode(debug, sizeof(debug), true, &insn));
	EXPECT_EQ(insn.kind, INSN_WRITE_DEBUG);
	EXPECT_EQ(insn.immediate, 7u);
	EXPECT_EQ(insn.reg, 9u);
	ASSERT_TRUE(insn_decode(control, sizeof(control), true, &insn));
	EXPECT_EQ(insn.kind, INSN_WRITE_CONTROL);
	EXPECT_EQ(insn.immediate, 8u);
	EXPECT_EQ(insn.reg, 2u);
	ASSERT_TRUE(insn_decode(interrupt, sizeof(interrupt), true, &insn));
	EXPECT_EQ(insn.kind, INSN_INT);
	EXPECT_EQ(insn.immediate, 0x80u);
	EXPECT_EQ(insn.length, 2u);
}

TEST(InsnLoad, WritesAsMuchOfTheRegisterAsTheInstructionDoes)
{
	const struct {
		struct insn insn;
		uint64_t value, expected;
	} cases[] = {
		{{INSN_LOAD, 2, 1, 1, 0, false, false, 0}, 0x8182, 0x1122334455667782},
		{{INSN_LOAD, 2, 1, 1, 0, true, false, 0}, 0x8182, 0x1122334455668288},
		{{INSN_LOAD, 2, 2, 2, 0, false, false, 0}, 0x8182, 0x1122334455668182},
		{{INSN_LOAD, 2, 4, 4, 0, false, false, 0}, 0x81828384, 0x81828384},
		{{INSN_LOAD, 2, 1, 8, 0, false, true, 0}, 0x80, 0xffffffffffffff80},
		{{INSN_LOAD, 2, 2, 4, 0, false, true, 0}, 0x8000, 0xffff8000},
		{{INSN_LOAD, 2, 8, 8, 0, false, false, 0}, UINT64_MAX, UINT64_MAX},
	};
	for (const auto &c : cases) {
		uint64_t gpr[16] = {0x1122334455667788};
		insn_load(&c.insn, gpr, c.value);
		EXPECT_EQ(gpr[0], c.expected) << &c - cases;
	}
}

TEST(InsnStored, TakesWhatTheInstructionStores)
{
	uint64_t gpr[16] = {0x1122334455667788};
	struct insn insn = {INSN_STORE, 2, 1, 1, 0, true, false, 0};
	EXPECT_EQ(insn_stored(&insn, gpr), 0x77u);
	insn = {INSN_STORE, 2, 4, 4, 0, false, false, 0};
	EXPECT_EQ(insn_stored(&insn, gpr), 0x55667788u);
	insn = {INSN_STORE_IMMEDIATE, 2, 2, 2, 0, false, false, 0x12345};
	EXPECT_EQ(insn_stored(&insn, gpr), 0x2345u);
}

} // namespace
