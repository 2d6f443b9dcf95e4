// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "probes/insn/x86_64/step.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "probes/insn/x86_64/decode.h"

struct native_regs {
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rflags;
};

extern "C" {
uint64_t native_run(uint64_t entry, native_regs *regs);
extern const uint8_t native_exit_next[], native_exit_taken[];
extern const uint8_t native_insns[], native_insns_end[];
}

namespace
{

constexpr size_t kPage = 4096;
constexpr int kRounds = 40;
// CF PF AF ZF SF OF; DF stays clear.
constexpr uint64_t kFlags = 0x8d5;

// site | slot | data | stack
class Native : public testing::Test
{
      protected:
	void SetUp() override
	{
		void *at = mmap(nullptr, 5 * kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ASSERT_NE(MAP_FAILED, at);
		base_ = static_cast<uint8_t *>(at);
		site_ = base_ + 1024;
		taken_ = base_ + 1024 + 96;
		slot_ = base_ + kPage;
		data_ = base_ + 2 * kPage;
		stack_ = base_ + 3 * kPage;
	}
	void TearDown() override
	{
		munmap(base_, 5 * kPage);
	}

	static void PutExit(uint8_t *at, const uint8_t *target)
	{
		const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0}; // jmp *0(%rip)
		uint64_t address = reinterpret_cast<uint64_t>(target);
		std::memcpy(at, jump, sizeof(jump));
		std::memcpy(at + sizeof(jump), &address, sizeof(address));
	}

	// The instruction at the site, aimed at the taken exit or at the data.
	void PutInsn(const uint8_t *bytes, const axb_x86_insn &insn)
	{
		std::memset(base_, 0xf4, 2 * kPage);
		std::memcpy(site_, bytes, insn.length);
		if (insn.is_rip_relative) {
			int32_t to_data = static_cast<int32_t>(data_ + 256 - (site_ + insn.length));
			std::memcpy(site_ + insn.disp_offset, &to_data, 4);
		}
		if (insn.is_relative) {
			int32_t to_taken = static_cast<int32_t>(taken_ - (site_ + insn.length));
			std::memcpy(site_ + insn.imm_offset, &to_taken, insn.imm_size);
		}
		PutExit(site_ + insn.length, native_exit_next);
		PutExit(taken_, native_exit_taken);
	}

	uint64_t Pointer()
	{
		return reinterpret_cast<uint64_t>(data_) + random_() % 64 * 8;
	}

	native_regs RandomState(std::vector<uint8_t> *memory)
	{
		native_regs r = {};
		uint64_t *words = &r.rax;
		for (int i = 0; i < 16; i++) {
			words[i] = random_();
		}
		r.rbx = Pointer();
		r.rbp = Pointer();
		r.rsi = Pointer();
		r.rdi = Pointer();
		r.r8 = Pointer();
		r.r9 = Pointer();
		r.rcx = random_() % 4;
		r.r10 = reinterpret_cast<uint64_t>(taken_);
		r.r11 = reinterpret_cast<uint64_t>(taken_);
		r.rsp = reinterpret_cast<uint64_t>(stack_) + kPage + random_() % 16 * 8;
		r.rflags = 0x202 | (random_() & kFlags);
		memory->resize(3 * kPage);
		for (uint8_t &byte : *memory) {
			byte = static_cast<uint8_t>(random_());
		}
		// Whatever is called, jumped to or returned to by memory is the taken exit.
		for (uint64_t at = 0; at < 3 * kPage; at += 8) {
			bool is_read_as_target = at == 256 || indirect_;
			if (is_read_as_target) {
				std::memcpy(memory->data() + at, &r.r10, 8);
			}
		}
		return r;
	}

	void SetMemory(const std::vector<uint8_t> &memory)
	{
		std::memcpy(data_, memory.data(), memory.size());
	}

	std::vector<uint8_t> Memory() const
	{
		return std::vector<uint8_t>(data_, data_ + 3 * kPage);
	}

	// As a probe does it: simulate, or run the slot.
	uint64_t Stepped(native_regs *regs)
	{
		axb_step step;
		axb_bytes bytes = axb_bytes_of(site_, 32);
		uint64_t site = reinterpret_cast<uint64_t>(site_);
		axb_x86_step(bytes, &step);
		if (step.kind == AXB_STEP_SIMULATE) {
			axb_pt_regs_x86_64 pt = {};
			pt.rcx = regs->rcx;
			pt.eflags = regs->rflags;
			pt.rip = site;
			axb_x86_insn insn;
			EXPECT_EQ(AXB_X86_OK, axb_x86_decode(bytes, &insn));
			axb_x86_simulate(&insn, &pt);
			regs->rcx = pt.rcx;
			return native_run(pt.rip, regs);
		}
		EXPECT_EQ(AXB_STEP_SLOT, step.kind);
		axb_slot_code code;
		uint64_t slot = reinterpret_cast<uint64_t>(slot_);
		EXPECT_EQ(AXB_REFUSE_NONE, axb_x86_slot(bytes, site, slot, &code));
		EXPECT_LE(code.insn_end, code.size);
		std::memcpy(slot_, code.bytes, code.size);
		return native_run(slot, regs);
	}

	uint8_t *base_, *site_, *taken_, *slot_, *data_, *stack_;
	bool indirect_ = false;
	std::mt19937_64 random_{1};
};

TEST_F(Native, StateIsAsWithoutAProbe)
{
	int tried = 0;
	for (const uint8_t *at = native_insns; at < native_insns_end; tried++) {
		axb_x86_insn insn;
		ASSERT_EQ(AXB_X86_OK, axb_x86_decode(axb_bytes_of(at, 16), &insn));
		SCOPED_TRACE(testing::Message() << "instruction " << tried << ", opcode "
						<< std::hex << int{insn.opcode});
		indirect_ = insn.kind == AXB_X86_CALL_INDIRECT ||
			    insn.kind == AXB_X86_JMP_INDIRECT || insn.kind == AXB_X86_RET;
		PutInsn(at, insn);
		for (int round = 0; round < kRounds; round++) {
			std::vector<uint8_t> memory;
			native_regs before = RandomState(&memory);
			native_regs expected = before;
			native_regs actual = before;
			SetMemory(memory);
			uint64_t expected_exit =
				native_run(reinterpret_cast<uint64_t>(site_), &expected);
			std::vector<uint8_t> expected_memory = Memory();
			SetMemory(memory);
			EXPECT_EQ(expected_exit, Stepped(&actual));
			EXPECT_EQ(0, std::memcmp(&expected, &actual, sizeof(actual)));
			EXPECT_EQ(expected_memory, Memory());
			if (HasFailure()) {
				return;
			}
		}
		at += insn.length;
	}
	EXPECT_GT(tried, 90);
}

TEST_F(Native, OutOfReachIsRefused)
{
	const uint8_t load[] = {0x48, 0x8b, 0x05, 0, 0, 0, 0};
	axb_slot_code code;
	axb_bytes bytes = axb_bytes_of(load, sizeof(load));
	EXPECT_EQ(AXB_REFUSE_NONE, axb_x86_slot(bytes, 0x10000000, 0x8ffff000, &code));
	EXPECT_EQ(AXB_REFUSE_OPERAND, axb_x86_slot(bytes, 0x10000000, 0x90001000, &code));
}

axb_refuse Refusal(std::vector<uint8_t> bytes)
{
	axb_step step;
	axb_x86_step(axb_bytes_of(bytes.data(), bytes.size()), &step);
	EXPECT_EQ(step.kind == AXB_STEP_REFUSE, step.refuse != AXB_REFUSE_NONE);
	return static_cast<axb_refuse>(step.refuse);
}

TEST(X86Step, RefusesWithAReason)
{
	EXPECT_EQ(AXB_REFUSE_BREAKPOINT, Refusal({0xcc}));
	EXPECT_EQ(AXB_REFUSE_EXCEPTION, Refusal({0xcd, 0x80}));
	EXPECT_EQ(AXB_REFUSE_EXCEPTION, Refusal({0x0f, 0x0b}));
	EXPECT_EQ(AXB_REFUSE_FAR, Refusal({0x48, 0xcf}));
	EXPECT_EQ(AXB_REFUSE_FAR, Refusal({0xff, 0x28}));
	EXPECT_EQ(AXB_REFUSE_SYSTEM_CALL, Refusal({0x0f, 0x05}));
	EXPECT_EQ(AXB_REFUSE_SHADOW, Refusal({0xfb}));
	EXPECT_EQ(AXB_REFUSE_SHADOW, Refusal({0x8e, 0xd0}));
	EXPECT_EQ(AXB_REFUSE_NONE, Refusal({0xfa}));
	EXPECT_EQ(AXB_REFUSE_TRANSACTION, Refusal({0xc7, 0xf8, 0, 0, 0, 0}));
	EXPECT_EQ(AXB_REFUSE_OPERAND, Refusal({0xff, 0x54, 0x24, 0x08})); // call *8(%rsp)
	EXPECT_EQ(AXB_REFUSE_OPERAND, Refusal({0xff, 0xd4}));             // call *%rsp
	EXPECT_EQ(AXB_REFUSE_NONE, Refusal({0x41, 0xff, 0xd4}));          // call *%r12
	EXPECT_EQ(AXB_REFUSE_OPERAND, Refusal({0x67, 0x8b, 0x05, 0, 0, 0, 0}));
	EXPECT_EQ(AXB_REFUSE_VENDOR, Refusal({0x66, 0xe8, 0, 0, 0, 0}));
	EXPECT_EQ(AXB_REFUSE_VENDOR, Refusal({0x66, 0xc3}));
	EXPECT_EQ(AXB_REFUSE_UNDEFINED, Refusal({0x06}));
	EXPECT_EQ(AXB_REFUSE_TRUNCATED, Refusal({0xe8, 0}));
}

} // namespace
