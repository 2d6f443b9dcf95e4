// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Every embedded object is loaded and run; its maps must hold what its comment promises. Stands for
// the ELF cases of upstream's runtime_tests (test_load_elf_*, test_load_program_elf).
#include "bpf/embedded.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/event_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "gtest/gtest.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/interp/interp.h"
#include "runtime/maps/map.h"
#include "runtime/prog/prog.h"
#include "testdata/elf/base_object_gen.h"

namespace
{

std::vector<std::string> printed;

} // namespace

extern "C" {
enum axb_status axb_event_emit(axb_trace_event *)
{
	return AXB_OK;
}
enum axb_status axb_event_printk(const char *text, size_t length)
{
	printed.emplace_back(text, length);
	return AXB_OK;
}
void axb_tp_hit(const axb_tp_def *, void *, const uint64_t *, uint8_t, uint64_t)
{
}
}

namespace
{

class Embedded : public testing::Test
{
      protected:
	void SetUp() override
	{
		memory_.resize(4 << 20);
		const axb_prog_config config = {
			memory_.data(), memory_.size(), &axb_helpers_standard, 2};
		ASSERT_EQ(AXB_OK, axb_prog_init(&config));
		printed.clear();
		axb_fake_reset();
		axb_fake_set_cpu_count(2);
	}
	void TearDown() override
	{
		axb_prog_deinit();
	}

	void Load(const char *name)
	{
		const axb_embedded_object *object = axb_embedded_find(name);
		ASSERT_NE(nullptr, object);
		axb_load_error why;
		axb_status st = axb_object_load(
			axb_bytes_of(object->bytes, *object->size), name, &object_, &why);
		char text[256];
		axb_text t;
		axb_text_init(&t, text, sizeof text);
		axb_load_explain(&why, &t);
		ASSERT_EQ(AXB_OK, st) << name << ": " << text;
		axb_prog_id_t id;
		ASSERT_EQ(AXB_OK, axb_object_find_prog(object_, "", &id));
		ASSERT_EQ(AXB_OK, axb_prog_get(id, &prog_));
	}

	template <typename Context> uint64_t Run(Context ctx)
	{
		axb_env env = {};
		env.ctx = &ctx;
		env.ctx_size = sizeof ctx;
		EXPECT_TRUE(axb_prog_run(prog_, &env));
		EXPECT_EQ(AXB_RUN_OK, env.fault.result)
			<< axb_run_result_text(env.fault.result) << " at " << env.fault.insn;
		return env.r0;
	}

	axb_map *Map(const char *name)
	{
		axb_map_id_t id;
		struct axb_map_info info = {};
		EXPECT_EQ(AXB_OK, axb_object_find_map(object_, name, &id));
		EXPECT_EQ(AXB_OK, axb_map_info(id, &info));
		return info.map;
	}

	uint64_t Value(axb_map *map, uint64_t key, uint32_t cpu = 0)
	{
		void *value = map->cpu_count > 1 ? axb_map_lookup_cpu(map, &key, cpu)
						 : axb_map_lookup(map, &key);
		uint64_t v = UINT64_MAX;
		if (value != nullptr) {
			memcpy(&v, value, sizeof v);
		}
		return v;
	}

	std::vector<uint8_t> memory_;
	axb_object_id_t object_;
	axb_prog *prog_;
};

axb_tp_ctx_hyp_hyp_exit HypExit(uint64_t duration_ns)
{
	axb_tp_ctx_hyp_hyp_exit ctx = {};
	ctx.id = AXB_TP_ID_HYP_HYP_EXIT;
	ctx.vm_id = 1;
	ctx.duration_ns = duration_ns;
	return ctx;
}

axb_tp_ctx_vcpu_exit Exit(uint16_t vm, uint32_t reason, uint64_t duration_ns)
{
	axb_tp_ctx_vcpu_exit ctx = {};
	ctx.id = AXB_TP_ID_VCPU_EXIT;
	ctx.vm_id = vm;
	ctx.reason = reason;
	ctx.duration_ns = duration_ns;
	return ctx;
}

TEST_F(Embedded, AllLoadTogether)
{
	for (uint32_t i = 0; i < axb_embedded_object_count; i++) {
		Load(axb_embedded_objects[i].name);
	}
	EXPECT_EQ(nullptr, axb_embedded_find("nothing"));
}

TEST_F(Embedded, ExitsCountsOnEachCpu)
{
	Load("exits");
	Run(Exit(1, AXB_EXIT_HVC, 0));
	Run(Exit(1, AXB_EXIT_HVC, 0));
	Run(Exit(2, AXB_EXIT_WFI, 0));
	Run(Exit(100, 1000, 0));
	axb_fake_set_cpu(1);
	Run(Exit(1, AXB_EXIT_HVC, 0));
	axb_fake_set_cpu(0);
	EXPECT_EQ(2u, Value(Map("exits"), 64 + AXB_EXIT_HVC, 0));
	EXPECT_EQ(1u, Value(Map("exits"), 64 + AXB_EXIT_HVC, 1));
	EXPECT_EQ(1u, Value(Map("exits"), 128 + AXB_EXIT_WFI, 0));
	EXPECT_EQ(1u, Value(Map("exits"), 15 * 64 + AXB_EXIT_UNKNOWN, 0));
}

TEST_F(Embedded, ExitLatencyIsALog2Histogram)
{
	Load("exit_latency");
	for (unsigned bit = 0; bit < 64; bit++) {
		Run(HypExit(1ull << bit));
		Run(HypExit((1ull << bit) | ((1ull << bit) - 1)));
	}
	Run(HypExit(0));
	for (unsigned bit = 0; bit < 64; bit++) {
		EXPECT_EQ(bit == 0 ? 3u : 2u, Value(Map("latency"), bit)) << bit;
	}
}

TEST_F(Embedded, HypercallsSendsRecordsUntilTheRingIsFull)
{
	Load("hypercalls");
	axb_tp_ctx_hypercall_call ctx = {};
	ctx.vm_id = 2;
	ctx.vcpu_id = 3;
	ctx.timestamp_ns = 77;
	ctx.nr = 5;
	ctx.arg0 = 6;
	ctx.arg1 = 7;
	EXPECT_EQ(0u, Run(ctx));
	uint64_t record[8] = {};
	uint32_t size = 0;
	axb_map *records = Map("records");
	ASSERT_EQ(AXB_OK, axb_ringbuf_read(records, record, sizeof record, &size));
	EXPECT_EQ(40u, size);
	EXPECT_EQ(77u, record[0]);
	EXPECT_EQ(0x30002u, record[1]);
	EXPECT_EQ(5u, record[2]);
	EXPECT_EQ(7u, record[4]);
	uint64_t runs = 1;
	while (Run(ctx) == 0) {
		runs++;
	}
	struct axb_ringbuf_stats stats;
	axb_ringbuf_stats(records, &stats);
	EXPECT_EQ(runs + 1, stats.attempts);
	EXPECT_EQ(runs, stats.submitted);
	EXPECT_EQ(1u, stats.dropped);
	EXPECT_EQ(runs + 1, Value(Map("by_number"), 5));
}

TEST_F(Embedded, PrintkSaysWhatItSaw)
{
	Load("printk");
	axb_tp_ctx_vmm_vm_boot ctx = {};
	ctx.vm_id = 3;
	ctx.entry = 0x40080000;
	Run(ctx);
	ASSERT_EQ(1u, printed.size());
	EXPECT_EQ("vm3 boots at 0x40080000", printed[0]);
}

TEST_F(Embedded, VmFilterUsesItsConstantAndItsGlobals)
{
	Load("vm_filter");
	EXPECT_EQ(0u, Run(Exit(2, 0, 50)));
	EXPECT_EQ(2u, Run(Exit(1, 0, 50)));
	EXPECT_EQ(1u, Run(Exit(1, 0, 50)));
	EXPECT_EQ(2u, Run(Exit(1, 0, 51)));
	EXPECT_EQ(3u, Value(Map(".bss"), 0));
	EXPECT_EQ(51u, Value(Map(".data"), 0));
	EXPECT_TRUE(Map(".rodata")->program_read_only);
}

TEST_F(Embedded, MmioPagesTellsReadsFromWrites)
{
	Load("mmio_pages");
	axb_tp_ctx_mmio_access ctx = {};
	ctx.gpa = 0x9000004;
	Run(ctx);
	Run(ctx);
	ctx.is_write = 1;
	Run(ctx);
	uint64_t key = 0x9000000;
	auto *traffic = static_cast<uint64_t *>(axb_map_lookup(Map("pages"), &key));
	ASSERT_NE(nullptr, traffic);
	EXPECT_EQ(2u, traffic[0]);
	EXPECT_EQ(1u, traffic[1]);
}

// The base object of the ELF tests: its map array has BPF_F_RDONLY_PROG in its own definition.
TEST_F(Embedded, AMapIsReadOnlyBySectionOrByFlag)
{
	axb_load_error why;
	ASSERT_EQ(AXB_OK, axb_object_load(axb_bytes_of(base_object, base_object_size), "base",
				  &object_, &why));
	EXPECT_TRUE(Map("array")->program_read_only);
	EXPECT_TRUE(Map(".rodata")->program_read_only);
	EXPECT_FALSE(Map("hash")->program_read_only);
	EXPECT_FALSE(Map(".data")->program_read_only);
}

TEST_F(Embedded, GlobalVariablesAreSetAtLoad)
{
	const axb_embedded_object *object = axb_embedded_find("vm_filter");
	const struct {
		axb_global global;
		axb_status status;
		const char *text;
	} bad[] = {
		{{"target", 1}, AXB_ERR_NOT_FOUND,
			"target: the object has no such global variable"},
		{{"filter_exit", 1}, AXB_ERR_NOT_FOUND,
			"filter_exit: the object has no such global variable"},
		{{"target_vm", 0x10000}, AXB_ERR_ARG,
			"target_vm: the value does not fit the variable"},
	};
	axb_load_error why;
	axb_bytes bytes = axb_bytes_of(object->bytes, *object->size);
	for (const auto &c : bad) {
		char text[256];
		axb_text t;
		EXPECT_EQ(c.status,
			axb_object_load_with(bytes, "vm_filter", &c.global, 1, &object_, &why));
		axb_text_init(&t, text, sizeof text);
		axb_load_explain(&why, &t);
		EXPECT_STREQ(c.text, text);
	}
	/* .rodata, .data and .bss; the others keep their values. */
	const axb_global globals[] = {{"target_vm", 2}, {"longest_ns", 50}, {"matched", 5}};
	ASSERT_EQ(AXB_OK, axb_object_load_with(bytes, "vm_filter", globals, 3, &object_, &why));
	axb_prog_id_t id;
	ASSERT_EQ(AXB_OK, axb_object_find_prog(object_, "", &id));
	ASSERT_EQ(AXB_OK, axb_prog_get(id, &prog_));
	axb_tp_ctx_vcpu_exit ctx = {};
	ctx.vm_id = 1;
	EXPECT_EQ(0u, Run(ctx));
	ctx.vm_id = 2;
	ctx.duration_ns = 50;
	EXPECT_EQ(1u, Run(ctx));
	ctx.duration_ns = 51;
	EXPECT_EQ(2u, Run(ctx));
	EXPECT_EQ(7u, Value(Map(".bss"), 0));
	EXPECT_EQ(51u, Value(Map(".data"), 0));
	/* The embedded bytes were not written. */
	Load("vm_filter");
	ctx.vm_id = 1;
	EXPECT_NE(0u, Run(ctx));
}

TEST_F(Embedded, RegsReadsTheRegistersOfThisArchitecture)
{
	Load("regs");
	uint64_t regs[21] = {};
	regs[14] = 42; // rdi of Linux's pt_regs
	regs[10] = 43; // rax
	struct Regs {
		uint64_t r[21];
	} ctx;
	memcpy(ctx.r, regs, sizeof regs);
	Run(ctx);
	Run(ctx);
	EXPECT_EQ(2u, Value(Map("calls"), 42));
}

TEST_F(Embedded, GuestRegsSavesEveryRegisterOfTheGuest)
{
	Load("guest_regs");
	axb_tp_ctx_hypercall_call ctx = {};
	EXPECT_EQ(0u, Run(ctx));
	std::vector<uint64_t> regs;
	for (uint64_t i = 0; i < sizeof(axb_pt_regs_x86_64) / 8; i++) {
		regs.push_back(1000 + i);
	}
	axb_fake_set_guest_regs(regs.data(), regs.size());
	EXPECT_EQ(regs.size(), Run(ctx));
	for (uint32_t i = 0; i < regs.size(); i++) {
		EXPECT_EQ(regs[i], Value(Map("guest_regs"), i));
	}
	axb_fake_set_guest_regs(nullptr, 0);
}

} // namespace
