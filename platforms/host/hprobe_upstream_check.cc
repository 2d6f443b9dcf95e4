// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Defects of the original's probes on itself, and counterparts of its tests of them, with real
// breakpoints. The other defects are in probes/hprobe/upstream_test.cc.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/event_gen.h"
#include "gtest/gtest.h"
#include "platforms/host/hprobe_testing.h"
#include "platforms/shell/shell.h"
#include "probes/control/control.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/event/event.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"

// What the program of a test calls; runtime/helpers has it.
extern "C" uint64_t axb_helper_ktime_get_ns(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5);

namespace
{

// The commands of the shell.
class HprobeUpstream : public Hprobe
{
      protected:
	void SetUp() override
	{
		static const axb_probe_kind *const kinds[] = {
			&axb_probe_kind_hprobe, &axb_probe_kind_hretprobe};
		Hprobe::SetUp();
		axb_shell_config config = {};
		config.write = [](void *cookie, const char *text, size_t length) {
			static_cast<std::string *>(cookie)->append(text, length);
		};
		config.kinds = kinds;
		config.kind_count = 2;
		config.cookie = &said_;
		axb_shell_init(&config);
	}

	// What the shell says to @line.
	std::string Run(const char *line)
	{
		said_.clear();
		EXPECT_EQ(AXB_OK, axb_shell_run(line)) << said_;
		return said_;
	}

	std::string said_;
};

// D1: an instruction that depends on its address was run as it is, at another address; and a branch
// never came back to be taken out of its slot.
TEST_F(HprobeUpstream, D1_WhatDependsOnItsAddressIsRight)
{
	const struct {
		victim_fn *function;
		uint64_t offset;
	} kSites[] = {
		{victim_rip_relative, 0}, {victim_jump, 0}, {victim_condition, 3}, // je
		{victim_call_first, 0}, {victim_call, 1}, {victim_indirect, 0},
		{victim_loop, 12}, // loop
	};
	for (const auto &site : kSites) {
		uint64_t address = AddressOf(site.function) + site.offset;
		ASSERT_EQ(AXB_OK, Attach(address)) << last_refusal_;
		SCOPED_TRACE(Info(address).name);
		for (uint64_t n = 0; n < 3; n++) {
			EXPECT_EQ(n + 1, site.function(n));
		}
		EXPECT_LE(3u, Info(address).stats.handled);
		ASSERT_EQ(AXB_OK, Detach(address));
	}
}

// D4: a lock was held while a program ran, so a probe on what the program calls never came back.
TEST_F(HprobeUpstream, D4_ProbeOnTheHelperOfAProgram)
{
	auto helper = reinterpret_cast<uint64_t>(axb_helper_ktime_get_ns);
	axb_prog_id_t prog = LoadProgram(
		AXB_PROG_TYPE_HPROBE, {{0x85, 0, 0, 5}, {0xb7, 0, 0, 0}, {0x95, 0, 0, 0}});
	ASSERT_EQ(AXB_OK, Attach(helper)) << last_refusal_;
	ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_push), false, prog));
	for (uint64_t n = 0; n < 5; n++) {
		EXPECT_EQ(n + 1, victim_push(n));
	}
	EXPECT_EQ(5u, Info(AddressOf(victim_push)).stats.ran);
	EXPECT_EQ(5u, Info(helper).stats.hits);
	EXPECT_EQ(5u, Info(helper).stats.missed);
	ASSERT_EQ(AXB_OK, Detach(helper));
}

// hprobe_coexistence_tests
TEST_F(HprobeUpstream, SameSymbolAllowsEntryAndRetCoexist)
{
	Run("trace hprobe victim_push");
	Run("trace hretprobe victim_push");
	EXPECT_EQ(8u, victim_push(7));
	axb_hprobe_info info = Info(AddressOf(victim_push));
	EXPECT_EQ(1u, info.entry_count);
	EXPECT_EQ(1u, info.return_count);
	EXPECT_EQ(1u, info.stats.handled);
	EXPECT_EQ(1u, info.stats.returned);
	EXPECT_NE(std::string::npos, Run("trace hprobe").find("victim_push"));
}

TEST_F(HprobeUpstream, UnhprobeRemovesBothEntryAndRetSlots)
{
	auto *code = reinterpret_cast<const uint8_t *>(AddressOf(victim_push));
	uint8_t before = *code;
	Run("trace hprobe victim_push");
	Run("trace hretprobe victim_push");
	EXPECT_EQ(0xcc, *code);
	EXPECT_EQ("Detached: victim_push (2)\n", Run("trace unhprobe victim_push"));
	EXPECT_EQ(before, *code);
	EXPECT_EQ(8u, victim_push(7));
	axb_hprobe_info info;
	uint32_t cursor = 0;
	EXPECT_FALSE(axb_hprobe_next(&cursor, &info));
	EXPECT_NE(std::string::npos, Run("trace hprobe").find("no probes are attached"));
}

// hretprobe_event_tests
TEST_F(HprobeUpstream, ShellTakesFetchArguments)
{
	Run("trace hprobe victim_push n=$arg1:u32 low=\\3:b1@0/8");
	EXPECT_EQ(3u, victim_push(2));
	std::string said = Run("trace dump");
	EXPECT_NE(said.find(" n=2 low=1\n"), std::string::npos) << said;
	Run("trace unhprobe victim_push");
	said_.clear();
	EXPECT_NE(AXB_OK, axb_shell_run("trace hprobe victim_push n=$arg1:u33"));
	EXPECT_NE(
		said_.find(
			"hprobe:victim_push n=$arg1:u33\n"
			"                           ^ no type has this name; did you mean u32?\n"),
		std::string::npos)
		<< said_;
	EXPECT_NE(AXB_OK, axb_shell_run("trace hprobe victim_push nothing n=%di"));
}

TEST_F(HprobeUpstream, RetPathEmitsHretprobeEventType)
{
	Run("trace hretprobe victim_push");
	(void)Events(); // those of the shell
	EXPECT_EQ(8u, victim_push(7));
	std::vector<axb_trace_event> events = Events();
	ASSERT_EQ(1u, events.size());
	EXPECT_EQ(AXB_PROBE_TYPE_HRETPROBE, events[0].probe_type);
	EXPECT_EQ(8u, events[0].args[0]);
	EXPECT_STREQ("victim_push", axb_event_name(events[0].name_offset));
	EXPECT_GT(events[0].duration_ns, 0u); // D20
}

} // namespace
