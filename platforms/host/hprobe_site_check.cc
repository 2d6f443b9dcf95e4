// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Patch sites: probes without a trap, by the NOPs that the compiler left; and probes that rest, are
// throttled, and are kept away.
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <immintrin.h>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/event_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "gtest/gtest.h"
#include "platforms/host/host.h"
#include "platforms/host/hprobe_testing.h"
#include "probes/hprobe/hprobe.h"
#include "probes/insn/step.h"
#include "runtime/event/event.h"
#include "runtime/hooks/text.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/trace/tracepoint.h"

#define SITE __attribute__((noinline, patchable_function_entry(5)))

extern "C" {
SITE double site_doubles(
	double a, double b, double c, double d, double e, double f, double g, double h)
{
	return a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h;
}

SITE __attribute__((target("avx2"))) __m256i site_vectors(__m256i a, __m256i b)
{
	return _mm256_sub_epi64(a, b);
}

SITE uint64_t site_variadic(uint64_t count, ...)
{
	va_list list;
	uint64_t sum = 0;
	va_start(list, count);
	for (uint64_t i = 0; i < count; i++) {
		sum += i % 2 == 0 ? static_cast<uint64_t>(va_arg(list, double))
				  : va_arg(list, uint64_t);
	}
	va_end(list);
	return sum;
}

SITE uint64_t site_many(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f,
	uint64_t g, uint64_t h)
{
	return a + 2 * b + 4 * c + 8 * d + 16 * e + 32 * f + 64 * g + 128 * h;
}

SITE uint64_t site_recursive(uint64_t n)
{
	// Used after the calls, so that neither becomes a loop.
	volatile uint64_t sum = n < 2 ? n : site_recursive(n - 1) + site_recursive(n - 2);
	return sum;
}

struct Pair {
	uint64_t first;
	double second;
};
SITE Pair site_pair(uint64_t n)
{
	return {n + 1, static_cast<double>(n) / 2};
}
}

namespace
{

class HprobeSite : public Hprobe
{
      protected:
	template <typename Function> void AttachBoth(Function *function)
	{
		address_ = reinterpret_cast<uint64_t>(function);
		ASSERT_EQ(AXB_OK, Attach(address_)) << last_refusal_;
		ASSERT_EQ(AXB_OK, Attach(address_, true)) << last_refusal_;
		EXPECT_EQ(AXB_STEP_SITE, Info(address_).step);
	}
	void DetachBoth(uint64_t calls)
	{
		axb_hprobe_stats stats = Info(address_).stats;
		EXPECT_EQ(calls, stats.handled);
		EXPECT_EQ(calls, stats.returned);
		ASSERT_EQ(AXB_OK, Detach(address_));
		ASSERT_EQ(AXB_OK, Detach(address_, true));
	}

	uint64_t address_ = 0;
};

TEST_F(HprobeSite, EveryKindOfSite)
{
	for (victim_fn *victim : {victim_site, victim_site_split, victim_site_endbr}) {
		uint8_t before[16];
		std::memcpy(before, reinterpret_cast<void *>(victim), sizeof(before));
		AttachBoth(victim);
		EXPECT_NE(0, std::memcmp(before, reinterpret_cast<void *>(victim), 16));
		for (uint64_t n = 0; n < 20; n++) {
			EXPECT_EQ(n + 1, victim(n));
		}
		std::vector<axb_trace_event> events = Events();
		ASSERT_EQ(40u, events.size());
		EXPECT_EQ(7u, events[14].args[0]);
		EXPECT_EQ(AXB_PROBE_TYPE_HRETPROBE, events[15].probe_type);
		EXPECT_EQ(8u, events[15].args[0]);
		EXPECT_EQ(4, events[15].nr_args);
		EXPECT_EQ(7u, events[15].args[1]); // of the entry
		EXPECT_GT(events[15].duration_ns, 0u);
		EXPECT_EQ(nullptr, std::strchr(axb_event_name(events[15].name_offset), '+'));
		DetachBoth(20);
		EXPECT_EQ(0, std::memcmp(before, reinterpret_cast<void *>(victim), 16));
		EXPECT_EQ(21u, victim(20));
	}
}

// Of five NOPs of a byte, one was made when the probes came up.
TEST_F(HprobeSite, SplitNopsAreJoined)
{
	const uint8_t nop[] = {0x0f, 0x1f, 0x44, 0, 0};
	EXPECT_EQ(0, std::memcmp(nop, reinterpret_cast<void *>(victim_site_split), sizeof(nop)));
}

TEST_F(HprobeSite, NopsThatAreNoSites)
{
	for (victim_fn *victim : {victim_site_short, victim_nop}) {
		ASSERT_EQ(AXB_OK, Attach(AddressOf(victim)));
		EXPECT_NE(AXB_STEP_SITE, Info(AddressOf(victim)).step);
		EXPECT_EQ(5u, victim(4));
		EXPECT_EQ(1u, Info(AddressOf(victim)).stats.handled);
	}
}

// What a function gets and gives in registers and on the stack stays as it is.
TEST_F(HprobeSite, ArgumentsAndResultsStay)
{
	AttachBoth(site_doubles);
	EXPECT_EQ(255.0 + 256.0, site_doubles(1 + 256.0, 1, 1, 1, 1, 1, 1, 1));
	DetachBoth(1);
	AttachBoth(site_variadic);
	EXPECT_EQ(15u, site_variadic(5, 1.0, uint64_t{2}, 3.0, uint64_t{4}, 5.0));
	DetachBoth(1);
	AttachBoth(site_many);
	EXPECT_EQ(1793u, site_many(1, 2, 3, 4, 5, 6, 7, 8));
	std::vector<axb_trace_event> events = Events();
	EXPECT_EQ(4u, events[events.size() - 2].args[3]);
	DetachBoth(1);
	AttachBoth(site_pair);
	Pair pair = site_pair(9);
	EXPECT_EQ(10u, pair.first);
	EXPECT_EQ(4.5, pair.second);
	DetachBoth(1);
}

__attribute__((target("avx2"))) void CheckVectors()
{
	__m256i difference =
		site_vectors(_mm256_set_epi64x(10, 20, 30, 40), _mm256_set_epi64x(1, 2, 3, 4));
	int64_t lanes[4];
	_mm256_storeu_si256(reinterpret_cast<__m256i *>(lanes), difference);
	EXPECT_EQ(36, lanes[0]);
	EXPECT_EQ(27, lanes[1]);
	EXPECT_EQ(18, lanes[2]);
	EXPECT_EQ(9, lanes[3]);
}

TEST_F(HprobeSite, WideVectorsStay)
{
	if (!__builtin_cpu_supports("avx2")) {
		GTEST_SKIP() << "this CPU has no AVX2";
	}
	AttachBoth(site_vectors);
	CheckVectors();
	DetachBoth(1);
}

TEST_F(HprobeSite, ReturnsRecurse)
{
	AttachBoth(site_recursive);
	EXPECT_EQ(55u, site_recursive(10));
	DetachBoth(177);
}

// A program changes an argument, a result, and where execution goes on.
TEST_F(HprobeSite, ProgramsMayWrite)
{
	const auto rdi = static_cast<int16_t>(offsetof(axb_pt_regs_x86_64, rdi));
	const auto rax = static_cast<int16_t>(offsetof(axb_pt_regs_x86_64, rax));
	const auto rip = static_cast<int16_t>(offsetof(axb_pt_regs_x86_64, rip));
	const axb_insn exit = {0x95, 0, 0, 0};
	axb_prog_id_t argument =
		LoadProgram(AXB_PROG_TYPE_HPROBE, {{0x7a, 0x01, rdi, 41}, {0xb7, 0, 0, 0}, exit});
	uint64_t address = AddressOf(victim_site);
	ASSERT_EQ(AXB_OK, Attach(address, false, argument, true));
	EXPECT_EQ(42u, victim_site(1));
	ASSERT_EQ(AXB_OK, Detach(address, false, argument));
	// Without leave to write, the run faults and nothing changes.
	ASSERT_EQ(AXB_OK, Attach(address, false, argument));
	EXPECT_EQ(2u, victim_site(1));
	ASSERT_EQ(AXB_OK, Detach(address, false, argument));
	axb_prog_id_t result =
		LoadProgram(AXB_PROG_TYPE_HRETPROBE, {{0x7a, 0x01, rax, 7}, {0xb7, 0, 0, 0}, exit});
	ASSERT_EQ(AXB_OK, Attach(address, true, result, true));
	EXPECT_EQ(7u, victim_site(1));
	ASSERT_EQ(AXB_OK, Detach(address, true, result));
	// rip += 9: behind the NOPs and the LEA, to the return.
	axb_prog_id_t skip = LoadProgram(
		AXB_PROG_TYPE_HPROBE, {{0x79, 0x12, rip, 0}, {0x07, 2, 0, 9}, {0x7b, 0x21, rip, 0},
					      {0x7a, 0x01, rax, 99}, {0xb7, 0, 0, 0}, exit});
	for (victim_fn *victim : {victim_site, victim_nop}) {
		ASSERT_EQ(AXB_OK, Attach(AddressOf(victim), false, skip, true));
		EXPECT_EQ(99u, victim(1));
		ASSERT_EQ(AXB_OK, Detach(AddressOf(victim), false, skip));
	}
}

axb_status Change(axb_status (*change)())
{
	axb_hprobe_error why;
	axb_hprobe_begin();
	axb_status st = change();
	axb_status done = axb_hprobe_commit(&why);
	return st != AXB_OK ? st : done;
}

TEST_F(HprobeSite, ProbesRest)
{
	const uint64_t address = AddressOf(victim_site);
	uint8_t before[8];
	std::memcpy(before, reinterpret_cast<void *>(victim_site), sizeof(before));
	AttachBoth(victim_site);
	EXPECT_EQ(2u, victim_site(1));
	ASSERT_EQ(AXB_OK,
		Change([] { return axb_hprobe_enable(AddressOf(victim_site), false, {}, false); }));
	(void)Events();
	EXPECT_EQ(2u, victim_site(1));
	EXPECT_EQ(1u, Events().size());
	EXPECT_EQ(1u, Info(address).entries_off);
	ASSERT_EQ(AXB_OK,
		Change([] { return axb_hprobe_enable(AddressOf(victim_site), true, {}, false); }));
	EXPECT_EQ(0, std::memcmp(before, reinterpret_cast<void *>(victim_site), sizeof(before)));
	EXPECT_EQ(2u, victim_site(1));
	EXPECT_EQ(0u, Events().size());
	EXPECT_EQ(2u, Info(address).stats.hits);
	EXPECT_EQ(AXB_ERR_EXISTS, Attach(address));
	ASSERT_EQ(AXB_OK,
		Change([] { return axb_hprobe_enable(AddressOf(victim_site), false, {}, true); }));
	EXPECT_EQ(2u, victim_site(1));
	EXPECT_EQ(3u, Info(address).stats.hits);
	EXPECT_EQ(AXB_ERR_NOT_FOUND,
		Change([] { return axb_hprobe_enable(AddressOf(victim_push), false, {}, true); }));
}

TEST_F(HprobeSite, ThrottleTells)
{
	uint32_t enabled = 0;
	ASSERT_EQ(AXB_OK, axb_tp_set_enabled_glob("probe:throttled", true, &enabled));
	EXPECT_EQ(AXB_ERR_NOT_FOUND, axb_hprobe_throttle(AddressOf(victim_site), 1));
	AttachBoth(victim_site);
	ASSERT_EQ(AXB_OK, axb_hprobe_throttle(address_, 3));
	EXPECT_EQ(3u, Info(address_).throttle);
	while (Info(address_).stats.throttled < 5) {
		EXPECT_EQ(3u, victim_site(2));
	}
	axb_hprobe_stats stats = Info(address_).stats;
	EXPECT_EQ(stats.hits, stats.handled + stats.missed + stats.throttled);
	EXPECT_EQ(stats.handled, stats.returned);
	uint64_t told = 0, entries = 0;
	for (const axb_trace_event &event : Events()) {
		told += event.event_id == AXB_TP_ID_PROBE_THROTTLED;
		entries += event.probe_type == AXB_PROBE_TYPE_HPROBE;
	}
	EXPECT_GE(told, 1u);
	EXPECT_LE(told, stats.throttled);
	EXPECT_EQ(stats.handled, entries);
	ASSERT_EQ(AXB_OK, axb_hprobe_throttle(address_, 0));
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(3u, victim_site(2));
	}
	EXPECT_EQ(stats.handled + 100, Info(address_).stats.handled);
}

// What somebody else wrote over a probe stays.
TEST_F(HprobeSite, TextOfOthersStays)
{
	uint32_t enabled = 0;
	ASSERT_EQ(AXB_OK, axb_tp_set_enabled_glob("probe:text_changed", true, &enabled));
	for (victim_fn *victim : {victim_site, victim_nop}) {
		const uint64_t address = AddressOf(victim);
		const uint8_t other[] = {0x0f, 0x1f, 0x44, 0, 1};
		uint8_t before[5];
		std::memcpy(before, reinterpret_cast<void *>(victim), sizeof(before));
		ASSERT_EQ(AXB_OK, Attach(address));
		ASSERT_TRUE(axb_plat_text_write(address, other, sizeof(other)));
		ASSERT_EQ(AXB_OK, Detach(address));
		EXPECT_EQ(0, std::memcmp(other, reinterpret_cast<void *>(victim), sizeof(other)));
		std::vector<axb_trace_event> events = Events();
		ASSERT_EQ(1u, events.size());
		EXPECT_EQ(AXB_TP_ID_PROBE_TEXT_CHANGED, events[0].event_id);
		EXPECT_EQ(address, events[0].args[1]);
		EXPECT_EQ(other[0], events[0].args[3] & 0xff);
		EXPECT_EQ(victim == victim_site ? 0xe9 : 0xcc, events[0].args[2] & 0xff);
		ASSERT_TRUE(axb_plat_text_write(address, before, sizeof(before)));
		axb_plat_text_sync();
	}
}

TEST_F(HprobeSite, ForbiddenCodeSaysWhy)
{
	uint64_t address = AddressOf(victim_site);
	EXPECT_EQ(AXB_ERR_ARG, axb_hprobe_forbid(address, 0, "empty"));
	EXPECT_EQ(AXB_ERR_ARG, axb_hprobe_forbid(UINT64_MAX, 2, "too long"));
	ASSERT_EQ(AXB_OK, axb_hprobe_forbid(address, 4, "the test wants it"));
	EXPECT_EQ(AXB_ERR_REJECTED, Attach(address));
	EXPECT_EQ("the test wants it", last_refusal_);
	EXPECT_EQ(AXB_OK, Attach(AddressOf(victim_site_split)));
	uint32_t cursor = 0;
	axb_hprobe_range range;
	ASSERT_TRUE(axb_hprobe_forbidden_next(&cursor, &range));
	EXPECT_EQ(address, range.start);
	EXPECT_EQ(4u, range.size);
	ASSERT_TRUE(axb_hprobe_forbidden_next(&cursor, &range));
	EXPECT_STREQ("it is part of the way into and out of probes", range.reason);
	EXPECT_FALSE(axb_hprobe_forbidden_next(&cursor, &range));
	for (uint32_t i = 1; i < AXB_HPROBE_FORBIDDEN_MAX; i++) {
		ASSERT_EQ(AXB_OK, axb_hprobe_forbid(1, 1, "nothing"));
	}
	EXPECT_EQ(AXB_ERR_LIMIT, axb_hprobe_forbid(1, 1, "nothing"));
}

} // namespace
