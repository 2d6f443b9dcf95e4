// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Counterparts of upstream's runtime_tests are marked (upstream: name). Its ELF cases are in
// object_load_test.cc.
#include "runtime/prog/prog.h"

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/hooks/core.h"
#include "runtime/isa/insn.h"
#include "runtime/base/text.h"

namespace
{

thread_local uint32_t cpu_id;
axb_prog *nested_prog;
uint32_t nested_runs;

} // namespace

extern "C" {
uint32_t axb_plat_cpu_id(void)
{
	return cpu_id;
}
uint32_t axb_plat_cpu_count(void)
{
	return 8;
}
uint64_t axb_plat_time_ns(void)
{
	static std::atomic<uint64_t> now;
	return ++now;
}
uint64_t axb_plat_irq_save(void)
{
	return 0;
}
void axb_plat_irq_restore(uint64_t)
{
}
void axb_plat_panic(const char *file, uint32_t line, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", file, line, what);
	abort();
}
}

namespace
{

// ktime_get_ns: runs another program, as a trap in the middle of a run would.
uint64_t nested_helper(axb_env *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t)
{
	if (nested_prog != nullptr) {
		axb_env env = {};
		nested_runs += axb_prog_run(nested_prog, &env);
	}
	return 7;
}

const axb_helper_impl kImpls[] = {{5, nested_helper}};
const axb_helper_table kHelpers = {kImpls, 1};

constexpr axb_insn kExit = {0x95, 0, 0, 0};
axb_insn Mov(int dst, int imm)
{
	return {0xb7, static_cast<uint8_t>(dst), 0, imm};
}
constexpr axb_insn kLoad = {0x79, 0x10, 8, 0}; // r0 = *(u64 *)(r1 + 8)
constexpr axb_insn kCallTime = {0x85, 0, 0, 5};

class Prog : public testing::Test
{
      protected:
	void SetUp() override
	{
		Init(1 << 20);
	}
	void TearDown() override
	{
		axb_prog_deinit();
		nested_prog = nullptr;
		nested_runs = 0;
	}

	void Init(size_t size)
	{
		axb_prog_deinit();
		memory_.assign(size, 0xa5);
		const axb_prog_config config = {memory_.data(), memory_.size(), &kHelpers, 8};
		ASSERT_EQ(AXB_OK, axb_prog_init(&config));
	}

	axb_status Load(const std::vector<axb_insn> &insns, axb_object_id_t *out,
		axb_prog_type type = AXB_PROG_TYPE_RAW)
	{
		return axb_object_load_raw(insns.data(), static_cast<uint32_t>(insns.size()), type,
			"test", out, &why_);
	}

	axb_prog *Get(axb_object_id_t object)
	{
		axb_prog_id_t id;
		axb_prog *prog = nullptr;
		EXPECT_EQ(AXB_OK, axb_object_find_prog(object, "", &id));
		EXPECT_EQ(AXB_OK, axb_prog_get(id, &prog));
		return prog;
	}

	struct axb_prog_info Info(const axb_prog *prog)
	{
		struct axb_prog_info info;
		EXPECT_EQ(AXB_OK, axb_prog_info(axb_prog_id(prog), &info));
		return info;
	}

	std::vector<uint8_t> memory_;
	axb_load_error why_;
};

// (upstream: test_execute_return_42, test_execute_zero, test_load_program, test_run_program)
TEST_F(Prog, RunsAndCounts)
{
	for (int value : {42, 0}) {
		axb_object_id_t object;
		ASSERT_EQ(AXB_OK, Load({Mov(0, value), kExit}, &object));
		axb_prog *prog = Get(object);
		axb_env env = {};
		EXPECT_TRUE(axb_prog_run(prog, &env));
		EXPECT_EQ(static_cast<uint64_t>(value), env.r0);
		cpu_id = 3;
		EXPECT_TRUE(axb_prog_run(prog, &env));
		cpu_id = 0;
		struct axb_prog_info info = Info(prog);
		EXPECT_EQ(2u, info.runs);
		EXPECT_EQ(0u, info.faults);
		EXPECT_EQ(1u, info.attach_count);
		EXPECT_EQ(AXB_RUN_OK, info.last_fault.result);
		EXPECT_STREQ("test", info.object_name);
		axb_prog_put(prog);
		EXPECT_EQ(AXB_OK, axb_object_unload(object));
	}
}

// (upstream: test_execute_with_context)
TEST_F(Prog, GivesTheContext)
{
	axb_object_id_t object;
	ASSERT_EQ(AXB_OK, Load({kLoad, kExit}, &object, AXB_PROG_TYPE_TRACEPOINT));
	axb_prog *prog = Get(object);
	uint64_t ctx[2] = {1, 0x1122334455667788};
	axb_env env = {};
	env.ctx = ctx;
	env.ctx_size = sizeof ctx;
	ASSERT_TRUE(axb_prog_run(prog, &env));
	EXPECT_EQ(ctx[1], env.r0);
}

// (upstream: test_program_new_empty, test_program_new_invalid_size: sizes are instructions here)
TEST_F(Prog, RefusesWhatVerifyRefusesAndLeavesNothing)
{
	const struct {
		std::vector<axb_insn> insns;
	} cases[] = {{{}}, {{Mov(0, 1)}}, {{{0xff, 0, 0, 0}, kExit}}, {{{0x85, 0, 0, 99}, kExit}}};
	for (const auto &c : cases) {
		axb_object_id_t object = {0};
		EXPECT_EQ(AXB_ERR_REJECTED, Load(c.insns, &object));
		EXPECT_EQ(AXB_LOAD_STAGE_VERIFY, why_.stage);
		EXPECT_EQ(0u, object.value);
		char text[200];
		axb_text t;
		axb_text_init(&t, text, sizeof text);
		axb_load_explain(&why_, &t);
		EXPECT_EQ(0u, std::string(text).find("raw: ")) << text;
	}
	axb_prog_id_t id = {0};
	EXPECT_FALSE(axb_prog_next(&id));
}

// (upstream: test_unload_program, test_run_unloaded_program)
TEST_F(Prog, HandlesOfTheUnloadedAreStaleForever)
{
	axb_object_id_t first;
	axb_prog_id_t first_prog;
	ASSERT_EQ(AXB_OK, Load({Mov(0, 1), kExit}, &first));
	ASSERT_EQ(AXB_OK, axb_object_find_prog(first, "raw", &first_prog));
	ASSERT_EQ(AXB_OK, axb_object_unload(first));
	axb_object_id_t second;
	ASSERT_EQ(AXB_OK, Load({Mov(0, 2), kExit}, &second));
	EXPECT_NE(first.value, second.value);
	axb_prog *prog;
	struct axb_prog_info info;
	EXPECT_EQ(AXB_ERR_STALE, axb_prog_get(first_prog, &prog));
	EXPECT_EQ(AXB_ERR_STALE, axb_prog_info(first_prog, &info));
	EXPECT_EQ(AXB_ERR_STALE, axb_object_unload(first));
	EXPECT_EQ(AXB_ERR_STALE, axb_object_unload({0}));
	EXPECT_EQ(AXB_ERR_STALE, axb_object_unload({0xffffffff}));
	EXPECT_EQ(AXB_ERR_NOT_FOUND, axb_object_find_prog(second, "nothing", &first_prog));
}

TEST_F(Prog, WhatIsAttachedCannotBeUnloaded)
{
	axb_object_id_t object;
	ASSERT_EQ(AXB_OK, Load({Mov(0, 1), kExit}, &object));
	axb_prog *prog = Get(object);
	EXPECT_EQ(AXB_ERR_BUSY, axb_object_unload(object));
	axb_prog_put(prog);
	EXPECT_EQ(AXB_OK, axb_object_unload(object));
}

TEST_F(Prog, AFaultIsCountedAndReported)
{
	axb_object_id_t object;
	ASSERT_EQ(AXB_OK, Load({Mov(1, 16), kLoad, kExit}, &object));
	axb_prog *prog = Get(object);
	axb_env env = {};
	EXPECT_TRUE(axb_prog_run(prog, &env));
	struct axb_prog_info info = Info(prog);
	EXPECT_EQ(1u, info.runs);
	EXPECT_EQ(1u, info.faults);
	EXPECT_EQ(AXB_RUN_FAULT_LOAD, info.last_fault.result);
	EXPECT_EQ(1u, info.last_fault.insn);
	EXPECT_EQ(24u, info.last_fault.address);
	EXPECT_EQ(8u, info.last_fault.size);
}

TEST_F(Prog, ANestedRunIsMissed)
{
	axb_object_id_t outer, inner;
	ASSERT_EQ(AXB_OK, Load({kCallTime, kExit}, &outer));
	ASSERT_EQ(AXB_OK, Load({Mov(0, 1), kExit}, &inner));
	axb_prog *prog = Get(outer);
	nested_prog = Get(inner);
	axb_env env = {};
	EXPECT_TRUE(axb_prog_run(prog, &env));
	EXPECT_EQ(7u, env.r0);
	EXPECT_EQ(0u, nested_runs);
	EXPECT_EQ(1u, Info(nested_prog).missed);
	EXPECT_EQ(0u, Info(nested_prog).runs);
	EXPECT_TRUE(axb_prog_run(nested_prog, &env));
}

TEST_F(Prog, MemoryComesBack)
{
	axb_object_id_t object;
	for (int i = 0; i < 2000; i++) {
		ASSERT_EQ(AXB_OK, Load({Mov(0, i), kExit}, &object)) << i;
		ASSERT_EQ(AXB_OK, axb_object_unload(object));
	}
}

TEST_F(Prog, LimitsAreRefusalsThatChangeNothing)
{
	std::vector<axb_object_id_t> objects;
	axb_object_id_t object;
	axb_status st;
	while ((st = Load({Mov(0, 1), kExit}, &object)) == AXB_OK) {
		objects.push_back(object);
	}
	EXPECT_EQ(AXB_ERR_LIMIT, st);
	EXPECT_EQ(AXB_OBJECT_MAX, objects.size());
	EXPECT_EQ(AXB_LOAD_STAGE_MEMORY, why_.stage);
	ASSERT_EQ(AXB_OK, axb_object_unload(objects[5]));
	EXPECT_EQ(AXB_OK, Load({Mov(0, 1), kExit}, &object));
	size_t seen = 0;
	for (axb_object_id_t id = {0}; axb_object_next(&id);) {
		seen++;
	}
	EXPECT_EQ(AXB_OBJECT_MAX, seen);
	Init(3 * 4096 + 100);
	EXPECT_EQ(AXB_ERR_NOMEM, Load(std::vector<axb_insn>(4000, Mov(0, 1)), &object));
	axb_prog_deinit();
	const axb_prog_config tiny = {memory_.data(), 4096, &kHelpers, 1};
	EXPECT_EQ(AXB_ERR_NOMEM, axb_prog_init(&tiny));
	const axb_prog_config no_helpers = {memory_.data(), memory_.size(), nullptr, 1};
	EXPECT_EQ(AXB_ERR_ARG, axb_prog_init(&no_helpers));
	EXPECT_EQ(AXB_ERR_STATE, Load({Mov(0, 1), kExit}, &object));
}

// A writer replaces the published program all the time; readers run what they find. A program that
// was freed too early would return another number, or crash under ASan.
TEST_F(Prog, DetachAndUnloadWhileOthersRun)
{
	struct Published {
		axb_prog *prog;
		uint64_t value;
	};
	Published slots[2];
	std::atomic<Published *> published{nullptr};
	std::atomic<bool> stop{false};
	std::atomic<uint64_t> runs{0}, wrong{0};
	std::vector<std::thread> readers;
	for (uint32_t cpu = 1; cpu <= 2; cpu++) {
		readers.emplace_back([&, cpu] {
			cpu_id = cpu;
			while (!stop) {
				axb_prog_read_begin();
				Published *p = published.load();
				if (p != nullptr) {
					axb_env env = {};
					axb_prog_run(p->prog, &env);
					wrong += env.r0 != p->value;
					runs++;
				}
				axb_prog_read_end();
			}
		});
	}
	axb_object_id_t old = {0};
	for (int i = 1; i <= 60 || runs < 100; i++) {
		axb_object_id_t object;
		ASSERT_EQ(AXB_OK, Load({Mov(0, i), kExit}, &object));
		Published *next = &slots[i % 2];
		Published *before = published.load();
		next->prog = Get(object);
		next->value = static_cast<uint64_t>(i);
		published = next;
		axb_prog_synchronize();
		if (before != nullptr) {
			axb_prog_put(before->prog);
			ASSERT_EQ(AXB_OK, axb_object_unload(old));
		}
		old = object;
	}
	stop = true;
	for (auto &t : readers) {
		t.join();
	}
	EXPECT_EQ(0u, wrong);
}

} // namespace
