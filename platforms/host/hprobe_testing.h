// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// For tests with real breakpoints in their own process: the functions that they probe, and a
// fixture with everything as after boot.
#ifndef AXB_PLATFORMS_HOST_HPROBE_TESTING_H_
#define AXB_PLATFORMS_HOST_HPROBE_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "codegen/gen/event_gen.h"
#include "gtest/gtest.h"
#include "platforms/host/host.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/base/arena.h"
#include "runtime/base/limits.h"
#include "runtime/event/event.h"
#include "runtime/helpers/helpers.h"
#include "runtime/init/init.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/image.h"
#include "runtime/verifier/verify.h"

extern "C" {
typedef uint64_t victim_fn(uint64_t n);
victim_fn victim_endbr, victim_jump, victim_condition, victim_rip_relative, victim_call,
	victim_call_first, victim_indirect, victim_indirect_memory, victim_loop, victim_push,
	victim_tail, victim_flags, victim_short, victim_marked, victim_marked_too,
	victim_marked_always, victim_site, victim_site_split, victim_site_endbr, victim_site_short,
	victim_nop;

// @function(@n), and what programs put meanwhile into r9 (at the entry) and r10 (at the return)
// is added to @marks.
uint64_t call_marked(victim_fn *function, uint64_t n, uint64_t marks[2]);
}

inline uint64_t AddressOf(victim_fn *function)
{
	return reinterpret_cast<uint64_t>(function);
}

class Hprobe : public testing::Test
{
      protected:
	// Threads that may be in axebpf at once, the test's among them.
	static constexpr uint32_t kCpus = 6;

	void SetUp() override
	{
		axb_host_set_cpu_count(kCpus);
		memory_.assign(8 << 20, 0);
		probe_memory_.assign(axb_hprobe_memory_size(kCpus), 0);
		axb_config config = {};
		config.memory = memory_.data();
		config.memory_size = memory_.size();
		config.helpers = &axb_helpers_standard;
		axb_init_error why;
		ASSERT_EQ(AXB_OK, axb_init_with_symbols(
					  &config, axb_symtab_image_bytes(), 1, UINT64_MAX, &why))
			<< why.what;
		ASSERT_EQ(AXB_OK, axb_cpu_init());
		axb_arena_init(&arena_, probe_memory_.data(), probe_memory_.size());
		ASSERT_EQ(AXB_OK, axb_hprobe_init(kCpus, &arena_));
		ASSERT_TRUE(axb_host_take_breakpoints());
	}
	void TearDown() override
	{
		axb_hprobe_deinit();
		axb_deinit();
	}

	static axb_status Attach(uint64_t address, bool is_return = false, axb_prog_id_t prog = {},
		bool may_write = false)
	{
		axb_hprobe_error why;
		axb_hprobe_config config = {};
		config.address = address;
		config.is_return = is_return;
		config.may_write = may_write;
		config.prog = prog;
		axb_status st = axb_hprobe_attach(&config, &why);
		EXPECT_EQ(st == AXB_OK, why.what[0] == '\0');
		last_refusal_ = why.what;
		return st;
	}

	static axb_status Detach(uint64_t address, bool is_return = false, axb_prog_id_t prog = {})
	{
		return axb_hprobe_detach(address, is_return, prog);
	}

	static axb_hprobe_info Info(uint64_t address)
	{
		axb_hprobe_info info;
		for (uint32_t cursor = 0; axb_hprobe_next(&cursor, &info);) {
			if (info.address == address || info.function == address) {
				return info;
			}
		}
		ADD_FAILURE() << "no probe there";
		return {};
	}

	static std::vector<axb_trace_event> Events()
	{
		std::vector<axb_trace_event> events(64);
		events.resize(axb_event_read(axb_plat_cpu_id(), events.data(), events.size()));
		return events;
	}

	static axb_prog_id_t LoadProgram(axb_prog_type type, std::vector<axb_insn> insns)
	{
		axb_object_id_t object;
		axb_prog_id_t prog = {};
		axb_load_error why;
		EXPECT_EQ(AXB_OK,
			axb_object_load_raw(insns.data(), static_cast<uint32_t>(insns.size()), type,
				"test", &object, &why));
		EXPECT_EQ(AXB_OK, axb_object_find_prog(object, "", &prog));
		return prog;
	}

	static inline std::string last_refusal_;
	std::vector<uint8_t> memory_, probe_memory_;
	axb_arena arena_;
};

#endif
