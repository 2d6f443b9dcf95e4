// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Defects of the original's probes on itself: each test would have shown one. What needs
// instructions to be executed is in platforms/host/hprobe_upstream_check.cc.
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/event_gen.h"
#include "gtest/gtest.h"
#include "probes/core/dispatch.h"
#include "probes/hprobe/hprobe.h"
#include "probes/insn/aarch64/step.h"
#include "probes/insn/step.h"
#include "runtime/base/arena.h"
#include "runtime/base/limits.h"
#include "runtime/event/event.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/hooks/fake/text.h"
#include "runtime/init/init.h"

// Where functions whose return is waited for return to, and what that calls.
extern "C" const uint8_t hprobe_return_stub[];
extern "C" uint64_t hprobe_on_return(axb_regs *regs);

namespace
{

// As in victims.nm: functions of one instruction and a return.
constexpr uint64_t kText = 0x10000000;
constexpr size_t kTextSize = 0x40;
constexpr uint64_t kSlots = kText + 0x1000;
constexpr size_t kSlotsSize = 0x200;
constexpr uint64_t kMov = kText + 0x10;
constexpr uint64_t kJump = kText + 0x30;
constexpr uint32_t kCpus = 16;
constexpr uint64_t kCaller = 0x1234;

class HprobeUpstream : public testing::Test
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
		memset(reinterpret_cast<void *>(kText), 0xc3, kTextSize);
		memcpy(reinterpret_cast<void *>(kMov), "\x48\x89\xf8", 3); // mov %rdi, %rax
		memcpy(reinterpret_cast<void *>(kJump), "\xeb\x02", 2);    // jmp .+4
		axb_fake_add_readable(reinterpret_cast<void *>(kText), kTextSize);
		memory_.assign(16 << 20, 0);
		probe_memory_.assign(axb_hprobe_memory_size(kCpus), 0);
		axb_config config = {};
		config.memory = memory_.data();
		config.memory_size = memory_.size();
		config.helpers = &axb_helpers_standard;
		axb_init_error why = {};
		ASSERT_EQ(AXB_OK,
			axb_init_with_symbols(&config, axb_bytes_of(blob_.data(), blob_.size()),
				kText, kText + kTextSize, &why))
			<< why.what;
		const axb_fake_text_config text = {1, 1, reinterpret_cast<uint8_t *>(kText),
			kTextSize, reinterpret_cast<uint8_t *>(kSlots), kSlotsSize, nullptr,
			nullptr, false, nullptr, 0};
		axb_fake_text_set(&text);
		axb_arena_init(&arena_, probe_memory_.data(), probe_memory_.size());
		ASSERT_EQ(AXB_OK, axb_hprobe_init(kCpus, &arena_));
	}

	void TearDown() override
	{
		axb_hprobe_deinit();
		axb_deinit();
	}

	static axb_status Attach(uint64_t address, bool is_return)
	{
		axb_hprobe_error why;
		axb_hprobe_config config = {};
		config.address = address;
		config.is_return = is_return;
		return axb_hprobe_attach(&config, &why);
	}

	static axb_hprobe_stats Stats(uint64_t address)
	{
		uint32_t cursor = 0;
		axb_hprobe_info info;
		while (axb_hprobe_next(&cursor, &info)) {
			if (info.address == address) {
				return info.stats;
			}
		}
		ADD_FAILURE() << "no probe there";
		return {};
	}

	// The breakpoint at @pc on this thread's CPU; @sp is the stack pointer.
	static axb_verdict Trap(uint64_t pc, const uint64_t *sp, axb_pt_regs_x86_64 *regs)
	{
		*regs = {};
		regs->rip = pc + 1;
		regs->rsp = reinterpret_cast<uintptr_t>(sp);
		axb_trap trap = {};
		trap.kind = AXB_TRAP_BREAKPOINT;
		trap.origin = AXB_TRAP_HYPERVISOR;
		trap.pc = pc;
		return axb_probe_dispatch(&trap, reinterpret_cast<axb_regs *>(regs));
	}

	// The return to @to, from where the stack pointer was @sp: where it goes on.
	static uint64_t Return(uint64_t to, const uint64_t *sp)
	{
		axb_pt_regs_x86_64 regs = {};
		if (to != reinterpret_cast<uintptr_t>(hprobe_return_stub)) {
			return to;
		}
		regs.rsp = reinterpret_cast<uintptr_t>(sp + 1);
		return hprobe_on_return(reinterpret_cast<axb_regs *>(&regs));
	}

	// A call of the function at @pc and its return; false when it went wrong.
	static bool CallAndReturn(uint64_t pc)
	{
		uint64_t stack[2] = {kCaller};
		axb_pt_regs_x86_64 regs;
		if (Trap(pc, stack, &regs) != AXB_RESUME) {
			return false;
		}
		return Return(stack[0], stack) == kCaller;
	}

	static std::string blob_;
	std::vector<uint8_t> memory_, probe_memory_;
	axb_arena arena_ = {};
};

std::string HprobeUpstream::blob_;

// D1: an instruction that depends on its address was run as it is, at another address.
TEST(HprobeUpstreamPlan, D1_NoPcRelativeInstructionRunsElsewhere)
{
	const uint32_t words[] = {
		0x10000080, // adr x0, .+16
		0x90000000, // adrp x0, .
		0x14000004, // b .+16
		0x94000004, // bl .+16
		0x54000080, // b.eq .+16
		0xb4000080, // cbz x0, .+16
		0x36000080, // tbz w0, #0, .+16
		0x58000080, // ldr x0, .+16
		0x98000080, // ldrsw x0, .+16
		0xd65f03c0, // ret
		0xd63f0000, // blr x0
	};
	for (uint32_t word : words) {
		axb_step step = {};
		axb_a64_step(&word, 0, &step);
		EXPECT_EQ(AXB_STEP_SIMULATE, step.kind) << std::hex << word;
	}
}

// D2: the breakpoint was there before the instructions that its hits go on with.
TEST_F(HprobeUpstream, D2_SlotIsWrittenBeforeTheBreakpoint)
{
	ASSERT_EQ(AXB_OK, Attach(kMov, false));
	std::string log = axb_fake_text_log();
	size_t slot = log.find("slot 0+");
	size_t breakpoint = log.find("write 16+");
	ASSERT_NE(std::string::npos, slot) << log;
	ASSERT_NE(std::string::npos, breakpoint) << log;
	EXPECT_LT(slot, breakpoint) << log;
}

// D3: text was stored to as data, and no other CPU was told.
TEST_F(HprobeUpstream, D3_EveryChangeOfTextIsOneByteAndSynchronized)
{
	ASSERT_EQ(AXB_OK, Attach(kMov, false));
	std::string log = axb_fake_text_log();
	size_t before = log.size();
	EXPECT_NE(std::string::npos, log.find("write 16+1; sync; ")) << log;
	ASSERT_EQ(AXB_OK, axb_hprobe_detach(kMov, false, {}));
	EXPECT_EQ("write 16+1; sync; ", std::string(axb_fake_text_log()).substr(before));
	EXPECT_EQ(0, memcmp(reinterpret_cast<void *>(kMov), "\x48\x89\xf8", 3));
}

// D4: a lock over the handling of a hit. What the handling calls may be probed ...
TEST_F(HprobeUpstream, D4_HitInsideTheHandlingOfAHit)
{
	static bool is_nested_right;
	ASSERT_EQ(AXB_OK, Attach(kMov, false));
	ASSERT_EQ(AXB_OK, Attach(kJump, false));
	is_nested_right = false;
	// The handling of the first hit makes an event, whose time is asked for.
	axb_fake_trap_at_clock(
		[](void *) {
			axb_pt_regs_x86_64 regs;
			is_nested_right =
				Trap(kJump, nullptr, &regs) == AXB_RESUME && regs.rip == kJump + 4;
		},
		nullptr);
	EXPECT_TRUE(CallAndReturn(kMov));
	EXPECT_TRUE(is_nested_right);
	EXPECT_EQ(1u, Stats(kMov).handled);
	EXPECT_EQ(1u, Stats(kJump).missed);
}

// ... and a CPU does not wait for what another one is handling.
TEST_F(HprobeUpstream, D4_CpusHandleHitsAtTheSameTime)
{
	std::atomic<bool> is_inside{false}, may_leave{false};
	struct Both {
		std::atomic<bool> *is_inside, *may_leave;
	} both = {&is_inside, &may_leave};
	bool is_right = false;
	ASSERT_EQ(AXB_OK, Attach(kMov, false));
	std::thread other([&] {
		axb_fake_set_cpu(1);
		axb_fake_trap_at_clock(
			[](void *cookie) {
				auto *b = static_cast<Both *>(cookie);
				*b->is_inside = true;
				while (!*b->may_leave) {
					std::this_thread::yield();
				}
			},
			&both);
		is_right = CallAndReturn(kMov);
	});
	while (!is_inside) {
		std::this_thread::yield();
	}
	for (int i = 0; i < 10; i++) {
		EXPECT_TRUE(CallAndReturn(kMov));
	}
	std::vector<axb_trace_event> events(16);
	EXPECT_EQ(10u, axb_event_read(0, events.data(), events.size()));
	may_leave = true;
	other.join();
	EXPECT_TRUE(is_right);
	EXPECT_EQ(11u, Stats(kMov).handled);
}

// D5: returns on CPUs from the ninth on were not waited for, and then ended the machine ...
TEST_F(HprobeUpstream, D5_ReturnsOnEveryCpu)
{
	ASSERT_EQ(AXB_OK, Attach(kMov, true));
	for (uint32_t cpu = 0; cpu < kCpus; cpu++) {
		axb_fake_set_cpu(cpu);
		EXPECT_TRUE(CallAndReturn(kMov)) << cpu;
	}
	EXPECT_EQ(uint64_t{kCpus}, Stats(kMov).armed);
	EXPECT_EQ(uint64_t{kCpus}, Stats(kMov).returned);
}

// ... as did more of them at once than there was room for.
TEST_F(HprobeUpstream, D5_MoreReturnsThanThereIsRoomFor)
{
	constexpr size_t kDepth = AXB_HPROBE_RETURN_MAX + 10;
	std::array<uint64_t, kDepth + 1> stack = {};
	axb_pt_regs_x86_64 regs;
	axb_fake_set_cpu(kCpus - 1);
	ASSERT_EQ(AXB_OK, Attach(kMov, true));
	for (size_t i = kDepth; i-- > 0;) {
		stack[i] = kCaller + i;
		ASSERT_EQ(AXB_RESUME, Trap(kMov, &stack[i], &regs));
	}
	for (size_t i = 0; i < kDepth; i++) {
		EXPECT_EQ(kCaller + i, Return(stack[i], &stack[i]));
	}
	axb_hprobe_stats stats = Stats(kMov);
	EXPECT_EQ(uint64_t{kDepth}, stats.hits);
	EXPECT_EQ(10u, stats.no_instance);
	EXPECT_EQ(uint64_t{AXB_HPROBE_RETURN_MAX}, stats.armed);
	EXPECT_EQ(stats.armed, stats.returned);
}

// D20: the duration of a return was always 0.
TEST_F(HprobeUpstream, D20_ReturnHasItsDuration)
{
	uint64_t stack[2] = {kCaller};
	axb_pt_regs_x86_64 regs;
	axb_trace_event event;
	axb_fake_set_time(1000, 0);
	ASSERT_EQ(AXB_OK, Attach(kMov, true));
	ASSERT_EQ(AXB_RESUME, Trap(kMov, stack, &regs));
	axb_fake_advance(777);
	EXPECT_EQ(kCaller, Return(stack[0], stack));
	ASSERT_EQ(1u, axb_event_read(0, &event, 1));
	EXPECT_EQ(AXB_PROBE_TYPE_HRETPROBE, event.probe_type);
	EXPECT_EQ(777u, event.duration_ns);
}

} // namespace
