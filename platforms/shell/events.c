/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Commands about events: dump and stream. Both look into the flight recorder, which takes nothing
 * away from the stream file.
 */
#include "platforms/shell/internal.h"

#include "runtime/base/mem.h"
#include "runtime/event/stream.h"
#include "runtime/hooks/core.h"

#define DUMP_DEFAULT 20u
/* Events of one CPU that one look takes. */
#define LOOK_MAX 128u

/* A look at the newest events of a CPU, consumed in order of time over all CPUs. */
struct look {
	size_t count;
	size_t next;
	struct axb_trace_event events[LOOK_MAX];
};

static struct look looks[AXB_CPU_MAX];
static bool streaming;

/* Up to where a CPU's events were shown. Sequence numbers tell new events from shown ones, also
 * those of the same nanosecond and those of a trap, which are behind the event that the trap
 * interrupted but have an earlier time. Numbers wrap: then the time tells. */
static struct {
	uint16_t sequence;
	uint64_t time_ns;
} shown[AXB_CPU_MAX];

static void say_event(const struct axb_trace_event *event)
{
	struct shell_line line;
	shell_begin(&line);
	axb_event_format(event, axb_event_name(event->name_offset), &line.text);
	shell_end(&line);
}

static size_t take_looks(void)
{
	size_t total = 0;
	for (uint32_t cpu = 0; cpu < axb_plat_cpu_count(); cpu++) {
		looks[cpu].next = 0;
		looks[cpu].count = axb_event_recent(cpu, looks[cpu].events, LOOK_MAX);
		total += looks[cpu].count;
	}
	return total;
}

/* The oldest event that is left in the looks; NULL at the end. */
static const struct axb_trace_event *next_event(void)
{
	struct look *oldest = NULL;
	for (uint32_t cpu = 0; cpu < axb_plat_cpu_count(); cpu++) {
		struct look *look = &looks[cpu];
		if (look->next < look->count &&
			(oldest == NULL || look->events[look->next].timestamp_ns <
						   oldest->events[oldest->next].timestamp_ns)) {
			oldest = look;
		}
	}
	return oldest == NULL ? NULL : &oldest->events[oldest->next++];
}

static void say_header(void)
{
	struct shell_line line;
	shell_begin(&line);
	axb_event_format_header(&line.text);
	shell_end(&line);
}

enum axb_status shell_dump(const struct shell_args *args)
{
	uint64_t wanted = DUMP_DEFAULT;
	const struct axb_trace_event *event;
	if (args->count > 1 && !axb_parse_u64(args->words[1], &wanted)) {
		return shell_error(args, 1, AXB_ERR_ARG, "not a number", NULL);
	}
	size_t left = take_looks();
	if (left == 0) {
		shell_say("(no events)");
		return AXB_OK;
	}
	say_header();
	while ((event = next_event()) != NULL) {
		if (left-- <= wanted) {
			say_event(event);
		}
	}
	return AXB_OK;
}

/* Was @event not shown yet? From now on it was. */
static bool note_new(const struct axb_trace_event *event)
{
	uint32_t cpu = event->cpu_id;
	bool is_later = event->timestamp_ns > shown[cpu].time_ns;
	uint16_t ahead = (uint16_t)(event->sequence - shown[cpu].sequence);
	if (!is_later && (ahead == 0 || ahead > INT16_MAX)) {
		return false;
	}
	shown[cpu].sequence = event->sequence;
	if (is_later) {
		shown[cpu].time_ns = event->timestamp_ns;
	}
	return true;
}

/* Show what came since the last look; what came faster than the recorder holds is left out. */
static void show_new(void)
{
	const struct axb_trace_event *event;
	(void)take_looks();
	while ((event = next_event()) != NULL) {
		if (note_new(event)) {
			say_event(event);
		}
	}
}

void axb_shell_poll(void)
{
	if (streaming) {
		show_new();
	}
}

/* What is there already was seen, or is for "dump". */
static void skip_old(void)
{
	const struct axb_trace_event *event;
	uint64_t now_ns = axb_plat_time_ns();
	for (uint32_t cpu = 0; cpu < AXB_CPU_MAX; cpu++) {
		shown[cpu].sequence = UINT16_MAX; /* the one before the first */
		shown[cpu].time_ns = now_ns;
	}
	(void)take_looks();
	while ((event = next_event()) != NULL) {
		shown[event->cpu_id].sequence = event->sequence;
	}
}

enum axb_status shell_stream(const struct shell_args *args)
{
	if (args->count < 2) {
		shell_say(streaming ? "Streaming is on." : "Streaming is off.");
		return AXB_OK;
	}
	bool on = axb_streq(args->words[1], "on");
	if (!on && !axb_streq(args->words[1], "off")) {
		return shell_error(args, 1, AXB_ERR_ARG, "on or off", NULL);
	}
	if (on && !streaming) {
		skip_old();
		say_header();
	}
	streaming = on;
	return AXB_OK;
}
