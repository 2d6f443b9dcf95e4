// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Threads call functions while probes on them come and go, and signals interrupt them. Every call
// says by itself whether it met the probes: the programs set registers that the caller looks at. So
// what the sites count is compared with what the callers saw, call by call.
#include <pthread.h>

#include <atomic>
#include <cinttypes>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "gtest/gtest.h"
#include "platforms/host/host.h"
#include "platforms/host/hprobe_testing.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/event/event.h"
#include "runtime/hooks/core.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"

namespace
{

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN
#endif
#endif
#ifdef WITH_TSAN
constexpr bool kIsTsan = true;
#else
constexpr bool kIsTsan = false;
#endif

constexpr int kCallers = 4;
// One call in so many goes to the function that always has its probes.
constexpr uint64_t kAlways = 8;

struct Tally {
	uint64_t calls = 0;
	uint64_t marks[2] = {}; // by the programs at the entry and at the return
};

// What one thread saw.
struct Caller {
	Tally entry_first, return_first, always;
	uint64_t wrong = 0;
};

class HprobeSmp : public Hprobe
{
      protected:
	void SetUp() override
	{
		Hprobe::SetUp();
		at_entry_ = Marker(AXB_PROG_TYPE_HPROBE, offsetof(axb_pt_regs_x86_64, r9));
		at_return_ = Marker(AXB_PROG_TYPE_HRETPROBE, offsetof(axb_pt_regs_x86_64, r10));
	}

	// Sets the register at @offset to 1, and r0 to 0 so many times.
	static axb_prog_id_t Marker(axb_prog_type type, size_t offset, size_t length = 1)
	{
		std::vector<axb_insn> insns(length, {0xb7, 0, 0, 0});
		insns.push_back({0x7a, 0x01, static_cast<int16_t>(offset), 1});
		insns.push_back({0x95, 0, 0, 0});
		return LoadProgram(type, insns);
	}

	static void Call(victim_fn *function, uint64_t n, Tally *tally, uint64_t *wrong)
	{
		*wrong += call_marked(function, n, tally->marks) != n + 1;
		tally->calls++;
	}

	void RunCaller(uint64_t calls, Caller *caller)
	{
		EXPECT_TRUE(axb_host_claim_cpu());
		ready_++;
		for (uint64_t n = 0; n < calls || !is_toggled_; n++) {
			Call(entry_first_, n, &caller->entry_first, &caller->wrong);
			Call(return_first_, n, &caller->return_first, &caller->wrong);
			if (n % kAlways == 0) {
				Call(always_, n, &caller->always, &caller->wrong);
			}
			calls_++;
			if (n >= calls) {
				// Only so that there are calls while probes still come and go.
				std::this_thread::yield();
			}
		}
		ready_--;
	}

	void Toggle(victim_fn *function, bool return_is_first)
	{
		uint64_t address = AddressOf(function);
		for (int i = 0; i < 2; i++) {
			bool is_return = (i == 0) == return_is_first;
			ASSERT_EQ(AXB_OK, Attach(address, is_return,
						  is_return ? at_return_ : at_entry_, true));
		}
		for (int i = 0; i < 2; i++) {
			bool is_return = (i != 0) == return_is_first;
			ASSERT_EQ(AXB_OK,
				Detach(address, is_return, is_return ? at_return_ : at_entry_));
		}
	}

	void Read()
	{
		std::vector<axb_trace_event> events(256);
		for (uint32_t cpu = 0; cpu < kCpus; cpu++) {
			while (size_t count = axb_event_read(cpu, events.data(), events.size())) {
				for (size_t i = 0; i < count; i++) {
					bool is_loss = events[i].event_id == AXB_EVENT_ID_LOST;
					read_ += !is_loss;
					lost_ += is_loss ? events[i].args[0] : 0;
				}
			}
		}
	}

	void ReadUntilDone()
	{
		EXPECT_TRUE(axb_host_claim_cpu());
		while (ready_ != 0) {
			Read();
			std::this_thread::yield();
		}
		Read();
	}

	// @calls of the functions whose probes come and go, @rounds of attaching and detaching two.
	void Run(uint64_t calls, int rounds)
	{
		std::vector<std::thread> threads;
		std::vector<Caller> callers(kCallers);
		for (Caller &caller : callers) {
			threads.emplace_back([&] { RunCaller(calls / kCallers / 2, &caller); });
		}
		while (ready_ != kCallers) {
		}
		threads.emplace_back([&] { ReadUntilDone(); });
		for (int i = 0; i < rounds; i++) {
			bool return_is_first = i % 2 != 0;
			Toggle(return_is_first ? return_first_ : entry_first_, return_is_first);
		}
		is_toggled_ = true;
		for (std::thread &thread : threads) {
			thread.join();
		}
		for (const Caller &caller : callers) {
			Add(caller.entry_first, &sum_.entry_first);
			Add(caller.return_first, &sum_.return_first);
			Add(caller.always, &sum_.always);
			sum_.wrong += caller.wrong;
		}
	}

	static void Add(const Tally &tally, Tally *sum)
	{
		sum->calls += tally.calls;
		sum->marks[0] += tally.marks[0];
		sum->marks[1] += tally.marks[1];
	}

	// The laws, at rest.
	static axb_hprobe_stats Checked(victim_fn *function)
	{
		axb_hprobe_stats stats = Info(AddressOf(function)).stats;
		EXPECT_EQ(stats.hits, stats.handled + stats.missed);
		EXPECT_EQ(0u, stats.missed);
		EXPECT_EQ(stats.armed, stats.returned + stats.abandoned);
		EXPECT_EQ(0u, stats.abandoned);
		EXPECT_EQ(0u, stats.no_instance);
		return stats;
	}

	void RunAndCheck(uint64_t calls, int rounds);

	victim_fn *entry_first_ = victim_marked, *return_first_ = victim_marked_too,
		  *always_ = victim_marked_always;
	axb_prog_id_t at_entry_, at_return_;
	std::atomic<int> ready_{0};
	std::atomic<bool> is_toggled_{false};
	std::atomic<uint64_t> calls_{0};
	uint64_t read_ = 0, lost_ = 0;
	Caller sum_;
};

void HprobeSmp::RunAndCheck(uint64_t calls, int rounds)
{
	const uint64_t always = AddressOf(always_);
	ASSERT_EQ(AXB_OK, Attach(always));
	ASSERT_EQ(AXB_OK, Attach(always, true));
	Run(calls, rounds);
	EXPECT_EQ(0u, sum_.wrong);
	EXPECT_GE(sum_.entry_first.calls + sum_.return_first.calls, calls);

	// Always there: each call is a hit, and two events, read or counted as lost.
	axb_hprobe_stats stats = Checked(always_);
	EXPECT_EQ(sum_.always.calls, stats.hits);
	EXPECT_EQ(sum_.always.calls, stats.returned);
	struct axb_event_stats all = {};
	for (uint32_t cpu = 0; cpu < kCpus; cpu++) {
		struct axb_event_stats one;
		axb_event_stats(cpu, &one);
		all.attempts += one.attempts;
		all.dropped += one.dropped;
	}
	EXPECT_EQ(2 * sum_.always.calls, all.attempts);
	EXPECT_EQ(all.attempts, read_ + all.dropped);
	// What was lost behind the last event is not told yet.
	EXPECT_LE(lost_, all.dropped);

	// The entry program is there as long as the breakpoint is: each call is a hit or came back
	// without its mark.
	ASSERT_EQ(AXB_OK, Attach(AddressOf(entry_first_)));
	stats = Checked(entry_first_);
	uint64_t unarmed = sum_.entry_first.calls - sum_.entry_first.marks[0];
	EXPECT_EQ(sum_.entry_first.calls, stats.hits + unarmed);
	EXPECT_EQ(stats.ran, sum_.entry_first.marks[0] + sum_.entry_first.marks[1]);
	EXPECT_GT(stats.hits, 0u);
	EXPECT_GT(unarmed, 0u);

	// The return program is: each hit waits for its return.
	ASSERT_EQ(AXB_OK, Attach(AddressOf(return_first_)));
	stats = Checked(return_first_);
	EXPECT_EQ(stats.hits, stats.armed);
	EXPECT_EQ(stats.ran, sum_.return_first.marks[0] + sum_.return_first.marks[1]);
	EXPECT_LE(sum_.return_first.marks[1], stats.returned);
	EXPECT_LE(stats.hits, sum_.return_first.calls);
	EXPECT_GT(stats.hits, 0u);
	(void)printf("%" PRIu64 " calls, %" PRIu64 " of them hits\n",
		sum_.entry_first.calls + sum_.return_first.calls,
		sum_.entry_first.marks[0] + stats.hits);
	(void)printf("%" PRIu64 " events, %" PRIu64 " lost\n", all.attempts, all.dropped);
}

TEST_F(HprobeSmp, CallsAreHitsOrUnarmed)
{
	RunAndCheck(1000000, 5000);
}

TEST_F(HprobeSmp, CallsOfPatchSitesAreHitsOrUnarmed)
{
	if (kIsTsan) {
		GTEST_SKIP() << "it does not see that a changed jump is what publishes a site";
	}
	entry_first_ = victim_site;
	return_first_ = victim_site_split;
	always_ = victim_site_endbr;
	RunAndCheck(1000000, 2500);
}

// Signals come at any instruction, in the middle of the handling of a hit too, as NMIs would. What
// their handler calls is probed as well.
class HprobeSignals : public HprobeSmp
{
      protected:
	static void OnSignal(int)
	{
		Call(victim_, in_signal_.calls, &in_signal_, &wrong_in_signal_);
		taken_++;
	}

	// Interrupts @thread again some time after it was interrupted.
	void Storm(pthread_t thread)
	{
		std::minstd_rand random(1);
		while (!is_done_) {
			uint64_t before = taken_;
			EXPECT_EQ(0, pthread_kill(thread, SIGUSR1));
			sent_++;
			while (taken_ == before && !is_done_) {
				std::this_thread::yield();
			}
			for (volatile uint32_t left = random() % 4096; left != 0;) {
				left = left - 1;
			}
		}
	}

	void RunAndCheckSignals(victim_fn *victim);

	static victim_fn *victim_;
	static Tally in_signal_;
	static uint64_t wrong_in_signal_;
	static std::atomic<uint64_t> taken_;
	std::atomic<bool> is_done_{false};
	std::atomic<uint64_t> sent_{0};
};

victim_fn *HprobeSignals::victim_;
Tally HprobeSignals::in_signal_;
uint64_t HprobeSignals::wrong_in_signal_;
std::atomic<uint64_t> HprobeSignals::taken_{0};

void HprobeSignals::RunAndCheckSignals(victim_fn *victim)
{
	victim_ = victim;
	in_signal_ = {};
	taken_ = wrong_in_signal_ = 0;
	constexpr uint64_t kCalls = 20000, kMissed = 20, kCallsMax = 1000000;
	constexpr size_t kProgramLength = 1000;
	if (kIsTsan) {
		GTEST_SKIP() << "it holds signals back, and handles them with SIGTRAP blocked";
	}
	struct sigaction action = {};
	action.sa_handler = OnSignal;
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, nullptr));
	const uint64_t address = AddressOf(victim_);
	// Long enough for many signals to come while it runs.
	axb_prog_id_t at_entry =
		Marker(AXB_PROG_TYPE_HPROBE, offsetof(axb_pt_regs_x86_64, r9), kProgramLength);
	ASSERT_EQ(AXB_OK, Attach(address, false, at_entry, true));
	ASSERT_EQ(AXB_OK, Attach(address, true, at_return_, true));
	std::thread storm([this, self = pthread_self()] { Storm(self); });
	Tally tally;
	uint64_t wrong = 0;
	uint64_t missed = 0;
	uint64_t handled = 0; // of those that the signals make
	for (uint64_t n = 0; n < kCallsMax && (n < kCalls || missed < kMissed || handled == 0);
		n++) {
		Call(victim_, n, &tally, &wrong);
		missed = n % 1024 == 0 ? Info(address).stats.missed : missed;
		handled = in_signal_.marks[0];
	}
	is_done_ = true;
	storm.join();
	EXPECT_NE(SIG_ERR, signal(SIGUSR1, SIG_DFL));
	Add(in_signal_, &tally);
	axb_hprobe_stats stats = Info(address).stats;
	EXPECT_EQ(0u, wrong + wrong_in_signal_);
	EXPECT_EQ(tally.calls, stats.hits);
	EXPECT_EQ(stats.hits, stats.handled + stats.missed);
	EXPECT_EQ(stats.handled, stats.armed + stats.no_instance);
	EXPECT_EQ(stats.armed, stats.returned);
	EXPECT_EQ(0u, stats.abandoned + stats.no_instance);
	EXPECT_EQ(stats.handled, tally.marks[0]);
	EXPECT_EQ(stats.returned, tally.marks[1]);
	EXPECT_GE(stats.missed, kMissed);
	EXPECT_GT(in_signal_.marks[0], 0u);
	(void)printf("%" PRIu64 " signals sent, %" PRIu64 " taken, %" PRIu64 " of them in a hit\n",
		sent_.load(), in_signal_.calls, stats.missed);
}

TEST_F(HprobeSignals, EachHitIsHandledOrMissed)
{
	RunAndCheckSignals(victim_marked);
}

TEST_F(HprobeSignals, EachHitOfAPatchSiteIsHandledOrMissed)
{
	RunAndCheckSignals(victim_site);
}

} // namespace
