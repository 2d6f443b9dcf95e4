/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/arena.h"
#include "runtime/base/text.h"
#include "runtime/isa/testing/assembler.h"
#include "runtime/isa/testing/case_file.h"
#include "runtime/maps/testing.h"
#include "runtime/verifier/checked.h"
#include "runtime/verifier/verify.h"

namespace
{

using axb_testing::Assemble;
using axb_testing::Case;
using axb_testing::TestMap;

const char *const kReasons[AXB_REJECT_COUNT_] = {
	"NONE",
#define AXB_X(name, text) #name,
#include "runtime/verifier/reject.def"
#undef AXB_X
};

uint64_t NoHelper(axb_env *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t)
{
	return 0;
}
/* bpf_map_lookup_elem, bpf_get_func_ip (hprobes and kprobes only), and one without prototype. */
const axb_helper_impl kImpls[] = {{1, NoHelper}, {173, NoHelper}, {1000, NoHelper}};
const axb_helper_table kHelpers = {kImpls, 3};

/* One verification, and all that its result points to. */
class Verification
{
      public:
	explicit Verification(
		const std::vector<axb_insn> &insns, axb_prog_type type = AXB_PROG_TYPE_RAW)
	    : array_({AXB_MAP_TYPE_ARRAY, 4, 16, 1, 0}), hash_({AXB_MAP_TYPE_HASH, 4, 16, 8, 0}),
	      memory_(insns.size() * 8 + 512)
	{
		axb_map *maps[] = {array_.get(), hash_.get()};
		const axb_code code = {
			insns.data(), (uint32_t)insns.size(), type, maps, 2, &kHelpers};
		axb_arena_init(&arena, memory_.data(), memory_.size() * 8);
		status = axb_verify(&code, &arena, &checked, &why);
	}

	std::string Explanation() const
	{
		char buffer[256];
		axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		axb_reject_explain(&why, &text);
		return buffer;
	}

	enum axb_status status;
	axb_arena arena;
	const axb_checked *checked = nullptr;
	axb_reject why = {};

      private:
	TestMap array_;
	TestMap hash_;
	std::vector<uint64_t> memory_;
};

std::vector<axb_insn> Text(const std::string &text)
{
	axb_testing::Assembly assembly = Assemble(text);
	EXPECT_EQ(assembly.error, "");
	return assembly.insns;
}

std::vector<Case> AllCases()
{
	std::string error;
	std::vector<Case> cases = axb_testing::ReadCases("testdata/verifier/structure", &error);
	EXPECT_EQ(error, "");
	return cases;
}

TEST(AxbVerify, RefusesEachCaseForItsReason)
{
	for (const Case &c : AllCases()) {
		SCOPED_TRACE(c.name);
		Verification v(c.insns);
		ASSERT_EQ(v.status, AXB_ERR_REJECTED);
		EXPECT_EQ(kReasons[v.why.reason], c.reject) << v.Explanation();
		EXPECT_EQ(v.why.insn, c.reject_insn) << v.Explanation();
		EXPECT_EQ(v.Explanation().find('{'), std::string::npos);
	}
}

TEST(AxbVerify, EveryReasonHasACase)
{
	/* Those that the tests below give. */
	std::set<std::string> seen = {"NONE", "EMPTY", "TOO_LONG", "HELPER_TYPE", "CALL_REG"};
	for (const Case &c : AllCases()) {
		seen.insert(c.reject);
	}
	for (const char *reason : kReasons) {
		EXPECT_TRUE(seen.count(reason)) << reason;
	}
}

TEST(AxbVerify, RefusesNoInstructionsAndTooMany)
{
	Verification none({});
	EXPECT_EQ(none.status, AXB_ERR_REJECTED);
	EXPECT_EQ(none.why.reason, AXB_REJECT_EMPTY);
	std::vector<axb_insn> insns(AXB_INSN_MAX, axb_insn{0xb7, 0, 0, 0});
	insns.back() = {0x95, 0, 0, 0};
	EXPECT_EQ(Verification(insns).status, AXB_OK);
	insns.insert(insns.begin(), {0xb7, 0, 0, 0});
	Verification many(insns);
	EXPECT_EQ(many.why.reason, AXB_REJECT_TOO_LONG);
	EXPECT_EQ(many.Explanation(),
		"insn 0: the program has 65537 instructions, the limit is 65536");
}

TEST(AxbVerify, ProgramTypeDecidesAboutHelpersAndCallsByRegister)
{
	Verification by_register(Text("mov %r1, 1000\ncall %r1\nexit"), AXB_PROG_TYPE_TRACEPOINT);
	EXPECT_EQ(by_register.why.reason, AXB_REJECT_CALL_REG);
	EXPECT_EQ(Verification(Text("mov %r1, 1000\ncall %r1\nexit")).status, AXB_OK);

	Verification wrong_type(Text("call 173\nexit"), AXB_PROG_TYPE_TRACEPOINT);
	EXPECT_EQ(wrong_type.why.reason, AXB_REJECT_HELPER_TYPE);
	EXPECT_EQ(Verification(Text("call 173\nexit"), AXB_PROG_TYPE_KPROBE).status, AXB_OK);
}

TEST(AxbVerify, AcceptsWhatIsSound)
{
	const char *const programs[] = {
		"exit",
		"ja +0\nexit",
		"mov %r0, 0\nloop: ja loop",
		"ja +2\nexit\nja -2\nja32 -2",
		"lddw %r1, map(0)\nlddw %r2, map(1)\nlddw %r3, map_value(0)+15\nexit",
		"ldxb %r0, [%r10-1]\nldxdw %r0, [%r10-512]\nexit",
		"div %r0, 0\nlsh %r0, 64\nlsh32 %r0, -1\nexit", /* defined by RFC 9669 */
		"call local f\ncall local f\nexit\nf: call local g\nexit\ng: exit",
		"call local h\nexit\ng: exit\nh: call local g\nexit", /* callees before callers */
		"lock cmpxchg [%r1], %r10\nstxdw [%r1], %r10\nexit",
		"call 1\ncall 1000\nexit",
	};
	for (const char *program : programs) {
		Verification v(Text(program));
		EXPECT_EQ(v.status, AXB_OK) << program << ": " << v.Explanation();
	}
}

TEST(AxbVerify, ExplainsInWords)
{
	EXPECT_EQ(Verification(Text("mov %r0, 0\nja +9\nexit")).Explanation(),
		"insn 1: jump to 11 leaves the program (3 instructions)");
	EXPECT_EQ(Verification({{0x20, 0, 0, 0}, {0x95, 0, 0, 0}}).Explanation(),
		"insn 0: packet access instruction (opcode 0x20), which is obsolete and not "
		"supported");
}

TEST(AxbVerify, MeasuresTheStack)
{
	const struct {
		const char *program;
		uint32_t bytes;
	} cases[] = {
		{"exit", 0},
		{"stb [%r10-1], 0\nexit", 8},
		{"stdw [%r10-16], 0\nldxb %r0, [%r10-3]\nexit", 16},
		{"mov %r1, %r10\nexit", 512},
		{"stxdw [%r10-8], %r10\nexit", 512},
		{"stdw [%r10-16], 0\ncall local f\nexit\nf: stdw [%r10-24], 0\nexit", 40},
		{"call local f\ncall local g\nexit\nf: stdw [%r10-24], 0\nexit\ng: mov %r1, "
		 "%r10\nexit",
			512},
	};
	for (const auto &c : cases) {
		Verification v(Text(c.program));
		ASSERT_EQ(v.status, AXB_OK) << c.program;
		EXPECT_EQ(axb_checked_stack_bytes(v.checked), c.bytes) << c.program;
	}
}

TEST(AxbVerify, ChecksACopy)
{
	std::vector<axb_insn> insns = Text("mov %r0, 1\nexit");
	Verification v(insns);
	insns[0].opcode = 0xff;
	EXPECT_EQ(axb_checked_code(v.checked)->insns[0].opcode, 0xb7);
	EXPECT_EQ(axb_checked_code(v.checked)->insn_count, 2u);
}

TEST(AxbVerify, NeedsMemoryAndGivesItBackWhenItFails)
{
	std::vector<axb_insn> insns = Text("call local f\nexit\nf: exit");
	const axb_code code = {insns.data(), 3, AXB_PROG_TYPE_RAW, nullptr, 0, &kHelpers};
	for (size_t size = 0;; size += 8) {
		std::vector<uint64_t> memory(size / 8 + 1);
		axb_arena arena;
		axb_arena_init(&arena, memory.data(), size);
		const axb_checked *checked = nullptr;
		axb_reject why = {};
		enum axb_status status = axb_verify(&code, &arena, &checked, &why);
		if (status == AXB_OK) {
			EXPECT_GT(size, 100u);
			break;
		}
		ASSERT_EQ(status, AXB_ERR_NOMEM);
		ASSERT_EQ(axb_arena_free_bytes(&arena), size);
		ASSERT_EQ(checked, nullptr);
	}
	Verification rejected(Text("ja +5\nexit"));
	EXPECT_EQ(axb_arena_mark(&rejected.arena), 0u);
}

/* Linear time: the worst shapes for the worklist and the call graph, at full size. */
TEST(AxbVerify, IsQuickOnTheWorstPrograms)
{
	std::vector<axb_insn> branches(AXB_INSN_MAX, axb_insn{0x15, 0, 0, 0});
	for (size_t i = 0; i + 1 < branches.size(); i++) {
		branches[i].offset = (int16_t)std::min<size_t>(0x7fff, branches.size() - 2 - i);
	}
	branches.back() = {0x95, 0, 0, 0};
	EXPECT_EQ(Verification(branches).status, AXB_OK);

	std::vector<axb_insn> calls;
	const uint32_t count = AXB_INSN_MAX / 2 - 1;
	for (uint32_t i = 0; i < count; i++) { /* one call of each subprogram */
		calls.push_back({0x85, 0x10, 0, (int32_t)count});
	}
	calls.push_back({0x95, 0, 0, 0});
	for (uint32_t i = 0; i < count; i++) {
		calls.push_back({0x95, 0, 0, 0});
	}
	Verification v(calls);
	EXPECT_EQ(v.status, AXB_OK) << v.Explanation();
	EXPECT_EQ(v.checked->subprog_count, count + 1);
}

TEST(AxbRejectExplain, AcceptsAnyReason)
{
	axb_reject reject = {AXB_REJECT_COUNT_, 1, {0, 0}};
	char buffer[64];
	axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_reject_explain(&reject, &text);
	EXPECT_STREQ(buffer, "insn 1: unknown reason");
}

} // namespace
