// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Attaching and detaching while other CPUs run through the sites, in every order that matters: the
// text is memory of the test, the CPUs are state machines that may do a step whenever the text
// changes, and what they fetch is what the model of runtime/hooks/fake/text.h allows. A schedule is
// a seed, or one of all.
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
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
constexpr uint32_t kCpus = 3;

struct Victim {
	uint64_t address;
	std::vector<uint8_t> insn; // what is probed; RET follows
};

const std::vector<Victim> kVictims = {
	{kText, {0x55}},                                            // push %rbp
	{kText + 0x10, {0x48, 0x89, 0xf8}},                         // mov %rdi, %rax
	{kText + 0x20, {0x48, 0x8d, 0x05, 0x10, 0x00, 0x00, 0x00}}, // lea 16(%rip), %rax
	{kText + 0x30, {0xeb, 0x02}},                               // jmp .+4
};

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

// A CPU that runs through the probed functions.
class Cpu
{
      public:
	explicit Cpu(uint32_t id) : id_(id)
	{
	}

	bool IsBusy() const
	{
		return is_trapped_ || slot_ != 0;
	}

	// Any step that it could do now, or none.
	void Step(Schedule *schedule)
	{
		if (is_trapped_) {
			if (schedule->Choose(2) != 0) {
				TakeTrap();
			}
		} else if (slot_ != 0) {
			if (schedule->Choose(2) != 0) {
				RunSlot();
			}
		} else {
			uint32_t victim = schedule->Choose(1 + static_cast<uint32_t>(victims_));
			if (victim != 0) {
				Enter(kVictims[victim - 1], schedule);
			}
		}
	}

	void Finish()
	{
		while (IsBusy()) {
			if (is_trapped_) {
				TakeTrap();
			} else {
				RunSlot();
			}
		}
	}

	uint64_t hits = 0, plain = 0, retries = 0, wrong = 0;
	size_t victims_ = kVictims.size();

      private:
	using Fetches = std::vector<std::vector<uint8_t>>;

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

	void Enter(const Victim &victim, Schedule *schedule)
	{
		Fetches fetches = Fetch(victim.address, victim.insn.size());
		const std::vector<uint8_t> &bytes =
			fetches[schedule->Choose(static_cast<uint32_t>(fetches.size()))];
		if (bytes[0] == 0xcc) {
			is_trapped_ = true;
			pc_ = victim.address;
		} else {
			wrong += bytes != victim.insn;
			plain++;
		}
	}

	void TakeTrap()
	{
		axb_pt_regs_x86_64 regs = {};
		regs.rip = pc_ + 1;
		regs.rsp = reinterpret_cast<uintptr_t>(&stack_[8]);
		axb_trap trap = {};
		trap.kind = AXB_TRAP_BREAKPOINT;
		trap.origin = AXB_TRAP_HYPERVISOR;
		trap.pc = pc_;
		axb_fake_set_cpu(id_);
		axb_verdict verdict =
			axb_probe_dispatch(&trap, reinterpret_cast<axb_regs *>(&regs));
		axb_fake_set_cpu(0);
		// IRET synchronizes.
		axb_fake_text_synchronize(id_);
		is_trapped_ = false;
		switch (verdict) {
		case AXB_RESUME:
			hits++;
			Resume(regs);
			break;
		case AXB_RETRY:
			retries++;
			wrong += regs.rip != pc_;
			break;
		default:
			wrong++;
		}
	}

	void Resume(const axb_pt_regs_x86_64 &regs)
	{
		if (IsSlot(regs.rip)) {
			slot_ = regs.rip;
			memcpy(expected_, reinterpret_cast<void *>(slot_), sizeof(expected_));
			return;
		}
		// Simulated: the push and the jump.
		wrong += regs.rip != pc_ + 1 && regs.rip != pc_ + 4;
	}

	// The copy of the instruction is what it was when the CPU was sent there.
	void RunSlot()
	{
		Fetches fetches = Fetch(slot_, sizeof(expected_));
		wrong += fetches.size() != 1 ||
			 memcmp(fetches[0].data(), expected_, sizeof(expected_)) != 0;
		const Victim *victim = Find();
		wrong += victim == nullptr || !Holds(*victim);
		slot_ = 0;
	}

	const Victim *Find() const
	{
		for (const Victim &victim : kVictims) {
			if (victim.address == pc_) {
				return &victim;
			}
		}
		return nullptr;
	}

	// The same opcode; what is relative to the instruction was moved.
	bool Holds(const Victim &victim) const
	{
		size_t opcode = victim.insn.size() < 3 ? victim.insn.size() : 3;
		return memcmp(expected_, victim.insn.data(), opcode) == 0;
	}

	uint32_t id_;
	bool is_trapped_ = false;
	uint64_t pc_ = 0;
	uint64_t slot_ = 0;
	uint8_t expected_[16] = {};
	uint64_t stack_[16] = {};
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
		ASSERT_EQ(AXB_OK, axb_cpu_init());
		schedule_ = schedule;
		cpus_.clear();
		for (uint32_t id = 0; id < cpus; id++) {
			cpus_.emplace_back(id);
		}
		const axb_fake_text_config text = {1, cpus, reinterpret_cast<uint8_t *>(kText),
			kTextSize, reinterpret_cast<uint8_t *>(kSlots), kSlotsSize, Look, this,
			false};
		axb_fake_text_set(&text);
		axb_arena_init(&arena_, probe_memory_.data(), probe_memory_.size());
		ASSERT_EQ(AXB_OK, axb_hprobe_init(kCpus, &arena_));
	}

	// Adds up what happened.
	void End()
	{
		for (Cpu &cpu : cpus_) {
			cpu.Finish();
			hits_ += cpu.hits;
			plain_ += cpu.plain;
			retries_ += cpu.retries;
			wrong_ += cpu.wrong;
		}
		for (const Victim &victim : kVictims) {
			wrong_ += memcmp(reinterpret_cast<void *>(victim.address),
					  victim.insn.data(), 1) != 0 &&
				  !armed_[static_cast<size_t>(&victim - kVictims.data())];
		}
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

	// Hits that the sites counted themselves.
	static uint64_t Counted()
	{
		uint64_t hits = 0;
		uint32_t cursor = 0;
		axb_hprobe_info info;
		while (axb_hprobe_next(&cursor, &info)) {
			EXPECT_EQ(info.stats.hits, info.stats.handled + info.stats.missed);
			hits += info.stats.hits;
		}
		return hits;
	}

	static std::string blob_;
	std::vector<uint8_t> memory_, probe_memory_;
	axb_arena arena_ = {};
	Schedule *schedule_ = nullptr;
	std::vector<Cpu> cpus_;
	std::array<bool, 4> armed_ = {};
	uint64_t hits_ = 0, plain_ = 0, retries_ = 0, wrong_ = 0;
};

std::string HprobeModel::blob_;

// One CPU, one site: attach and detach, and every single thing that the CPU can do meanwhile.
TEST_F(HprobeModel, AttachAndDetachInEveryOrder)
{
	All all;
	uint32_t schedules = 0;
	do {
		Begin(&all, 1);
		cpus_[0].victims_ = 1;
		ASSERT_EQ(AXB_OK, Attach(0, false));
		ASSERT_EQ(AXB_OK, Detach(0, false));
		End();
		schedules++;
		ASSERT_EQ(0u, wrong_) << "schedule " << schedules;
	} while (all.Next());
	EXPECT_LT(100u, schedules);
	EXPECT_LT(0u, hits_);
	EXPECT_LT(0u, plain_);
	EXPECT_LT(0u, retries_);
	RecordProperty("schedules", static_cast<int>(schedules));
}

// The slot of an address holds the instruction that was there first.
TEST_F(HprobeModel, RefusesAnotherInstructionThanBefore)
{
	Chance chance(1);
	Begin(&chance, 1);
	auto *text = reinterpret_cast<uint8_t *>(kVictims[1].address);
	ASSERT_EQ(AXB_OK, Attach(1, false));
	ASSERT_EQ(AXB_OK, Detach(1, false));
	text[2] ^= 1;
	EXPECT_EQ(AXB_ERR_REJECTED, Attach(1, false));
	text[2] ^= 1;
	EXPECT_EQ(AXB_OK, Attach(1, false));
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
		// Before the slot is written, which is before the site is linked.
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
	EXPECT_EQ(AXB_RETRY, once.late.End());
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

// All CPUs, all sites, entry and return probes, by chance.
TEST_F(HprobeModel, AttachAndDetachByChance)
{
	for (uint32_t seed = 1; seed <= 20; seed++) {
		Chance chance(seed);
		std::mt19937 random(seed);
		bool attached[4][2] = {};
		Begin(&chance, kCpus - 1);
		for (uint32_t i = 0; i < 500; i++) {
			size_t victim = random() % kVictims.size();
			bool is_return = random() % 4 == 0 && victim != 0;
			bool &is_attached = attached[victim][is_return];
			ASSERT_EQ(AXB_OK, is_attached ? Detach(victim, is_return)
						      : Attach(victim, is_return));
			is_attached = !is_attached;
			armed_[victim] = attached[victim][0] || attached[victim][1];
		}
		for (Cpu &cpu : cpus_) {
			cpu.Finish();
		}
		EXPECT_LE(Counted(), cpus_[0].hits + cpus_[1].hits);
		End();
		ASSERT_EQ(0u, wrong_) << "seed " << seed;
	}
	EXPECT_LT(1000u, hits_);
	EXPECT_LT(1000u, plain_);
	EXPECT_LT(10u, retries_);
}

} // namespace
