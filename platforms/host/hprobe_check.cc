// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Probes on the process itself, with real breakpoints.
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/event_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "gtest/gtest.h"
#include "platforms/host/host.h"
#include "platforms/host/hprobe_testing.h"
#include "probes/control/control.h"
#include "probes/hprobe/hprobe.h"
#include "probes/insn/step.h"
#include "runtime/base/limits.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"
#include "runtime/event/stream.h"
#include "runtime/isa/insn.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/sym.h"
#include "runtime/trace/tracepoint.h"

extern "C" {
// Calls itself, so that its return probes nest.
__attribute__((noinline)) uint64_t victim_recursive(uint64_t n)
{
	// Used after the calls, so that neither becomes a loop.
	volatile uint64_t sum = n < 2 ? n : victim_recursive(n - 1) + victim_recursive(n - 2);
	return sum;
}

__attribute__((noinline)) uint64_t victim_deep(uint64_t n)
{
	volatile uint64_t below = n == 0 ? 0 : victim_deep(n - 1) + 1;
	return below;
}
}

namespace
{

struct Victim {
	const char *name;
	victim_fn *function;
};

const Victim kVictims[] = {
	{"victim_endbr", victim_endbr},
	{"victim_jump", victim_jump},
	{"victim_condition", victim_condition},
	{"victim_rip_relative", victim_rip_relative},
	{"victim_call", victim_call},
	{"victim_call_first", victim_call_first},
	{"victim_indirect", victim_indirect},
	{"victim_indirect_memory", victim_indirect_memory},
	{"victim_loop", victim_loop},
	{"victim_push", victim_push},
	{"victim_tail", victim_tail},
	{"victim_flags", victim_flags},
};

TEST_F(Hprobe, EntryGivesArgumentsAndChangesNothing)
{
	uint64_t address = AddressOf(victim_push);
	uint8_t before[16];
	std::memcpy(before, reinterpret_cast<void *>(address), sizeof(before));
	ASSERT_EQ(AXB_OK, Attach(address));
	EXPECT_EQ(0xcc, *reinterpret_cast<uint8_t *>(address));
	for (uint64_t n = 0; n < 10; n++) {
		EXPECT_EQ(n + 1, victim_push(n));
	}
	std::vector<axb_trace_event> events = Events();
	ASSERT_EQ(10u, events.size());
	EXPECT_EQ(AXB_PROBE_TYPE_HPROBE, events[7].probe_type);
	EXPECT_EQ(7u, events[7].args[0]);
	EXPECT_EQ(4, events[7].nr_args);
	EXPECT_STREQ("victim_push", axb_event_name(events[7].name_offset));
	EXPECT_EQ(10u, Info(address).stats.hits);
	EXPECT_EQ(10u, Info(address).stats.handled);
	ASSERT_EQ(AXB_OK, Detach(address));
	EXPECT_EQ(0, std::memcmp(before, reinterpret_cast<void *>(address), sizeof(before)));
	EXPECT_EQ(5u, victim_push(4));
	EXPECT_EQ(0u, Events().size());
}

TEST_F(Hprobe, EveryVictimAtEntryAndReturn)
{
	for (const Victim &victim : kVictims) {
		SCOPED_TRACE(victim.name);
		uint64_t address = AddressOf(victim.function);
		ASSERT_EQ(AXB_OK, Attach(address)) << last_refusal_;
		ASSERT_EQ(AXB_OK, Attach(address, true));
		for (uint64_t n = 0; n < 20; n++) {
			ASSERT_EQ(n + 1, victim.function(n));
		}
		axb_hprobe_stats stats = Info(address).stats;
		EXPECT_EQ(20u, stats.hits);
		EXPECT_EQ(20u, stats.armed);
		EXPECT_EQ(20u, stats.returned);
		EXPECT_EQ(0u, stats.abandoned + stats.missed + stats.no_instance);
		std::vector<axb_trace_event> events = Events();
		ASSERT_EQ(40u, events.size());
		EXPECT_EQ(AXB_PROBE_TYPE_HRETPROBE, events[1].probe_type);
		EXPECT_EQ(1u, events[1].args[0]);
		EXPECT_GT(events[1].duration_ns, 0u);
		ASSERT_EQ(AXB_OK, Detach(address));
		ASSERT_EQ(AXB_OK, Detach(address, true));
		EXPECT_EQ(21u, victim.function(20));
	}
}

// At every instruction of the victims: counted exactly or refused with a reason.
TEST_F(Hprobe, EveryInstructionOfTheVictims)
{
	uint32_t probed = 0, simulated = 0;
	for (const Victim &victim : kVictims) {
		axb_symbol symbol;
		SCOPED_TRACE(victim.name);
		ASSERT_EQ(AXB_OK, axb_symtab_lookup_name(axb_sym_self(), victim.name, &symbol));
		for (uint64_t at = symbol.address; at < symbol.address + symbol.size; at++) {
			axb_status st = Attach(at);
			if (st != AXB_OK) {
				EXPECT_TRUE(st == AXB_ERR_ARG || st == AXB_ERR_REJECTED)
					<< last_refusal_;
				continue;
			}
			probed++;
			simulated += Info(at).step == AXB_STEP_SIMULATE;
			for (uint64_t n = 0; n < 5; n++) {
				ASSERT_EQ(n + 1, victim.function(n)) << at - symbol.address;
			}
			axb_hprobe_stats stats = Info(at).stats;
			EXPECT_EQ(stats.hits, stats.handled);
			ASSERT_EQ(AXB_OK, Detach(at));
		}
	}
	EXPECT_GT(probed, 40u);
	EXPECT_GT(simulated, 5u);
}

TEST_F(Hprobe, ReturnsNestAndRecurse)
{
	uint64_t address = AddressOf(victim_recursive);
	ASSERT_EQ(AXB_OK, Attach(address, true));
	EXPECT_EQ(55u, victim_recursive(10));
	axb_hprobe_stats stats = Info(address).stats;
	EXPECT_EQ(177u, stats.armed);
	EXPECT_EQ(177u, stats.returned);
}

TEST_F(Hprobe, ReturnOfFunctionAndItsTail)
{
	ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_tail), true));
	ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_push), true));
	EXPECT_EQ(8u, victim_tail(7));
	EXPECT_EQ(1u, Info(AddressOf(victim_tail)).stats.returned);
	EXPECT_EQ(1u, Info(AddressOf(victim_push)).stats.returned);
	std::vector<axb_trace_event> events = Events();
	ASSERT_EQ(2u, events.size());
	EXPECT_EQ(8u, events[0].args[0]);
	EXPECT_EQ(8u, events[1].args[0]);
}

// More pending returns than there are instances: the rest is counted, nothing breaks.
TEST_F(Hprobe, ExhaustedInstancesAreCounted)
{
	uint64_t address = AddressOf(victim_deep);
	ASSERT_EQ(AXB_OK, Attach(address, true));
	EXPECT_EQ(300u, victim_deep(300));
	axb_hprobe_stats stats = Info(address).stats;
	EXPECT_EQ(stats.armed, stats.returned + stats.abandoned);
	EXPECT_EQ(301u, stats.hits);
	EXPECT_EQ(uint64_t{AXB_HPROBE_RETURN_MAX}, stats.armed);
	EXPECT_EQ(301u - AXB_HPROBE_RETURN_MAX, stats.no_instance);
}

TEST_F(Hprobe, ProgramsRunWithRegisters)
{
	// r0 = ctx->rdi; if it is not 5, a load out of bounds faults the run.
	const uint8_t rdi = offsetof(axb_pt_regs_x86_64, rdi);
	axb_prog_id_t prog = LoadProgram(
		AXB_PROG_TYPE_HPROBE, {{0x79, 0x10, rdi, 0}, {0x15, 0x00, 1, 5},
					      {0x79, 0x10, 0x1000, 0}, {0x95, 0, 0, 0}});
	ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_push), false, prog));
	EXPECT_EQ(AXB_ERR_EXISTS, Attach(AddressOf(victim_push), false, prog));
	EXPECT_EQ(AXB_ERR_UNSUPPORTED, Attach(AddressOf(victim_push), true, prog));
	EXPECT_EQ(6u, victim_push(5));
	struct axb_prog_info info;
	ASSERT_EQ(AXB_OK, axb_prog_info(prog, &info));
	EXPECT_EQ(1u, info.runs);
	EXPECT_EQ(0u, info.faults);
	EXPECT_EQ(7u, victim_push(6));
	ASSERT_EQ(AXB_OK, axb_prog_info(prog, &info));
	EXPECT_EQ(2u, info.runs);
	EXPECT_EQ(1u, info.faults);
	EXPECT_EQ(2u, Info(AddressOf(victim_push)).stats.ran);
	EXPECT_EQ(0u, Events().size());
	ASSERT_EQ(AXB_OK, Detach(AddressOf(victim_push), false, prog));
	EXPECT_EQ(AXB_ERR_NOT_FOUND, Detach(AddressOf(victim_push), false, prog));
}

// What runs in the middle of a hit can be probed: those hits are missed, and nothing hangs.
TEST_F(Hprobe, HitsInTheMiddleOfAHitAreMissed)
{
	uint64_t emit = reinterpret_cast<uint64_t>(axb_event_emit);
	uint64_t context = reinterpret_cast<uint64_t>(axb_plat_vcpu_context);
	ASSERT_EQ(AXB_OK, Attach(emit));
	ASSERT_EQ(AXB_OK, Attach(context));
	ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_push)));
	for (uint64_t n = 0; n < 5; n++) {
		EXPECT_EQ(n + 1, victim_push(n));
	}
	EXPECT_EQ(5u, Info(AddressOf(victim_push)).stats.handled);
	EXPECT_EQ(5u, Info(emit).stats.missed);
	EXPECT_EQ(0u, Info(emit).stats.handled);
	EXPECT_EQ(5u, Info(context).stats.missed);
	ASSERT_EQ(AXB_OK, Detach(context));
	ASSERT_EQ(AXB_OK, Detach(emit));
}

TEST_F(Hprobe, Refuses)
{
	EXPECT_EQ(AXB_ERR_ARG, Attach(AddressOf(victim_rip_relative) + 1));
	EXPECT_EQ("no instruction begins at this address", last_refusal_);
	EXPECT_EQ(AXB_ERR_ARG, Attach(AddressOf(victim_rip_relative) + 7, true));
	EXPECT_EQ(AXB_ERR_REJECTED, Attach(reinterpret_cast<uint64_t>(axb_probe_dispatch)));
	EXPECT_EQ("it is part of the way into and out of probes", last_refusal_);
	EXPECT_EQ(AXB_ERR_REJECTED, Attach(reinterpret_cast<uint64_t>(axb_plat_cpu_id)));
	EXPECT_EQ(AXB_ERR_REJECTED, Attach(AddressOf(victim_jump) + 2)); // ud2
	EXPECT_EQ(AXB_ERR_NOT_FOUND, Attach(16));
	EXPECT_EQ(AXB_ERR_NOT_FOUND, Detach(AddressOf(victim_push)));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(i == 0 ? AXB_OK : AXB_ERR_EXISTS, Attach(AddressOf(victim_push)));
	}
}

TEST_F(Hprobe, TellsWhenItIsThereAndWhenNot)
{
	uint64_t emit = reinterpret_cast<uint64_t>(axb_event_emit);
	uint32_t enabled = 0;
	ASSERT_EQ(AXB_OK, axb_tp_set_enabled_glob("probe:*", true, &enabled));
	ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_push), true));
	ASSERT_EQ(AXB_OK, Attach(emit));
	EXPECT_EQ(4u, victim_push(3));
	ASSERT_EQ(AXB_OK, Detach(AddressOf(victim_push), true));
	ASSERT_EQ(AXB_OK, Detach(emit));
	const struct {
		uint32_t id;
		uint64_t address, last;
	} expected[] = {
		{AXB_TP_ID_PROBE_ARMED, AddressOf(victim_push), AXB_PROBE_TYPE_HRETPROBE},
		{AXB_TP_ID_PROBE_ARMED, emit, AXB_PROBE_TYPE_HPROBE},
		{AXB_TP_ID_PROBE_GONE, AddressOf(victim_push), AXB_PROBE_TYPE_HRETPROBE},
		{AXB_TP_ID_PROBE_LOST, emit, 3}, // in each event between
		{AXB_TP_ID_PROBE_GONE, emit, AXB_PROBE_TYPE_HPROBE},
	};
	size_t found = 0;
	for (const axb_trace_event &event : Events()) {
		if (event.probe_type != AXB_PROBE_TYPE_TRACEPOINT) {
			continue;
		}
		ASSERT_LT(found, sizeof(expected) / sizeof(expected[0]));
		EXPECT_EQ(expected[found].id, event.event_id);
		EXPECT_EQ(expected[found].address, event.args[1]);
		EXPECT_EQ(expected[found].last, event.args[2]);
		EXPECT_NE(0u, event.args[0]);
		found++;
	}
	EXPECT_EQ(sizeof(expected) / sizeof(expected[0]), found);
}

// Every function of axebpf in this process, one after the other, while it is in use.
TEST_F(Hprobe, EveryFunctionOfOurs)
{
	uint32_t cursor = 0, probed = 0, refused = 0;
	axb_symbol symbol;
	while (axb_symtab_search(axb_sym_self(), "axb_*", &cursor, &symbol) == AXB_OK) {
		if (symbol.type != 't' && symbol.type != 'T') {
			continue;
		}
		SCOPED_TRACE(symbol.name);
		axb_status st = Attach(symbol.address);
		axb_status returns = Attach(symbol.address, true);
		EXPECT_EQ(st, returns);
		probed += st == AXB_OK;
		refused += st != AXB_OK;
		EXPECT_TRUE(st == AXB_OK || st == AXB_ERR_REJECTED) << last_refusal_;
		// Attach, emit, run, look up: with the probe in place.
		ASSERT_EQ(AXB_OK, Attach(AddressOf(victim_call)));
		ASSERT_EQ(3u, victim_call(2));
		ASSERT_EQ(AXB_OK, Detach(AddressOf(victim_call)));
		if (st == AXB_OK) {
			axb_hprobe_stats stats = Info(symbol.address).stats;
			EXPECT_EQ(stats.hits, stats.handled + stats.missed);
			ASSERT_EQ(AXB_OK, Detach(symbol.address));
			ASSERT_EQ(AXB_OK, Detach(symbol.address, true));
		}
		(void)Events();
	}
	EXPECT_GT(probed, 100u);
	EXPECT_GT(refused, 2u);
	(void)printf("%u functions probed, %u refused\n", probed, refused);
}

class HprobeControl : public Hprobe
{
      protected:
	void SetUp() override
	{
		static const axb_probe_kind *const kinds[] = {
			&axb_probe_kind_hprobe, &axb_probe_kind_hretprobe};
		Hprobe::SetUp();
		axb_control_init(kinds, 2);
	}

	axb_status AttachSpec(const char *spec)
	{
		const axb_control_config config = {};
		return axb_control_attach(spec, &config, &count_, &why_);
	}

	uint32_t count_ = 0;
	axb_control_error why_ = {};
};

TEST_F(HprobeControl, Specs)
{
	ASSERT_EQ(AXB_OK, AttachSpec("hprobe:victim_push,hr:victim_tail"));
	EXPECT_EQ(2u, count_);
	EXPECT_EQ(4u, victim_tail(3));
	EXPECT_EQ(2u, Events().size());
	EXPECT_EQ(AXB_ERR_EXISTS, AttachSpec("h:victim_push"));
	EXPECT_STREQ("the same probe is there already", why_.what);
	ASSERT_EQ(AXB_OK, axb_control_detach("h:victim_push", {0}, &count_, &why_));
	ASSERT_EQ(AXB_OK, axb_control_detach("hretprobe:victim_*", {0}, &count_, &why_));
	EXPECT_EQ(1u, count_);
	EXPECT_EQ(4u, victim_tail(3));
	EXPECT_EQ(0u, Events().size());
	EXPECT_EQ(AXB_ERR_NOT_FOUND, AttachSpec("h:victim_pusj"));
	EXPECT_STREQ("victim_push", why_.nearest);
	EXPECT_EQ(AXB_ERR_ARG, AttachSpec("h:victim_rip_relative+0x1"));
	ASSERT_EQ(AXB_OK, AttachSpec("h:victim_rip_relative+0x7"));
	EXPECT_EQ(4u, victim_rip_relative(3));
	std::vector<axb_trace_event> events = Events();
	ASSERT_EQ(1u, events.size());
	EXPECT_STREQ("victim_rip_relative+0x7", axb_event_name(events[0].name_offset));
}

// What the events of a probe say, as the shell and the CLI print it, without the time.
std::vector<std::string> Lines(const std::vector<axb_trace_event> &events)
{
	std::vector<std::string> lines;
	for (axb_trace_event event : events) {
		char line[256];
		axb_text text;
		event.duration_ns = 0;
		axb_text_init(&text, line, sizeof(line));
		axb_event_format(&event, axb_event_name(event.name_offset), &text);
		lines.push_back(std::string(line).substr(21));
	}
	return lines;
}

struct Guest {
	uint64_t id;
	const char *name;
	int16_t weight;
	uint8_t bits;
};

TEST_F(HprobeControl, FetchesArguments)
{
	const Guest guest = {7, "linux-small", -3, 0x5a};
	const auto address = reinterpret_cast<uint64_t>(&guest);
	ASSERT_EQ(AXB_OK, AttachSpec("hprobe:victim_push id=+0($arg1):u32 weight=+16(%di):s16 "
				     "name=+0(+8($arg1)):string"))
		<< why_.what;
	(void)victim_push(address);
	EXPECT_EQ(Lines(Events()),
		std::vector<std::string>{"hprobe       victim_push                    id=7 "
					 "weight=-3 name=\"linux-small\""});
	ASSERT_EQ(AXB_OK, axb_control_detach("h:victim_push", {0}, &count_, &why_));

	ASSERT_EQ(AXB_OK, AttachSpec("h:victim_push ptr=$arg1 hi=+18($arg1):b4@4/8 "
				     "gone=+0(\\16):u64 text=+0(\\16):string"));
	(void)victim_push(address);
	char want[128];
	(void)snprintf(want, sizeof(want),
		"hprobe       victim_push                    ptr=0x%llx hi=5 gone=(fault) "
		"text=(fault)",
		static_cast<unsigned long long>(address));
	EXPECT_EQ(Lines(Events()), std::vector<std::string>{want});
	ASSERT_EQ(AXB_OK, axb_control_detach("h:victim_push", {0}, &count_, &why_));

	ASSERT_EQ(AXB_OK, AttachSpec("hr:victim_push r=$retval:s64 low=%ax:b2@0/8"));
	EXPECT_EQ(3u, victim_push(2));
	EXPECT_EQ(Lines(Events()),
		std::vector<std::string>{"hretprobe    victim_push                    r=3 low=3"});
}

TEST_F(HprobeControl, RefusesArguments)
{
	EXPECT_EQ(AXB_ERR_NOT_FOUND, AttachSpec("h:victim_push,h:victim_tail n=%rdi"));
	EXPECT_STREQ("no register has this name", why_.what);
	EXPECT_STREQ("di", why_.nearest);
	EXPECT_EQ(31u, why_.column);
	EXPECT_EQ(AXB_ERR_ARG, AttachSpec("h:victim_push,hr:victim_tail n=$arg1"));
	EXPECT_STREQ("at a return the arguments are gone", why_.what);
	EXPECT_EQ(AXB_ERR_ARG, AttachSpec("h:victim_rip_relative+0x7 n=$arg1"));
	EXPECT_STREQ("$argN is known at the beginning of a function only", why_.what);
	EXPECT_EQ(AXB_ERR_REJECTED, AttachSpec("h:victim_push a_name_that_is_as_long=%di "
					       "another_name_like_that=%si b=\\1"));
	EXPECT_STREQ("the function and the names of its arguments have more than 63 characters",
		why_.what);
	const axb_control_config config = {
		LoadProgram(AXB_PROG_TYPE_HPROBE, {{0xb7, 0, 0, 0}, {0x95, 0, 0, 0}}), 0, false,
		nullptr};
	EXPECT_EQ(AXB_ERR_UNSUPPORTED,
		axb_control_attach("h:victim_push n=$arg1", &config, &count_, &why_));
	EXPECT_STREQ("arguments are for events: a program reads registers itself", why_.what);
	uint32_t cursor = 0;
	axb_hprobe_info info;
	EXPECT_FALSE(axb_hprobe_next(&cursor, &info));
	ASSERT_EQ(AXB_OK, AttachSpec("h:victim_rip_relative+0x7 n=%di:u32"));
	EXPECT_EQ(4u, victim_rip_relative(3));
	EXPECT_EQ(Lines(Events()),
		std::vector<std::string>{"hprobe       victim_rip_relative+0x7        n=3"});
}

TEST_F(HprobeControl, ListsOfArgumentsAreSharedAndFreed)
{
	// Many sites, one list; more lists than there is room for, one after the other.
	ASSERT_EQ(AXB_OK, AttachSpec("h:victim_* n=$arg1"));
	for (uint32_t i = 0; i < 3 * AXB_HPROBE_FETCH_MAX; i++) {
		std::string spec = "h:victim_deep n=\\" + std::to_string(i);
		ASSERT_EQ(AXB_OK, axb_control_detach("h:victim_deep", {0}, &count_, &why_));
		ASSERT_EQ(AXB_OK, AttachSpec(spec.c_str())) << spec << why_.what;
	}
	(void)victim_deep(0);
	EXPECT_EQ(Lines(Events())[0], "hprobe       victim_deep                    n=0xbf");
	EXPECT_EQ(3u, victim_call(2));
	EXPECT_EQ(Lines(Events())[0], "hprobe       victim_call                    n=0x2");
}

TEST_F(HprobeControl, GlobIsAllOrNothing)
{
	ASSERT_EQ(AXB_OK, AttachSpec("h:victim_*"));
	EXPECT_GE(count_, 14u);
	EXPECT_EQ(3u, victim_call(2));
	EXPECT_EQ(2u, Events().size()); // victim_call and victim_endbr
	// One is there already: none of the others stays.
	ASSERT_EQ(AXB_OK, axb_control_detach("h:victim_*", {0}, &count_, &why_));
	ASSERT_EQ(AXB_OK, AttachSpec("h:victim_tail"));
	EXPECT_EQ(AXB_ERR_EXISTS, AttachSpec("h:victim_*"));
	uint32_t cursor = 0, sites = 0;
	axb_hprobe_info info;
	while (axb_hprobe_next(&cursor, &info)) {
		sites++;
	}
	EXPECT_EQ(1u, sites);
}

TEST_F(HprobeControl, CheckSaysHow)
{
	char buffer[1024];
	axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	ASSERT_EQ(AXB_OK,
		axb_control_check("h:victim_tail,h:victim_push,h:victim_jump+0x2", &text, &why_));
	EXPECT_STREQ("hprobe:victim_tail: 1 site; off: nothing or a NOP; on: at most one trap\n"
		     "  victim_tail: breakpoint, simulated\n"
		     "hprobe:victim_push: 1 site; off: nothing or a NOP; on: at most one trap\n"
		     "  victim_push: breakpoint, slot\n"
		     "hprobe:victim_jump+0x2: 1 site; off: nothing or a NOP; on: at most one trap\n"
		     "  victim_jump+0x2: refused: it raises an exception, whose return address "
		     "would show the slot\n",
		buffer);
	uint32_t cursor = 0;
	axb_hprobe_info info;
	EXPECT_FALSE(axb_hprobe_next(&cursor, &info));
}

// Threads call while probes come and go.
TEST_F(Hprobe, AttachAndDetachUnderLoad)
{
	constexpr int kRounds = 1000;
	std::atomic<uint64_t> wrong{0}, calls{0}, started{0};
	std::atomic<bool> stop{false};
	std::vector<std::thread> threads;
	for (int t = 0; t < 4; t++) {
		threads.emplace_back([&] {
			EXPECT_TRUE(axb_host_claim_cpu());
			started++;
			for (uint64_t n = 0; !stop; n++, calls++) {
				wrong += victim_call(n) != n + 1;
			}
		});
	}
	while (started != 4) {
	}
	uint64_t address = AddressOf(victim_call);
	for (int i = 0; i < kRounds; i++) {
		ASSERT_EQ(AXB_OK, Attach(address, true));
		ASSERT_EQ(AXB_OK, Attach(address));
		/* However busy the machine is, some calls meet the probes. */
		for (uint64_t met = calls + 8; i % 100 == 0 && calls < met;) {
			std::this_thread::yield();
		}
		ASSERT_EQ(AXB_OK, Detach(address, i % 2 == 0));
		ASSERT_EQ(AXB_OK, Detach(address, i % 2 != 0));
	}
	stop = true;
	for (std::thread &thread : threads) {
		thread.join();
	}
	ASSERT_EQ(AXB_OK, Attach(address));
	axb_hprobe_stats stats = Info(address).stats;
	EXPECT_EQ(0u, wrong);
	EXPECT_EQ(stats.hits, stats.handled + stats.missed);
	EXPECT_EQ(stats.armed, stats.returned + stats.abandoned);
	EXPECT_GT(stats.hits, 0u);
	EXPECT_LE(stats.hits, calls);
}

} // namespace
