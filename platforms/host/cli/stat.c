/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf stat
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "platforms/host/cli/json.h"
#include "platforms/host/cli/stream_file.h"
#include "runtime/base/types.h"
#include "runtime/trace/histogram.h"

#define EVENT_MAX 4096u
#define EXIT_MAX 4096u
#define CPU_ID_MAX 256u
#define MEDIAN 50u
#define NEARLY_ALL 99u

/** One kind of event. */
struct event_row {
	char name[AXB_NAME_MAX];
	uint64_t count;
	uint64_t duration_count;
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t buckets[AXB_HISTOGRAM_BUCKETS];
};

/** Exits of one VM for one reason. */
struct exit_row {
	uint16_t vm;
	uint64_t reason;
	uint64_t count;
};

struct cpu_row {
	uint64_t events;
	uint64_t lost;
	bool has_stats;
	struct axb_event_stats stats;
};

struct summary {
	struct event_row events[EVENT_MAX];
	uint32_t event_count;
	struct exit_row exits[EXIT_MAX];
	uint32_t exit_count;
	struct cpu_row cpus[CPU_ID_MAX];
	uint64_t unnamed; /**< events that found no room above */
	uint64_t payloads;
	uint64_t payload_bytes;
	uint64_t first_ns;
	uint64_t last_ns;
	bool has_event;
	bool is_open;
};

static struct event_row *event_row(struct summary *s, const char *name)
{
	for (uint32_t i = 0; i < s->event_count; i++) {
		if (strcmp(s->events[i].name, name) == 0) {
			return &s->events[i];
		}
	}
	if (s->event_count == EVENT_MAX) {
		return NULL;
	}
	struct event_row *row = &s->events[s->event_count++];
	(void)snprintf(row->name, sizeof(row->name), "%s", name);
	return row;
}

static void count_exit(struct summary *s, const struct axb_trace_event *event)
{
	struct exit_row *row = s->exits;
	uint64_t reason = event->args[0];
	for (; row < s->exits + s->exit_count; row++) {
		if (row->vm == event->vm_id && row->reason == reason) {
			row->count++;
			return;
		}
	}
	if (s->exit_count < EXIT_MAX) {
		s->exit_count++;
		*row = (struct exit_row){.vm = event->vm_id, .reason = reason, .count = 1};
	}
}

static void count_event(struct summary *s, const struct axb_stream_reader *reader,
	const struct axb_trace_event *event)
{
	char name[AXB_NAME_MAX];
	if (event->event_id == AXB_EVENT_ID_LOST) {
		s->cpus[event->cpu_id].lost += event->args[0];
		return;
	}
	if (!cli_event_name(reader, event, name)) {
		(void)snprintf(name, sizeof(name), "id:%u", event->event_id);
	}
	s->cpus[event->cpu_id].events++;
	s->first_ns = !s->has_event || event->timestamp_ns < s->first_ns ? event->timestamp_ns
									 : s->first_ns;
	s->last_ns = event->timestamp_ns > s->last_ns ? event->timestamp_ns : s->last_ns;
	s->has_event = true;
	if (event->probe_type == AXB_PROBE_TYPE_TRACEPOINT &&
		event->event_id == AXB_TP_ID_VCPU_EXIT) {
		count_exit(s, event);
	}
	struct event_row *row = event_row(s, name);
	if (row == NULL) {
		s->unnamed++;
		return;
	}
	row->count++;
	if (event->duration_ns == 0) {
		return;
	}
	row->min_ns = row->duration_count == 0 || event->duration_ns < row->min_ns
			      ? event->duration_ns
			      : row->min_ns;
	row->max_ns = event->duration_ns > row->max_ns ? event->duration_ns : row->max_ns;
	row->duration_count++;
	row->buckets[axb_histogram_bucket(event->duration_ns)]++;
}

static void begin(const struct axb_stream_reader *reader, void *cookie)
{
	struct summary *s = cookie;
	(void)reader;
	s->is_open = true;
}

static void count_item(
	const struct axb_stream_reader *reader, const struct axb_stream_item *item, void *cookie)
{
	struct summary *s = cookie;
	switch (item->kind) {
	case AXB_STREAM_EVENT:
		count_event(s, reader, &item->event);
		break;
	case AXB_STREAM_PAYLOAD:
		s->payloads++;
		s->payload_bytes += item->payload.size;
		break;
	case AXB_STREAM_STATS:
		if (item->cpu < CPU_ID_MAX) {
			s->cpus[item->cpu].has_stats = true;
			s->cpus[item->cpu].stats = item->stats;
		}
		break;
	}
}

/* Most frequent first, then by name. */
static int by_count(const void *a, const void *b)
{
	const struct event_row *x = a;
	const struct event_row *y = b;
	if (x->count != y->count) {
		return x->count < y->count ? 1 : -1;
	}
	return strcmp(x->name, y->name);
}

static int by_vm(const void *a, const void *b)
{
	const struct exit_row *x = a;
	const struct exit_row *y = b;
	if (x->vm != y->vm) {
		return x->vm < y->vm ? -1 : 1;
	}
	if (x->count != y->count) {
		return x->count < y->count ? 1 : -1;
	}
	return x->reason < y->reason ? -1 : x->reason > y->reason;
}

static const char *reason_name(uint64_t reason)
{
	return reason > UINT32_MAX ? "unknown" : axb_exit_reason_name((uint32_t)reason);
}

/*
 * Does the stream hold what its writer counted? What the writer delivered is in the stream, and
 * what it dropped is there as loss records, but for losses after the last event.
 */
static bool agrees(const struct cpu_row *cpu)
{
	return !cpu->has_stats ||
	       (cpu->events == cpu->stats.delivered && cpu->lost <= cpu->stats.dropped &&
		       cpu->stats.attempts == cpu->stats.committed + cpu->stats.dropped);
}

static bool is_seen(const struct cpu_row *cpu)
{
	return cpu->has_stats || cpu->events != 0 || cpu->lost != 0;
}

/* Bound of the bucket that @percent of the durations reach, but no more than the greatest. */
static uint64_t percentile(const struct event_row *row, uint32_t percent)
{
	uint64_t bound = axb_histogram_percentile(row->buckets, percent);
	return bound < row->max_ns ? bound : row->max_ns;
}

static void text_events(const struct summary *s)
{
	printf("%-24s %10s %10s %10s %10s %10s\n", "EVENT", "COUNT", "MIN ns", "P50 ns", "P99 ns",
		"MAX ns");
	for (uint32_t i = 0; i < s->event_count; i++) {
		const struct event_row *row = &s->events[i];
		for (const char *c = row->name; *c != '\0'; c++) {
			putchar(*c >= ' ' && *c <= '~' ? *c : '?');
		}
		printf("%*s %10" PRIu64, (int)(strlen(row->name) < 24 ? 24 - strlen(row->name) : 0),
			"", row->count);
		if (row->duration_count != 0) {
			printf(" %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64, row->min_ns,
				percentile(row, MEDIAN), percentile(row, NEARLY_ALL), row->max_ns);
		}
		putchar('\n');
	}
	if (s->unnamed != 0) {
		printf("%-24s %10" PRIu64 "\n", "(others)", s->unnamed);
	}
}

static void text_summary(const struct summary *s)
{
	text_events(s);
	if (s->exit_count != 0) {
		printf("\n%-6s %-18s %10s\n", "VM", "EXIT", "COUNT");
	}
	for (uint32_t i = 0; i < s->exit_count; i++) {
		printf("%-6u %-18s %10" PRIu64 "\n", s->exits[i].vm,
			reason_name(s->exits[i].reason), s->exits[i].count);
	}
	printf("\n%-6s %10s %10s %10s %10s\n", "CPU", "EVENTS", "LOST", "EMITTED", "DROPPED");
	for (uint32_t i = 0; i < CPU_ID_MAX; i++) {
		const struct cpu_row *cpu = &s->cpus[i];
		if (!is_seen(cpu)) {
			continue;
		}
		printf("%-6u %10" PRIu64 " %10" PRIu64, i, cpu->events, cpu->lost);
		if (cpu->has_stats) {
			printf(" %10" PRIu64 " %10" PRIu64 "%s\n", cpu->stats.attempts,
				cpu->stats.dropped,
				agrees(cpu) ? "" : "  does not agree with the events");
		} else {
			puts("  no final statistics");
		}
	}
	if (s->payloads != 0) {
		printf("\n%" PRIu64 " ring-buffer records, %" PRIu64 " bytes\n", s->payloads,
			s->payload_bytes);
	}
	if (s->has_event) {
		uint64_t us = (s->last_ns - s->first_ns) / 1000;
		printf("\n%" PRIu64 ".%06" PRIu64 " s from the first event to the last\n",
			us / 1000000, us % 1000000);
	}
}

static void json_cpu(uint32_t id, const struct cpu_row *cpu)
{
	json_line();
	json_u64("cpu", id);
	json_u64("events", cpu->events);
	json_u64("lost", cpu->lost);
	if (cpu->has_stats) {
		json_u64("attempts", cpu->stats.attempts);
		json_u64("dropped", cpu->stats.dropped);
		json_bool("agrees", agrees(cpu));
	}
	json_line_end();
}

static void json_summary(const struct summary *s)
{
	for (uint32_t i = 0; i < s->event_count; i++) {
		const struct event_row *row = &s->events[i];
		json_line();
		json_text("event", row->name);
		json_u64("count", row->count);
		if (row->duration_count != 0) {
			json_u64("duration_min_ns", row->min_ns);
			json_u64("duration_p50_ns", percentile(row, MEDIAN));
			json_u64("duration_p99_ns", percentile(row, NEARLY_ALL));
			json_u64("duration_max_ns", row->max_ns);
		}
		json_line_end();
	}
	for (uint32_t i = 0; i < s->exit_count; i++) {
		json_line();
		json_u64("vm", s->exits[i].vm);
		json_text("exit", reason_name(s->exits[i].reason));
		json_u64("count", s->exits[i].count);
		json_line_end();
	}
	for (uint32_t i = 0; i < CPU_ID_MAX; i++) {
		if (is_seen(&s->cpus[i])) {
			json_cpu(i, &s->cpus[i]);
		}
	}
	json_line();
	json_u64("payloads", s->payloads);
	json_u64("payload_bytes", s->payload_bytes);
	json_u64("span_ns", s->has_event ? s->last_ns - s->first_ns : 0);
	json_line_end();
}

enum cli_exit cli_stat(const struct cli_args *args)
{
	static struct summary s;
	const struct cli_sink sink = {.begin = begin, .item = count_item, .cookie = &s};
	enum cli_exit exit = cli_read_stream(args, false, &sink);
	if (!s.is_open) {
		return exit;
	}
	/* What there is of a stream that is cut or damaged counts too. */
	qsort(s.events, s.event_count, sizeof(s.events[0]), by_count);
	qsort(s.exits, s.exit_count, sizeof(s.exits[0]), by_vm);
	if (cli_has(args, "json")) {
		json_summary(&s);
	} else {
		text_summary(&s);
	}
	for (uint32_t i = 0; exit == CLI_DONE && i < CPU_ID_MAX; i++) {
		if (!agrees(&s.cpus[i])) {
			return cli_fail(args, CLI_REFUSED,
				"%s: events and losses of cpu %u are not what its writer counted",
				args->words[0], i);
		}
	}
	return exit;
}
