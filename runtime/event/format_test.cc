/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "runtime/event/stream.h"

/* The emitters beside the tables want it; nothing is emitted here. */
void axb_tp_hit(const struct axb_tp_def * /*def*/, void * /*ctx*/, const uint64_t * /*slots*/,
	uint8_t /*nr_args*/, uint64_t /*duration_ns*/)
{
}

namespace
{

std::string Format(const axb_trace_event &event, const char *name = nullptr)
{
	char line[256];
	axb_text text;
	axb_text_init(&text, line, sizeof(line));
	axb_event_format(&event, name, &text);
	return line;
}

/* From the column DETAILS on. */
std::string Details(const axb_trace_event &event, const char *name = nullptr)
{
	std::string line = Format(event, name);
	return line.size() < 65 ? "" : line.substr(65);
}

axb_trace_event Event(uint32_t id, std::vector<uint64_t> args = {}, uint64_t duration_ns = 0)
{
	axb_trace_event event = {};
	event.event_id = id;
	event.nr_args = static_cast<uint8_t>(args.size());
	std::copy(args.begin(), args.end(), event.args);
	event.duration_ns = duration_ns;
	return event;
}

axb_trace_event TextEvent(uint32_t id, const char *text, uint8_t nr_args)
{
	axb_trace_event event = Event(id);
	strncpy(reinterpret_cast<char *>(event.args), text, 32);
	event.nr_args = nr_args;
	return event;
}

TEST(AxbEventFormat, PrintsALine)
{
	axb_trace_event event =
		Event(AXB_TP_ID_VCPU_EXIT, {AXB_EXIT_HVC, 0x40080000, 0x5a000000}, 1234);
	event.timestamp_ns = 1000123999;
	event.vm_id = 1;
	EXPECT_EQ(Format(event), "[    1.000123] cpu0  tracepoint   vcpu:exit                      "
				 "reason=hvc pc=0x40080000 syndrome=0x5a000000 dur=1.2us vm1");
}

TEST(AxbEventFormatHeader, StandsAboveTheColumns)
{
	char lines[256];
	axb_text text;
	axb_text_init(&text, lines, sizeof(lines));
	axb_event_format_header(&text);
	EXPECT_EQ(std::string(lines),
		"TIMESTAMP      CPU   TYPE         EVENT                          DETAILS\n"
		"-------------- ----- ------------ ------------------------------ "
		"------------------------------");
}

TEST(AxbEventFormat, PrintsTheFieldsOfTheSpec)
{
	const struct {
		axb_trace_event event;
		const char *details;
	} cases[] = {
		{Event(AXB_TP_ID_VMM_VM_DESTROY), ""},
		{Event(AXB_TP_ID_VMM_VMM_INIT, {2}), "cpu_count=2"},
		{Event(AXB_TP_ID_VCPU_EXIT, {AXB_EXIT_WFI}), "reason=wfi"},
		{Event(AXB_TP_ID_VCPU_EXIT, {0}), "reason=unknown"},
		{Event(AXB_TP_ID_VCPU_EXIT, {17}), "reason=17"},
		{Event(AXB_TP_ID_VCPU_EXIT, {1ull << 32 | 6}), "reason=4294967302"},
		{Event(AXB_TP_ID_HYPERCALL_CALL, {1, 2, 3, ~0ull}),
			"nr=0x1 arg0=0x2 arg1=0x3 ret=-1"},
		{TextEvent(AXB_TP_ID_USER_MARKER, "start of it", 4), "text=\"start of it\""},
		{TextEvent(AXB_TP_ID_USER_MARKER, "\x1b[2Jx\xff", 4), "text=\"?[2Jx?\""},
		{TextEvent(AXB_TP_ID_USER_MARKER, "0123456789abcdef0123456789abcdef", 4),
			"text=\"0123456789abcdef0123456789abcdef\""},
		{TextEvent(AXB_EVENT_ID_PRINTK, "hello", 1), "\"hello\""},
		{Event(AXB_EVENT_ID_LOST, {3, 17}), "lost=3 total=17"},
		{Event(99), ""},
		{Event(99, {1, 0xff}), "args=[0x1, 0xff]"},
		{Event(99, {}, 5), "dur=5ns"},
	};
	for (const auto &c : cases) {
		EXPECT_EQ(Details(c.event), c.details);
	}
}

TEST(AxbEventFormat, PadsDecimalsWithZeros)
{
	const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{1, "1ns"},
		{999, "999ns"},
		{1000, "1.0us"},
		{1099, "1.0us"},
		{1950, "1.9us"},
		{999999, "999.9us"},
		{1000000, "1.0ms"},
		{999999999, "999.9ms"},
		{1000000000, "1.00s"},
		{1050000000, "1.05s"},
		{1500000000, "1.50s"},
		{UINT64_MAX, "18446744073.70s"},
	};
	for (const auto &c : cases) {
		EXPECT_EQ(Details(Event(99, {}, c.ns)), std::string("dur=") + c.text);
	}
}

TEST(AxbEventFormat, PadsMicrosecondsWithZeros)
{
	const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0, "[    0.000000]"},
		{1999, "[    0.000001]"},
		{10000000, "[    0.010000]"},
		{999999999, "[    0.999999]"},
		{12345000000000, "[12345.000000]"},
		{UINT64_MAX, "[18446744073.709551]"},
	};
	for (const auto &c : cases) {
		axb_trace_event event = Event(1);
		event.timestamp_ns = c.ns;
		std::string line = Format(event);
		EXPECT_EQ(line.substr(0, line.find(']') + 1), c.text);
	}
}

TEST(AxbEventFormat, NamesEvents)
{
	axb_trace_event probe = Event(AXB_TP_ID_VCPU_EXIT, {1});
	probe.probe_type = AXB_PROBE_TYPE_HRETPROBE;
	probe.cpu_id = 63;
	EXPECT_EQ(Format(probe, "vm_run+0x0"),
		"[    0.000000] cpu63 hretprobe    vm_run+0x0                     args=[0x1]");
	EXPECT_EQ(Format(probe),
		"[    0.000000] cpu63 hretprobe    id:212                         args=[0x1]");
	probe.probe_type = 200;
	EXPECT_EQ(Format(probe, "a\nb").substr(21, 16), "unknown      a?b");
	EXPECT_EQ(Format(Event(AXB_TP_ID_VCPU_EXIT), "other").substr(34), "vcpu:exit");
	EXPECT_EQ(Format(Event(AXB_EVENT_ID_LOST), "other").substr(34, 5), "lost ");
	EXPECT_EQ(Format(Event(AXB_EVENT_ID_PRINTK)).substr(34, 7), "printk ");
	EXPECT_EQ(Format(Event(AXB_EVENT_ID_PRINTK), "mine").substr(34, 5), "mine ");
	EXPECT_EQ(Format(Event(99, {1}), "a_name_that_is_wider_than_its_column").substr(34),
		"a_name_that_is_wider_than_its_column args=[0x1]");
}

TEST(AxbEventFormat, PrintsTheFieldsOfAProbe)
{
	axb_trace_event event = Event(0x10000, {static_cast<uint64_t>(-5), 0xfff, 'q', 7}, 20);
	event.probe_type = AXB_PROBE_TYPE_HPROBE;
	EXPECT_EQ(Details(event, "f a:d b:x c:c d:u"), "a=-5 b=0xfff c='q' d=7 dur=20ns");
	EXPECT_EQ(Format(event, "f a:d b:x c:c d:u").substr(34, 4), "f   ");
	event.flags = AXB_EVENT_FAULT1 | AXB_EVENT_FAULT3;
	event.args[2] = 0;
	EXPECT_EQ(Details(event, "f a:d b:x c:c d:u"), "a=-5 b=(fault) c='?' d=(fault) dur=20ns");

	axb_trace_event text = TextEvent(0x10000, "/etc/passwd", 4);
	text.probe_type = AXB_PROBE_TYPE_KPROBE;
	EXPECT_EQ(Details(text, "f file:s"), "file=\"/etc/passwd\"");
	EXPECT_EQ(Details(text, "f a:s b:s"), "a=\"/etc/passwd\" b=\"\"");
	EXPECT_EQ(Details(text, "f a:s b:s c:u"), "a=\"/etc/passwd\" b=\"\" c=0");
	text.flags = AXB_EVENT_FAULT0 | AXB_EVENT_TRUNCATED;
	EXPECT_EQ(Details(text, "f file:s"), "file=(fault) (cut)");
	text.flags = AXB_EVENT_FAULT0 << 3;
	EXPECT_EQ(Details(text, "f a:s b:u"), "a=\"/etc/passwd\" b=(fault)");
}

TEST(AxbEventFormat, TakesNamesThatSayNothingAsTheyAre)
{
	axb_trace_event event = Event(0x10000, {1, 2});
	event.probe_type = AXB_PROBE_TYPE_HPROBE;
	for (const char *name : {"f", "f ", "f a", "f a:", "f :x b:x", "f a:q b:x", "f a:x",
		     "f  a:x", "f a:x b:x c:x", "f a:x b:x ", "f a:s b:x c:x d:x e:x"}) {
		EXPECT_EQ(Details(event, name), "args=[0x1, 0x2]") << name;
		std::string column = name;
		column.resize(30, ' ');
		EXPECT_EQ(Format(event, name).substr(34, 30), column) << name;
	}
	event.probe_type = AXB_PROBE_TYPE_TRACEPOINT;
	EXPECT_EQ(Details(event, "f a:x b:x"), "args=[0x1, 0x2]");
}

TEST(AxbEventFormat, SaysThatTextWasCut)
{
	axb_trace_event event = TextEvent(AXB_EVENT_ID_PRINTK, "hel", 1);
	event.flags = AXB_EVENT_TRUNCATED;
	EXPECT_EQ(Details(event), "\"hel\" (cut)");
}

TEST(AxbEventFormat, TakesHostileEventsAndSmallBuffers)
{
	axb_trace_event event;
	memset(&event, 0xff, sizeof(event));
	EXPECT_NE(Format(event), "");
	event.event_id = AXB_TP_ID_USER_MARKER;
	event.probe_type = 0;
	EXPECT_NE(Format(event), "");
	for (size_t size = 1; size < 100; size++) {
		std::vector<char> line(size);
		axb_text text;
		axb_text_init(&text, line.data(), size);
		axb_event_format(&event, size % 2 == 0 ? "name" : "f a:s b:c", &text);
		EXPECT_LT(strlen(line.data()), size);
	}
}

} // namespace
