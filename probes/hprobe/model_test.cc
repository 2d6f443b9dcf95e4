// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Attaching and detaching while other CPUs run through the sites, in every order that matters: the
// text is memory of the test, the CPUs are state machines that may do a step whenever the text
// changes, and what they fetch is what the model of runtime/hooks/fake/text.h allows. A schedule is
// a seed, or one of all.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "gtest/gtest.h"
#include "probes/core/dispatch.h"
#include "probes/hprobe/hprobe.h"
#include "probes/insn/step.h"
#include "runtime/base/arena.h"
#include "runtime/event/event.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/hooks/fake/text.h"
#include "runtime/init/init.h"

namespace
{

// As in victims.nm.
constexpr uint64_t kText = 0x10000000;
constexpr size_t kTextSize = 0x40;
constexpr uint64_t kSlots = kText + 0x1000;
constexpr size_t kSlotsSize = 0x200;
// Of axebpf: those that call, and the one that attaches.
constexpr uint32_t kCpus = 5;
constexpr uint32_t kAttacher = kCpus - 1;

struct Victim {
	uint64_t address;
	std::vector<uint8_t> insn; // what is probed; RET follows
};

const std::vector<Victim> kVictims = {
	{kText, {0x55}},                                            // push %rbp
	{kText + 0x10, {0x48, 0x89, 0xf8}},                         // mov %rdi, %rax
	{kText + 0x20, {0x48, 0x8d, 0x05, 0x10, 0x00, 0x00, 0x00}}, // lea 16(%rip), %rax
	{kText + 0x30, {0xeb, 0x02}},                               // jmp .+4
	{kText + 0x38, {0x0f, 0x1f, 0x44, 0x00, 0x00}},             // a patch site
};
constexpr size_t kVictimCount = 5;
constexpr uint64_t kPatchSites[] = {kText + 0x38};

// What the stub of a patch site calls, and where functions whose return is waited for return to.
extern "C" uint64_t hprobe_on_site(void *site, axb_regs *regs);
extern "C" uint64_t hprobe_on_return(axb_regs *regs);
extern "C" const uint8_t hprobe_return_stub[];
constexpr size_t kStubSize = 24, kStubSite = 16;

bool IsSlot(uint64_t pc)
{
	return pc - kSlots < kSlotsSize;
}

// What a CPU does next, of a number of possibilities: by a list that is counted through, then by
// chance or not at all.
class Schedule
{
      public:
	virtual ~Schedule() = default;
	virtual uint32_t Choose(uint32_t of) = 0;
};

class Chance : public Schedule
{
      public:
	explicit Chance(uint32_t seed) : random_(seed)
	{
	}
	uint32_t Choose(uint32_t of) override
	{
		return static_cast<uint32_t>(random_() % of);
	}

      private:
	std::mt19937 random_;
};

// All sequences of choices, one after the other.
class All : public Schedule
{
      public:
	uint32_t Choose(uint32_t of) override
	{
		if (at_ == taken_.size()) {
			taken_.push_back({0, of});
		}
		return taken_[at_++].first;
	}
	// @return false when there is no further one.
	bool Next()
	{
		at_ = 0;
		while (!taken_.empty() && taken_.back().first + 1 == taken_.back().second) {
			taken_.pop_back();
		}
		if (taken_.empty()) {
			return false;
		}
		taken_.back().first++;
		return true;
	}

      private:
	std::vector<std::pair<uint32_t, uint32_t>> taken_;
	size_t at_ = 0;
};

// A CPU that calls the probed functions, also from within each other, and returns from them.
class Cpu
{
      public:
	explicit Cpu(uint32_t id) : id_(id)
	{
	}

	// Any step that it could do now, or none.
	void Step(Schedule *schedule)
	{
		bool may_call = frames_.size() < max_depth && calls_left != 0;
		uint32_t calls = may_call ? static_cast<uint32_t>(victims) : 0;
		uint32_t returns = frames_.empty() ? 0 : 1;
		if (state_ != kRunning) {
			if (schedule->Choose(2) != 0) {
				GoOn(schedule);
			}
			return;
		}
		uint32_t step = schedule->Choose(1 + returns + calls);
		if (step > returns) {
			calls_left--;
			Call(kVictims[first + step - returns - 1]);
			GoOn(schedule);
		} else if (step != 0) {
			Return();
		}
	}

	// Until nothing is under way.
	void Finish(Schedule *schedule)
	{
		while (state_ != kRunning || !frames_.empty()) {
			if (state_ == kRunning) {
				Return();
			} else {
				GoOn(schedule);
			}
		}
	}

	uint64_t hits = 0, returns = 0, plain = 0, retries = 0, wrong = 0;
	size_t first = 0, victims = kVictims.size(), max_depth = 3, calls_left = SIZE_MAX;

      private:
	using Fetches = std::vector<std::vector<uint8_t>>;
	enum State { kRunning, kFetch, kTrapped, kSlot, kStub };
	struct Frame {
		const Victim *victim;
		uint64_t *sp; // where the return address is
	};

	static bool Add(void *cookie, const uint8_t *bytes, size_t size)
	{
		static_cast<Fetches *>(cookie)->emplace_back(bytes, bytes + size);
		return true;
	}

	Fetches Fetch(uint64_t address, size_t size) const
	{
		Fetches fetches;
		axb_fake_text_fetch(id_, address, size, Add, &fetches);
		return fetches;
	}

	void Call(const Victim &victim)
	{
		uint64_t *sp = stack_.data() + stack_.size() - 8 * (frames_.size() + 1);
		*sp = Caller();
		frames_.push_back({&victim, sp});
		state_ = kFetch;
	}

	// Where the innermost function will return to: another place for each depth.
	uint64_t Caller() const
	{
		return 0x1234 + frames_.size();
	}

	void GoOn(Schedule *schedule)
	{
		switch (state_) {
		case kFetch:
			return Enter(schedule);
		case kTrapped:
			return TakeTrap();
		case kSlot:
			return RunSlot();
		case kStub:
			return RunStub();
		default:
			wrong++;
		}
	}

	// What follows a breakpoint makes no difference.
	static void KeepOneBreakpoint(Fetches *fetches)
	{
		auto is_breakpoint = [](const std::vector<uint8_t> &b) { return b[0] == 0xcc; };
		auto first = std::find_if(fetches->begin(), fetches->end(), is_breakpoint);
		if (first != fetches->end()) {
			auto rest = std::remove_if(first + 1, fetches->end(), is_breakpoint);
			fetches->erase(rest, fetches->end());
		}
	}

	void Enter(Schedule *schedule)
	{
		const Victim &victim = *frames_.back().victim;
		Fetches fetches = Fetch(victim.address, victim.insn.size());
		KeepOneBreakpoint(&fetches);
		const std::vector<uint8_t> &bytes =
			fetches[schedule->Choose(static_cast<uint32_t>(fetches.size()))];
		if (bytes[0] == 0xcc) {
			state_ = kTrapped;
		} else if (bytes[0] == 0xe9 && bytes.size() == 5) {
			int32_t distance;
			memcpy(&distance, &bytes[1], sizeof(distance));
			slot_ = victim.address + 5 + static_cast<int64_t>(distance);
			wrong += !IsSlot(slot_) || (slot_ - kSlots) % AXB_SLOT_SIZE != 0;
			state_ = kStub;
		} else {
			wrong += bytes != victim.insn;
			plain++;
			state_ = kRunning;
		}
	}

	// Does what follows until Came() meet a probe? Then it emits an event, or waits for the
	// return.
	void Expect()
	{
		attempts_ = Attempts();
		is_waited_for_ =
			*frames_.back().sp == reinterpret_cast<uintptr_t>(hprobe_return_stub);
	}
	bool Came() const
	{
		bool waits = *frames_.back().sp == reinterpret_cast<uintptr_t>(hprobe_return_stub);
		return Attempts() != attempts_ || waits != is_waited_for_;
	}
	uint64_t Attempts() const
	{
		struct axb_event_stats stats;
		axb_event_stats(id_, &stats);
		return stats.attempts;
	}

	axb_verdict Trap(uint64_t pc, const uint64_t *sp, axb_pt_regs_x86_64 *regs)
	{
		*regs = {};
		regs->rip = pc + 1;
		regs->rsp = reinterpret_cast<uintptr_t>(sp);
		axb_trap trap = {};
		trap.kind = AXB_TRAP_BREAKPOINT;
		trap.origin = AXB_TRAP_HYPERVISOR;
		trap.pc = pc;
		axb_fake_set_cpu(id_);
		axb_verdict verdict = axb_probe_dispatch(&trap, reinterpret_cast<axb_regs *>(regs));
		axb_fake_set_cpu(kAttacher);
		// IRET synchronizes.
		axb_fake_text_synchronize(id_);
		return verdict;
	}

	void TakeTrap()
	{
		axb_pt_regs_x86_64 regs;
		uint64_t pc = frames_.back().victim->address;
		Expect();
		switch (Trap(pc, frames_.back().sp, &regs)) {
		case AXB_RESUME:
			hits += Came();
			Resume(regs);
			break;
		case AXB_RETRY:
			retries++;
			wrong += regs.rip != pc;
			state_ = kFetch;
			break;
		default:
			wrong++;
			state_ = kRunning;
		}
	}

	void Resume(const axb_pt_regs_x86_64 &regs)
	{
		uint64_t pc = frames_.back().victim->address;
		if (IsSlot(regs.rip)) {
			slot_ = regs.rip;
			memcpy(expected_, reinterpret_cast<void *>(slot_), sizeof(expected_));
			state_ = kSlot;
			return;
		}
		// Simulated: the push and the jump; or behind the patch site.
		wrong += regs.rip != pc + 1 && regs.rip != pc + 4 && regs.rip != pc + 5;
		state_ = kRunning;
	}

	// A jump has led here: the stub is whole, and calls.
	void RunStub()
	{
		Fetches fetches = Fetch(slot_, kStubSize);
		wrong += fetches.size() != 1 || fetches[0][0] != 0xe8 || fetches[0][5] != 0xe9;
		void *site;
		memcpy(&site, &fetches[0][kStubSite], sizeof(site));
		axb_pt_regs_x86_64 regs = {};
		regs.rsp = reinterpret_cast<uintptr_t>(frames_.back().sp);
		axb_fake_set_cpu(id_);
		Expect();
		wrong += hprobe_on_site(site, reinterpret_cast<axb_regs *>(&regs)) != 0;
		axb_fake_set_cpu(kAttacher);
		hits += Came();
		state_ = kRunning;
	}

	// The copy of the instruction is what it was when the CPU was sent there.
	void RunSlot()
	{
		Fetches fetches = Fetch(slot_, sizeof(expected_));
		wrong += fetches.size() != 1 ||
			 memcmp(fetches[0].data(), expected_, sizeof(expected_)) != 0;
		wrong += !Holds(*frames_.back().victim);
		state_ = kRunning;
	}

	// The same opcode; what is relative to the instruction was moved.
	bool Holds(const Victim &victim) const
	{
		size_t opcode = victim.insn.size() < 3 ? victim.insn.size() : 3;
		return memcmp(expected_, victim.insn.data(), opcode) == 0;
	}

	// To the caller, by way of the stub for returns when a probe waits for this one.
	void Return()
	{
		uint64_t *sp = frames_.back().sp;
		uint64_t to = *sp;
		frames_.pop_back();
		if (to == reinterpret_cast<uintptr_t>(hprobe_return_stub)) {
			axb_pt_regs_x86_64 regs = {};
			regs.rsp = reinterpret_cast<uintptr_t>(sp + 1);
			axb_fake_set_cpu(id_);
			to = hprobe_on_return(reinterpret_cast<axb_regs *>(&regs));
			axb_fake_set_cpu(kAttacher);
			returns++;
		}
		wrong += to != Caller();
	}

	uint32_t id_;
	State state_ = kRunning;
	std::vector<Frame> frames_;
	uint64_t slot_ = 0;
	uint64_t attempts_ = 0;
	bool is_waited_for_ = false;
	uint8_t expected_[16] = {};
	std::array<uint64_t, 64> stack_ = {};
};

class HprobeModel : public testing::Test
{
      protected:
	static void SetUpTestSuite()
	{
		void *at = mmap(reinterpret_cast<void *>(kText), 0x2000, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		ASSERT_EQ(at, reinterpret_cast<void *>(kText));
		std::ifstream file("probes/hprobe/victims_blob", std::ios::binary);
		blob_.assign(std::istreambuf_iterator<char>(file), {});
	}

	void SetUp() override
	{
		axb_fake_reset();
		axb_fake_set_cpu_count(kCpus);
		memory_.assign(8 << 20, 0);
		probe_memory_.assign(axb_hprobe_memory_size(kCpus), 0);
	}

	// Everything as after boot, and CPUs that have done nothing.
	void Begin(Schedule *schedule, uint32_t cpus)
	{
		axb_config config = {};
		config.memory = memory_.data();
		config.memory_size = memory_.size();
		config.event.ring_events = 16;
		config.event.recent_events = 16;
		config.helpers = &axb_helpers_standard;
		axb_init_error why = {};
		memset(reinterpret_cast<void *>(kText), 0xc3, kTextSize);
		for (const Victim &victim : kVictims) {
			memcpy(reinterpret_cast<void *>(victim.address), victim.insn.data(),
				victim.insn.size());
		}
		axb_fake_add_readable(reinterpret_cast<void *>(kText), kTextSize);
		ASSERT_EQ(AXB_OK,
			axb_init_with_symbols(&config, axb_bytes_of(blob_.data(), blob_.size()),
				kText, kText + kTextSize, &why))
			<< why.what;
		for (uint32_t id = 0; id < kCpus; id++) {
			axb_fake_set_cpu(id);
			ASSERT_EQ(AXB_OK, axb_cpu_init());
		}
		schedule_ = schedule;
		cpus_.clear();
		for (uint32_t id = 0; id < cpus; id++) {
			cpus_.emplace_back(id);
		}
		text_ = {1, cpus, reinterpret_cast<uint8_t *>(kText), kTextSize,
			reinterpret_cast<uint8_t *>(kSlots), kSlotsSize, Look, this, false,
			kPatchSites, 1};
		axb_fake_text_set(&text_);
		axb_arena_init(&arena_, probe_memory_.data(), probe_memory_.size());
		ASSERT_EQ(AXB_OK, axb_hprobe_init(kCpus, &arena_));
	}

	// Lets what is under way come to its end, adds up what happened, and compares it with what
	// the sites counted.
	void End()
	{
		uint64_t hits = 0, returns = 0;
		for (Cpu &cpu : cpus_) {
			cpu.Finish(schedule_);
			hits += cpu.hits;
			returns += cpu.returns;
			plain_ += cpu.plain;
			retries_ += cpu.retries;
			wrong_ += cpu.wrong;
		}
		for (const Victim &victim : kVictims) {
			wrong_ += memcmp(reinterpret_cast<void *>(victim.address),
					  victim.insn.data(), 1) != 0 &&
				  !armed_[static_cast<size_t>(&victim - kVictims.data())];
		}
		cpus_.clear();
		Compare(hits, returns);
		hits_ += hits;
		returns_ += returns;
		axb_hprobe_deinit();
		axb_deinit();
	}

	static void Look(void *cookie)
	{
		auto *self = static_cast<HprobeModel *>(cookie);
		for (Cpu &cpu : self->cpus_) {
			cpu.Step(self->schedule_);
		}
	}

	axb_status Attach(size_t victim, bool is_return)
	{
		axb_hprobe_error why;
		axb_hprobe_config config = {};
		config.address = kVictims[victim].address;
		config.is_return = is_return;
		return axb_hprobe_attach(&config, &why);
	}
	static axb_status Detach(size_t victim, bool is_return)
	{
		return axb_hprobe_detach(kVictims[victim].address, is_return, {});
	}

	// Nothing is under way. Sites show their numbers while they are armed.
	void Compare(uint64_t hits, uint64_t returns)
	{
		axb_hprobe_stats sum = {};
		uint32_t cursor = 0;
		axb_hprobe_info info;
		for (size_t victim = 0; victim < kVictims.size(); victim++) {
			axb_status st = Attach(victim, false);
			EXPECT_TRUE(st == AXB_OK || st == AXB_ERR_EXISTS);
		}
		while (axb_hprobe_next(&cursor, &info)) {
			EXPECT_EQ(info.stats.hits, info.stats.handled + info.stats.missed);
			EXPECT_EQ(0u, info.stats.missed + info.stats.abandoned);
			EXPECT_EQ(0u, info.stats.no_instance);
			EXPECT_EQ(info.stats.armed, info.stats.returned);
			sum.hits += info.stats.hits;
			sum.returned += info.stats.returned;
		}
		EXPECT_EQ(hits, sum.hits);
		EXPECT_EQ(returns, sum.returned);
	}

	// The CPU does things while a probe is attached, or while it is detached.
	void InEveryOrder(size_t victim, bool is_return, bool during_attach)
	{
		All all;
		uint32_t schedules = 0;
		do {
			Begin(&all, 1);
			cpus_[0].first = victim;
			cpus_[0].max_depth = 1;
			cpus_[0].calls_left = victim == 4 ? 1 : 2;
			cpus_[0].victims = during_attach ? 1 : 0;
			ASSERT_EQ(AXB_OK, Attach(victim, is_return));
			cpus_[0].victims = during_attach ? 0 : 1;
			ASSERT_EQ(AXB_OK, Detach(victim, is_return));
			End();
			schedules++;
			ASSERT_EQ(0u, wrong_) << "victim " << victim << " schedule " << schedules;
		} while (all.Next());
		EXPECT_LT(5u, schedules);
		(void)printf("victim %zu: %u schedules\n", victim, schedules);
	}

	static std::string blob_;
	axb_fake_text_config text_ = {};
	std::vector<uint8_t> memory_, probe_memory_;
	axb_arena arena_ = {};
	Schedule *schedule_ = nullptr;
	std::vector<Cpu> cpus_;
	std::array<bool, kVictimCount> armed_ = {};
	uint64_t hits_ = 0, returns_ = 0, plain_ = 0, retries_ = 0, wrong_ = 0;
};

std::string HprobeModel::blob_;

// One CPU, one site: attach and detach, and all that the CPU can do meanwhile in two calls (at a
// patch site, which changes in more steps: in one).
TEST_F(HprobeModel, AttachAndDetachInEveryOrder)
{
	for (size_t victim : {size_t{0}, size_t{4}}) {
		for (bool is_return : {false, true}) {
			InEveryOrder(victim, is_return, true);
			InEveryOrder(victim, is_return, false);
		}
	}
	EXPECT_LT(0u, hits_);
	EXPECT_LT(0u, returns_);
	EXPECT_LT(0u, plain_);
	EXPECT_LT(0u, retries_);
}

// An address whose instruction has become another one gets another site: somebody might still be
// in the slot of the first.
TEST_F(HprobeModel, AnotherInstructionGetsAnotherSlot)
{
	Chance chance(1);
	Begin(&chance, 1);
	auto *text = reinterpret_cast<uint8_t *>(kVictims[1].address);
	uint8_t slot[8];
	ASSERT_EQ(AXB_OK, Attach(1, false));
	ASSERT_EQ(AXB_OK, Detach(1, false));
	memcpy(slot, reinterpret_cast<void *>(kSlots), sizeof(slot));
	text[2] ^= 1;
	ASSERT_EQ(AXB_OK, Attach(1, false));
	EXPECT_EQ(0, memcmp(slot, reinterpret_cast<void *>(kSlots), sizeof(slot)));
	EXPECT_EQ(text[2], reinterpret_cast<uint8_t *>(kSlots)[AXB_SLOT_SIZE + 2]);
	ASSERT_EQ(AXB_OK, Detach(1, false));
	text[2] ^= 1;
	ASSERT_EQ(AXB_OK, Attach(1, false));
	End();
}

// Slots of removed probes are used again when every CPU has said that it is in none.
TEST_F(HprobeModel, SlotsAreUsedAgainAfterQuiescence)
{
	Chance chance(1);
	Begin(&chance, 0);
	auto *text = reinterpret_cast<uint8_t *>(kVictims[1].address);
	for (size_t i = 0; i < kSlotsSize / AXB_SLOT_SIZE; i++) {
		text[2] = static_cast<uint8_t>(0xc0 + i); // MOV of other registers each time
		ASSERT_EQ(AXB_OK, Attach(1, false));
		ASSERT_EQ(AXB_OK, Detach(1, false));
	}
	text[2] = 0xff;
	EXPECT_EQ(AXB_ERR_LIMIT, Attach(1, false));
	for (uint32_t id = 0; id < kCpus; id++) {
		EXPECT_EQ(AXB_ERR_LIMIT, Attach(1, false));
		axb_fake_set_cpu(id);
		axb_hprobe_quiescent();
		axb_fake_set_cpu(kAttacher);
	}
	EXPECT_EQ(AXB_OK, Attach(1, false));
	EXPECT_EQ(AXB_OK, Detach(1, false));
	text[2] = 0xf8;
	End();
}

// Several at once: none when one cannot be written, and as many synchronizations as for one.
TEST_F(HprobeModel, TransactionsAreOneStep)
{
	Chance chance(1);
	std::string logs[2];
	for (bool all : {false, true}) {
		Begin(&chance, 0);
		axb_hprobe_error why;
		axb_hprobe_begin();
		for (size_t victim = all ? 0 : 4; victim < kVictims.size(); victim++) {
			axb_hprobe_config config = {};
			config.address = kVictims[victim].address;
			ASSERT_EQ(AXB_OK, axb_hprobe_add(&config, &why));
		}
		for (const Victim &victim : kVictims) {
			EXPECT_EQ(0, memcmp(reinterpret_cast<void *>(victim.address),
					     victim.insn.data(), victim.insn.size()));
		}
		ASSERT_EQ(AXB_OK, axb_hprobe_commit(&why));
		logs[all] = axb_fake_text_log();
		End();
	}
	auto syncs = [](const std::string &log) {
		size_t count = 0;
		for (size_t at = 0; (at = log.find("sync", at)) != std::string::npos; at++) {
			count++;
		}
		return count;
	};
	EXPECT_EQ(syncs(logs[0]), syncs(logs[1])) << logs[0] << "\n" << logs[1];
	EXPECT_NE(logs[0], logs[1]);
}

TEST_F(HprobeModel, TransactionsAreAllOrNothing)
{
	Chance chance(1);
	Begin(&chance, 0);
	axb_hprobe_error why;
	axb_hprobe_config config = {};
	axb_hprobe_begin();
	config.address = kVictims[0].address;
	ASSERT_EQ(AXB_OK, axb_hprobe_add(&config, &why));
	config.address = kVictims[4].address;
	ASSERT_EQ(AXB_OK, axb_hprobe_add(&config, &why));
	axb_fake_text_config refusing = text_;
	refusing.text_size = 0x38; // the patch site lies behind
	axb_fake_text_set(&refusing);
	EXPECT_EQ(AXB_ERR_FAULT, axb_hprobe_commit(&why));
	EXPECT_STREQ("the text cannot be written", why.what);
	axb_fake_text_set(&text_);
	for (size_t victim : {0, 4}) {
		EXPECT_EQ(0, memcmp(reinterpret_cast<void *>(kVictims[victim].address),
				     kVictims[victim].insn.data(), kVictims[victim].insn.size()));
		EXPECT_EQ(AXB_ERR_NOT_FOUND, Detach(victim, false));
	}
	End();
}

// A CPU that was sent to the handler by a breakpoint of before finds no site; then the probe comes
// back, and the CPU finds its breakpoint in the text.
class Latecomer
{
      public:
	void Begin(uint64_t pc)
	{
		pc_ = pc;
		thread_ = std::thread([this] { TakeTrap(); });
		while (!is_looking_) {
			std::this_thread::yield();
		}
	}
	axb_verdict End()
	{
		may_go_on_ = true;
		thread_.join();
		return verdict_;
	}

      private:
	void TakeTrap()
	{
		axb_pt_regs_x86_64 regs = {};
		regs.rip = pc_ + 1;
		axb_trap trap = {};
		trap.kind = AXB_TRAP_BREAKPOINT;
		trap.origin = AXB_TRAP_HYPERVISOR;
		trap.pc = pc_;
		axb_fake_set_cpu(1);
		axb_fake_trap_at_copy(Look, this);
		verdict_ = axb_probe_dispatch(&trap, reinterpret_cast<axb_regs *>(&regs));
		is_looking_ = true; // or it never will
	}

	static void Look(void *cookie)
	{
		auto *self = static_cast<Latecomer *>(cookie);
		self->is_looking_ = true;
		while (!self->may_go_on_) {
			std::this_thread::yield();
		}
	}

	uint64_t pc_ = 0;
	std::thread thread_;
	std::atomic<bool> is_looking_{false}, may_go_on_{false};
	axb_verdict verdict_ = AXB_RESUME;
};

TEST_F(HprobeModel, ProbeComesBackUnderALateHit)
{
	class Once : public Schedule
	{
	      public:
		// Before the slot is written, which is before the site is linked: it is a hit of
		// the probe that is there by then.
		uint32_t Choose(uint32_t) override
		{
			if (is_attaching && !has_begun) {
				has_begun = true;
				late.Begin(kVictims[1].address);
			}
			return 0;
		}
		Latecomer late;
		bool is_attaching = false, has_begun = false;
	};
	Once once;
	Begin(&once, 1);
	once.is_attaching = true;
	ASSERT_EQ(AXB_OK, Attach(1, false));
	ASSERT_TRUE(once.has_begun);
	EXPECT_EQ(0xcc, *reinterpret_cast<uint8_t *>(kVictims[1].address));
	EXPECT_EQ(AXB_RESUME, once.late.End());
	cpus_[0].hits++;
	ASSERT_EQ(AXB_OK, Detach(1, false));
	End();
}

// A breakpoint that nobody has attached is somebody else's.
TEST_F(HprobeModel, ForeignBreakpointIsNotOurs)
{
	Chance chance(1);
	Begin(&chance, 1);
	ASSERT_EQ(AXB_OK, Attach(0, false));
	*reinterpret_cast<uint8_t *>(kVictims[1].address) = 0xcc;
	Latecomer foreign;
	foreign.Begin(kVictims[1].address);
	EXPECT_EQ(AXB_NOT_OURS, foreign.End());
	memcpy(reinterpret_cast<void *>(kVictims[1].address), kVictims[1].insn.data(),
		kVictims[1].insn.size());
	ASSERT_EQ(AXB_OK, Detach(0, false));
	End();
}

// Four CPUs, all sites, entry and return probes, by chance.
TEST_F(HprobeModel, AttachAndDetachByChance)
{
	for (uint32_t seed = 1; seed <= 20; seed++) {
		Chance chance(seed);
		std::mt19937 random(seed);
		bool attached[kVictimCount][2] = {};
		Begin(&chance, kCpus - 1);
		for (uint32_t i = 0; i < 500; i++) {
			size_t victim = random() % kVictims.size();
			bool is_return = random() % 2 == 0;
			bool &is_attached = attached[victim][is_return];
			ASSERT_EQ(AXB_OK, is_attached ? Detach(victim, is_return)
						      : Attach(victim, is_return));
			is_attached = !is_attached;
			armed_[victim] = attached[victim][0] || attached[victim][1];
		}
		End();
		ASSERT_EQ(0u, wrong_) << "seed " << seed;
	}
	EXPECT_LT(10000u, hits_);
	EXPECT_LT(5000u, returns_);
	EXPECT_LT(5000u, plain_);
	EXPECT_LT(10u, retries_);
	(void)printf("%" PRIu64 " hits, %" PRIu64 " returns, %" PRIu64 " calls without, %" PRIu64
		     " late\n",
		hits_, returns_, plain_, retries_);
}

} // namespace
