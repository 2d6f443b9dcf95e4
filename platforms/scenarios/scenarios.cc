// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include <cstring>
#include <string>

#include "codegen/gen/event_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "platforms/scenarios/recorder.h"
#include "runtime/event/event.h"
#include "runtime/hooks/fake/fake.h"

namespace axb
{
namespace
{

void OnVcpu(uint16_t vm, uint16_t vcpu)
{
	const axb_vcpu_context context = {vm, vcpu, false, 0};
	axb_fake_set_vcpu(vm == 0 ? nullptr : &context);
}

// Each tracepoint of the catalogue once, with likely values.
void Catalogue(Recorder &r)
{
	r.Enable("*");
	axb_trace_vmm_vmm_init(2, 1500000);
	axb_trace_vmm_config_load(1, 42000);
	axb_trace_vmm_image_load(1, 0x210000, 3000000);
	axb_trace_vmm_vm_create(1, 2, 64 << 20, "guest-a");
	axb_trace_s2_map(1, 0x40000000, 0x48000000, 64 << 20, 0x7);
	axb_trace_vcpu_create(1, 0, 0x40080000);
	axb_trace_vmm_vm_boot(1, 0x40080000);
	axb_trace_hyp_hyp_exit(1, 0, 900);
	axb_trace_vcpu_enter(1, 0, 0x40080000);
	axb_trace_vcpu_exit(1, 0, AXB_EXIT_HVC, 0x40080040, 0x5a000000, 21000);
	axb_trace_hyp_hyp_enter(1, 0, AXB_EXIT_HVC);
	axb_trace_hypercall_call(1, 0, 0x86000001, 1, 2, -1);
	axb_trace_psci_call(1, 0, 0xc4000003, 1, 0x40080000, 0);
	axb_trace_s2_fault(1, 0, 0x9000000, 0xffff800009000000, 0x40080100, 0x47);
	axb_trace_mmio_access(1, 0, 0x9000018, 0x41, 4, 1);
	axb_trace_sysreg_trap(1, 0, 0x30c50a, 0x1, 1, 0x40080104);
	axb_trace_vcpu_inject(1, 0, 4, 0x2000000, 0x40080108);
	axb_trace_irq_ack(27);
	axb_trace_vmm_timer_tick(123456789);
	axb_trace_vmm_timer_event(1, 1);
	axb_trace_irq_inject(1, 0, 27, 0xa0);
	axb_trace_irq_eoi(27, 1800);
	axb_trace_vcpu_block(1, 0, 0x4008010c, 10000000);
	axb_trace_probe_armed(1, 5, 0xffff800008010000, AXB_PROBE_TYPE_KPROBE);
	axb_trace_probe_lost(1, 5, 0xffff800008010000, 3);
	axb_trace_probe_throttled(1, 5, 0xffff800008010000, 100000);
	axb_trace_probe_text_changed(1, 5, 0xffff800008010000, 0xd503201f, 0xd4200000);
	axb_trace_probe_gone(1, 5, 0xffff800008010000, AXB_PROBE_TYPE_KPROBE);
	axb_trace_s2_unmap(1, 0x40000000, 64 << 20);
	axb_trace_s2_tlbi(1, 0, 0);
	axb_trace_vmm_vm_destroy(1);
	axb_trace_shell_shell_init(7000);
	axb_trace_shell_shell_command(3, 1234567);
	axb_trace_user_marker("end of the catalogue");
	r.End();
}

// Values at the edges of what fields and columns hold.
void Edges(Recorder &r)
{
	r.Enable("*");
	for (uint64_t duration : {uint64_t{0}, uint64_t{1}, uint64_t{999}, uint64_t{1000},
		     uint64_t{1049}, uint64_t{999999}, uint64_t{1000000}, uint64_t{1050000},
		     uint64_t{999999999}, uint64_t{1000000000}, uint64_t{1050000000},
		     uint64_t{1500000000}, UINT64_MAX}) {
		axb_trace_hyp_hyp_exit(1, 0, duration);
	}
	for (uint32_t reason : {0u, 31u, 47u, 48u, UINT32_MAX}) {
		axb_trace_vcpu_exit(UINT16_MAX, UINT16_MAX, reason, UINT64_MAX, 0, 0);
	}
	for (int64_t result : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX}) {
		axb_trace_hypercall_call(1, 0, UINT64_MAX, 0, 1, result);
	}
	for (const char *text :
		{"", "x", "0123456789012345678901234567890", "01234567890123456789012345678901",
			"a \"quoted\" \\ backslash", "\x1b[31m tab\t newline\n", "\xc3\xa4\xff"}) {
		axb_trace_user_marker(text);
	}
	axb_trace_vmm_vm_create(2, UINT32_MAX, UINT64_MAX, "0123456789abcdefghi");
	r.Drain();
	for (uint64_t time : {uint64_t{999999999}, uint64_t{1000000000}, uint64_t{99999999999999},
		     uint64_t{100000000000000}, UINT64_MAX}) {
		axb_fake_set_time(time, 0);
		axb_trace_vmm_timer_tick(time);
	}
	r.End();
}

// Bursts into rings of eight: what is lost stands where it is missing, on its CPU only.
void Losses(Recorder &r)
{
	uint64_t n = 0;
	r.Enable("vmm:timer_tick");
	for (int i = 0; i < 8; i++) {
		axb_trace_vmm_timer_tick(n++);
	}
	r.Drain();
	for (int i = 0; i < 20; i++) {
		axb_trace_vmm_timer_tick(n++);
	}
	axb_fake_set_cpu(1);
	axb_trace_vmm_timer_tick(1000);
	axb_fake_set_cpu(0);
	r.Drain();
	for (int i = 0; i < 3; i++) {
		axb_trace_vmm_timer_tick(n++);
	}
	r.Drain();
	// The report needs room too: with one record free the next event is lost as well.
	for (int i = 0; i < 9; i++) {
		axb_trace_vmm_timer_tick(n++);
	}
	r.Drain();
	for (int i = 0; i < 8; i++) {
		axb_trace_vmm_timer_tick(n++);
	}
	r.Drain();
	axb_event_set_on(false);
	for (int i = 0; i < 5; i++) {
		axb_trace_vmm_timer_tick(n++);
	}
	axb_event_set_on(true);
	axb_trace_vmm_timer_tick(n++);
	r.End();
}

void TrapTick(void *)
{
	axb_trace_vmm_timer_tick(2);
}

void TrapTwice(void *)
{
	axb_fake_trap_at_clock(TrapTick, nullptr);
	axb_trace_vmm_timer_tick(1);
}

// Traps in the middle of emitting: in the reservation, twice, in a full ring, in a loss report.
void Nesting(Recorder &r)
{
	r.Enable("vmm:timer_tick");
	r.Enable("user:marker");
	axb_trace_user_marker("one trap inside");
	axb_fake_trap_at_clock(TrapTick, nullptr);
	axb_trace_vmm_timer_tick(0);
	r.Drain();
	axb_trace_user_marker("a trap inside a trap");
	axb_fake_trap_at_clock(TrapTwice, nullptr);
	axb_trace_vmm_timer_tick(0);
	r.Drain();
	axb_trace_user_marker("the trap finds the ring full");
	for (uint64_t i = 10; i < 16; i++) {
		axb_trace_vmm_timer_tick(i);
	}
	axb_fake_trap_at_clock(TrapTick, nullptr);
	axb_trace_vmm_timer_tick(0);
	r.Drain();
	axb_trace_user_marker("a trap during a loss report");
	for (uint64_t i = 20; i < 30; i++) {
		axb_trace_vmm_timer_tick(i);
	}
	r.Drain();
	axb_fake_trap_at_clock(TrapTick, nullptr);
	axb_trace_vmm_timer_tick(0);
	r.End();
}

// Text of programs and of the hypervisor: whole, in parts, cut, unprintable.
void Printk(Recorder &r)
{
	r.Attach("printk", "vmm:vm_boot");
	OnVcpu(1, 0);
	axb_trace_vmm_vm_boot(1, 0x40080000);
	OnVcpu(2, 1);
	axb_trace_vmm_vm_boot(65535, UINT64_MAX);
	OnVcpu(0, 0);
	const std::string digits = "0123456789";
	for (size_t length : {size_t{0}, size_t{1}, size_t{31}, size_t{32}, size_t{33}, size_t{256},
		     size_t{300}}) {
		std::string text;
		while (text.size() < length) {
			text += digits[text.size() % 10];
		}
		(void)axb_event_printk(text.data(), text.size());
	}
	(void)axb_event_printk("a\tb\nc\x01\xff", 7);
	r.End();
}

// Programs on tracepoints: a filter by VM, counters, a ring buffer, one that a trap interrupts.
void Programs(Recorder &r)
{
	axb_object_id_t filter = r.Attach("vm_filter", "vcpu:exit");
	axb_object_id_t exits = r.Attach("exits", "vcpu:exit");
	axb_object_id_t calls = r.Attach("hypercalls", "hypercall:call");
	r.Enable("hypercall:*");
	for (uint16_t vm = 1; vm <= 3; vm++) {
		axb_fake_set_cpu(vm % kCpuCount);
		for (uint16_t i = 0; i < 4; i++) {
			axb_trace_vcpu_exit(vm, 0, i % 2 == 0 ? AXB_EXIT_HVC : AXB_EXIT_WFI, 0x1000,
				0, 100u * vm + i);
		}
		axb_trace_hypercall_call(vm, 0, 0x86000000u + vm, vm, 7, 0);
	}
	axb_fake_set_cpu(0);
	r.Drain();
	r.DrainMap(r.Map(calls, "records"));
	axb_map *matched = r.Map(filter, ".bss");
	r.Payload("matched", matched->values, 8);
	axb_map *longest = r.Map(filter, ".data");
	r.Payload("longest_ns", longest->values, 8);
	for (uint32_t vm = 1; vm <= 3; vm++) {
		for (uint32_t reason : {uint32_t{AXB_EXIT_HVC}, uint32_t{AXB_EXIT_WFI}}) {
			uint32_t key = vm * 64 + reason;
			uint64_t counts[kCpuCount];
			for (uint32_t cpu = 0; cpu < kCpuCount; cpu++) {
				memcpy(&counts[cpu],
					axb_map_lookup_cpu(r.Map(exits, "exits"), &key, cpu),
					sizeof counts[cpu]);
			}
			std::string name = "exits vm" + std::to_string(vm) + " " +
					   axb_exit_reason_name(reason);
			r.Payload(name.c_str(), counts, sizeof counts);
		}
	}
	r.End();
}

void TrapBoot(void *)
{
	axb_trace_vmm_vm_boot(9, 0x9000);
}

void TrapBootLater(void *)
{
	axb_fake_trap_at_clock(TrapBoot, nullptr);
}

// A trap in the middle of a program reaches the same tracepoint: an event, but no second run.
void NestedProgram(Recorder &r)
{
	r.Attach("printk", "vmm:vm_boot");
	r.Enable("vmm:vm_boot");
	// The first reading of the clock is the event's, the second is in bpf_printk().
	axb_fake_trap_at_clock(TrapBootLater, nullptr);
	axb_trace_vmm_vm_boot(1, 0x1000);
	axb_trace_vmm_vm_boot(2, 0x2000);
	r.End();
}

// Two CPUs with a guest each, drained now and then: each CPU's events are in order.
void TwoCpus(Recorder &r)
{
	r.Enable("vcpu:*");
	r.Enable("vmm:timer_tick");
	for (uint64_t i = 0; i < 10; i++) {
		for (uint32_t cpu = 0; cpu < kCpuCount; cpu++) {
			auto vm = static_cast<uint16_t>(cpu + 1);
			axb_fake_set_cpu(cpu);
			OnVcpu(vm, 0);
			axb_trace_vcpu_enter(vm, 0, 0x1000 + 4 * i);
			axb_fake_advance(1000 * (cpu + 1));
			axb_trace_vcpu_exit(
				vm, 0, AXB_EXIT_IRQ, 0x1000 + 4 * i, 0, 1000 * (cpu + 1));
			if (i % 4 == cpu) {
				axb_trace_vmm_timer_tick(i);
			}
		}
		if (i % 3 == 2) {
			r.Drain();
		}
	}
	r.End();
}

// A name that comes up after the header, and a stream that ends in the middle of a block.
void Unfinished(Recorder &r)
{
	r.Enable("user:marker");
	axb_trace_user_marker("before");
	r.Drain();
	uint16_t index;
	if (axb_event_name_add("a new name", &index) != AXB_OK) {
		return;
	}
	axb_trace_event event = {};
	event.probe_type = AXB_PROBE_TYPE_KPROBE;
	event.event_id = 77;
	event.name_offset = index;
	event.vm_id = 1;
	event.nr_args = 2;
	event.args[0] = 0xffff800008010000;
	(void)axb_event_emit(&event);
	r.Drain();
	axb_trace_user_marker("not all of it is there");
	r.Drain();
	r.Cut(24);
}

} // namespace

const std::vector<Scenario> kScenarios = {
	{"catalogue", 64, Catalogue},
	{"edges", 64, Edges},
	{"losses", 8, Losses},
	{"nested_program", 64, NestedProgram},
	{"nesting", 8, Nesting},
	{"printk", 64, Printk},
	{"programs", 64, Programs},
	{"two_cpus", 64, TwoCpus},
	{"unfinished", 64, Unfinished},
};

} // namespace axb
