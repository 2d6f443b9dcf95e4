// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "runtime/init/init.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <vector>

#include "codegen/gen/event_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "gtest/gtest.h"
#include "runtime/base/bytes.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/sym.h"
#include "runtime/trace/tracepoint.h"
#include "runtime/verifier/verify.h"

namespace
{

const axb_helper_table kHelpers = {nullptr, 0};

class Init : public testing::Test
{
      protected:
	void SetUp() override
	{
		axb_fake_reset();
		memory_.assign(8 << 20, 0xa5);
		config_ = {};
		config_.memory = memory_.data();
		config_.memory_size = memory_.size();
		config_.helpers = &kHelpers;
		std::ifstream file("runtime/sym/sample_blob", std::ios::binary);
		blob_.assign(std::istreambuf_iterator<char>(file), {});
	}
	void TearDown() override
	{
		axb_fake_set_cpu(0);
		axb_deinit();
		EXPECT_EQ(nullptr, axb_sym_self());
		EXPECT_FALSE(axb_tp_is_initialized());
	}

	axb_status Try()
	{
		why_ = {"nothing said", 12345};
		return axb_init(&config_, &why_);
	}
	axb_status TryWithSymbols(size_t size)
	{
		why_ = {"nothing said", 12345};
		return axb_init_with_symbols(
			&config_, axb_bytes_of(blob_.data(), size), 0, UINT64_MAX, &why_);
	}

	// Everything does what it is there for.
	static void ExpectWorking()
	{
		const axb_insn insns[] = {{0xb7, 0, 0, 0}, {0x95, 0, 0, 0}};
		axb_object_id_t object;
		axb_prog_id_t prog;
		axb_load_error why;
		struct axb_tp_stats stats;
		axb_trace_event event;
		ASSERT_EQ(AXB_OK, axb_object_load_raw(insns, 2, AXB_PROG_TYPE_TRACEPOINT, "test",
					  &object, &why));
		ASSERT_EQ(AXB_OK, axb_object_find_prog(object, "", &prog));
		ASSERT_EQ(AXB_OK, axb_tp_attach(AXB_TP_INDEX_VMM_TIMER_TICK, prog, 0));
		ASSERT_EQ(AXB_OK, axb_tp_set_enabled(AXB_TP_INDEX_VMM_TIMER_TICK, true));
		axb_trace_vmm_timer_tick(7);
		axb_tp_stats(AXB_TP_INDEX_VMM_TIMER_TICK, &stats);
		EXPECT_EQ(1u, stats.ran);
		ASSERT_EQ(1u, axb_event_read(0, &event, 1));
		EXPECT_EQ(7u, event.args[0]);
		EXPECT_EQ(AXB_OK, axb_tp_detach(AXB_TP_INDEX_VMM_TIMER_TICK, prog));
	}
	static void ExpectNothing()
	{
		axb_trace_event event = {};
		EXPECT_FALSE(axb_tp_is_initialized());
		EXPECT_EQ(AXB_ERR_STATE, axb_event_emit(&event));
		EXPECT_EQ(AXB_ERR_STATE, axb_cpu_init());
	}

	std::vector<uint8_t> memory_;
	std::vector<char> blob_;
	axb_config config_;
	axb_init_error why_;
};

TEST_F(Init, BringsEverythingUpWithDefaults)
{
	ExpectNothing();
	ASSERT_EQ(AXB_OK, Try());
	EXPECT_STREQ("", why_.what);
	ExpectWorking();
	axb_deinit();
	ExpectNothing();
	EXPECT_EQ(AXB_OK, axb_init(&config_, nullptr));
	ExpectWorking();
}

TEST_F(Init, AgainWithTheSameChangesNothing)
{
	ASSERT_EQ(AXB_OK, Try());
	ASSERT_EQ(AXB_OK, axb_tp_set_enabled(AXB_TP_INDEX_VMM_TIMER_TICK, true));
	axb_trace_vmm_timer_tick(1);
	EXPECT_EQ(AXB_OK, Try());
	axb_trace_event event;
	EXPECT_EQ(1u, axb_event_read(0, &event, 1));
	EXPECT_TRUE(axb_tp_is_enabled(AXB_TP_INDEX_VMM_TIMER_TICK));
}

TEST_F(Init, AgainWithAnotherIsRefused)
{
	ASSERT_EQ(AXB_OK, Try());
	const axb_config first = config_;
	const axb_helper_table other = {nullptr, 0};
	config_.helpers = &other;
	EXPECT_EQ(AXB_ERR_STATE, Try());
	EXPECT_STREQ("another configuration is in use", why_.what);
	config_ = first;
	config_.memory_size--;
	EXPECT_EQ(AXB_ERR_STATE, Try());
	config_ = first;
	config_.event.ring_events = 8;
	EXPECT_EQ(AXB_ERR_STATE, Try());
	config_ = first;
	config_.prog_memory_size = 1 << 20;
	EXPECT_EQ(AXB_ERR_STATE, Try());
	ExpectWorking();
}

// Events work, programs do not, and the fields for programs are not looked at.
TEST_F(Init, TracepointsWithoutPrograms)
{
	axb_trace_event event;
	config_.helpers = nullptr;
	config_.prog_memory_size = 1;
	ASSERT_EQ(AXB_OK, axb_init_tracepoints(&config_, &why_));
	ASSERT_EQ(AXB_OK, axb_init_tracepoints(&config_, &why_));
	ASSERT_EQ(AXB_OK, axb_cpu_init());
	ASSERT_EQ(AXB_OK, axb_tp_set_enabled(AXB_TP_INDEX_VMM_TIMER_TICK, true));
	axb_trace_vmm_timer_tick(7);
	ASSERT_EQ(1u, axb_event_read(0, &event, 1));
	EXPECT_EQ(7u, event.args[0]);
	const axb_insn insns[] = {{0xb7, 0, 0, 0}, {0x95, 0, 0, 0}};
	axb_object_id_t object;
	axb_load_error load_why;
	EXPECT_EQ(AXB_ERR_STATE, axb_object_load_raw(insns, 2, AXB_PROG_TYPE_TRACEPOINT, "test",
					 &object, &load_why));
	config_.helpers = &kHelpers;
	config_.prog_memory_size = 0;
	EXPECT_EQ(AXB_ERR_STATE, Try());
	EXPECT_STREQ("another configuration is in use", why_.what);
}

TEST_F(Init, TracepointsNeedLessMemory)
{
	config_.memory_size = 1;
	EXPECT_EQ(AXB_ERR_NOMEM, axb_init_tracepoints(&config_, &why_));
	size_t without = why_.memory_needed;
	EXPECT_EQ(AXB_ERR_NOMEM, Try());
	EXPECT_LT(without, why_.memory_needed);
	config_.memory_size = without;
	EXPECT_EQ(AXB_OK, axb_init_tracepoints(&config_, &why_));
}

TEST_F(Init, RefusesAndNamesTheArgument)
{
	const struct {
		const char *what;
		void (*change)(axb_config *);
	} cases[] = {
		{"helpers", [](axb_config *c) { c->helpers = nullptr; }},
		{"event.cpu_count", [](axb_config *c) { c->event.cpu_count = AXB_CPU_MAX + 1; }},
		{"event.ring_events", [](axb_config *c) { c->event.ring_events = 100; }},
		{"event.ring_events", [](axb_config *c) { c->event.ring_events = 1u << 31; }},
		{"event.recent_events", [](axb_config *c) { c->event.recent_events = 3; }},
		{"event.name_max", [](axb_config *c) { c->event.name_max = 0x10000; }},
		{"event.name_max", [](axb_config *c) { c->event.name_max = axb_tp_count - 1; }},
		{"prog_memory_size", [](axb_config *c) { c->prog_memory_size = 100; }},
		{"prog_memory_size", [](axb_config *c) { c->prog_memory_size = SIZE_MAX; }},
	};
	const axb_config good = config_;
	for (const auto &c : cases) {
		config_ = good;
		c.change(&config_);
		EXPECT_EQ(AXB_ERR_ARG, Try()) << c.what;
		EXPECT_STREQ(c.what, why_.what);
		EXPECT_EQ(0u, why_.memory_needed);
		EXPECT_EQ(AXB_ERR_ARG, axb_init(&config_, nullptr));
		ExpectNothing();
	}
	config_ = good;
	EXPECT_EQ(AXB_OK, Try());
}

TEST_F(Init, SaysHowMuchMemoryWouldDoAndItDoes)
{
	for (size_t prog_memory_size : {size_t{0}, size_t{3} * 4096, size_t{100000}}) {
		for (size_t shift : {0, 1, 63, 4095}) {
			config_.memory = memory_.data() + shift;
			config_.memory_size = 0;
			config_.prog_memory_size = prog_memory_size;
			ASSERT_EQ(AXB_ERR_NOMEM, Try());
			EXPECT_STREQ("memory", why_.what);
			size_t needed = why_.memory_needed;
			config_.memory_size = needed - 1;
			EXPECT_EQ(AXB_ERR_NOMEM, Try());
			ExpectNothing();
			ASSERT_GT(memory_.size() - shift, needed);
			memory_[shift + needed] = 0xcc;
			config_.memory_size = needed;
			ASSERT_EQ(AXB_OK, Try()) << prog_memory_size << " " << shift;
			EXPECT_EQ(0xcc, memory_[shift + needed]);
			axb_deinit();
		}
	}
	config_.memory = nullptr;
	config_.memory_size = SIZE_MAX;
	EXPECT_EQ(AXB_ERR_NOMEM, Try());
}

TEST_F(Init, LeavesAloneWhatSomebodyElseInitialized)
{
	const axb_event_config events = {1, 16, 16, 64};
	std::vector<uint8_t> memory(axb_event_memory_size(&events));
	axb_arena arena;
	axb_arena_init(&arena, memory.data(), memory.size());
	ASSERT_EQ(AXB_OK, axb_event_init(&events, &arena));
	EXPECT_EQ(AXB_ERR_STATE, Try());
	EXPECT_STREQ("events", why_.what);
	axb_trace_event event = {};
	EXPECT_EQ(AXB_OK, axb_event_emit(&event));
	axb_event_deinit();

	const axb_prog_config progs = {memory_.data(), 1 << 16, &kHelpers, 1};
	ASSERT_EQ(AXB_OK, axb_prog_init(&progs));
	EXPECT_EQ(AXB_ERR_STATE, Try());
	EXPECT_STREQ("programs", why_.what);
	ExpectNothing();
	axb_prog_deinit();
	EXPECT_EQ(AXB_OK, Try());
}

TEST_F(Init, EachCpuAnnouncesItself)
{
	axb_fake_set_cpu_count(3);
	EXPECT_EQ(AXB_ERR_STATE, axb_cpu_init());
	ASSERT_EQ(AXB_OK, Try());
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		axb_fake_set_cpu(cpu);
		for (int twice = 0; twice < 2; twice++) {
			EXPECT_EQ(AXB_OK, axb_cpu_init());
		}
	}
	axb_fake_set_cpu(3);
	EXPECT_EQ(AXB_ERR_LIMIT, axb_cpu_init());
	axb_deinit();
	config_.event.cpu_count = 1;
	ASSERT_EQ(AXB_OK, Try());
	axb_fake_set_cpu(1);
	EXPECT_EQ(AXB_ERR_LIMIT, axb_cpu_init());
}

TEST_F(Init, WithSymbolsBothOrNeither)
{
	ASSERT_FALSE(blob_.empty());
	EXPECT_NE(AXB_OK, TryWithSymbols(blob_.size() - 1));
	EXPECT_STREQ("symbols", why_.what);
	ExpectNothing();
	EXPECT_EQ(nullptr, axb_sym_self());

	config_.helpers = nullptr;
	EXPECT_EQ(AXB_ERR_ARG, TryWithSymbols(blob_.size()));
	EXPECT_EQ(nullptr, axb_sym_self());

	config_.helpers = &kHelpers;
	ASSERT_EQ(AXB_OK, TryWithSymbols(blob_.size()));
	EXPECT_NE(nullptr, axb_sym_self());
	ExpectWorking();
	EXPECT_EQ(AXB_OK, TryWithSymbols(blob_.size()));
	EXPECT_EQ(AXB_OK, Try());
	EXPECT_EQ(AXB_ERR_STATE, TryWithSymbols(blob_.size() - 1));
	EXPECT_STREQ("other symbols are in use", why_.what);
	EXPECT_NE(nullptr, axb_sym_self());
}

TEST_F(Init, SymbolsMayFollow)
{
	ASSERT_EQ(AXB_OK, Try());
	const axb_config first = config_;
	config_.memory_size--;
	EXPECT_EQ(AXB_ERR_STATE, TryWithSymbols(blob_.size()));
	EXPECT_EQ(nullptr, axb_sym_self());
	config_ = first;
	EXPECT_EQ(AXB_OK, TryWithSymbols(blob_.size()));
	EXPECT_NE(nullptr, axb_sym_self());
}

} // namespace
