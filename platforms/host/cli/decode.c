/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf decode
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platforms/host/cli/json.h"
#include "platforms/host/cli/stream_file.h"
#include "runtime/base/types.h"
#include "runtime/event/fields.h"

#define LINE_MAX_SIZE 1024u
#define PAYLOAD_SHOWN_MAX 64u

static void text_event(const struct axb_stream_reader *reader, const struct axb_trace_event *event)
{
	char line[LINE_MAX_SIZE];
	char name[AXB_NAME_MAX];
	struct axb_text text;
	bool named = axb_stream_name(reader, event->name_offset, name, sizeof(name));
	axb_text_init(&text, line, sizeof(line));
	axb_event_format(event, named ? name : NULL, &text);
	puts(line);
}

/* A map's name is of the stream's making: nothing but printable characters goes to a terminal. */
static void put_printable(const char *name)
{
	for (; *name != '\0'; name++) {
		putchar(*name >= ' ' && *name <= '~' ? *name : '?');
	}
}

static void text_payload(const struct axb_stream_item *item)
{
	fputs("record of ", stdout);
	put_printable(item->map_name[0] == '\0' ? "?" : item->map_name);
	printf(", %zu bytes:", item->payload.size);
	for (size_t i = 0; i < item->payload.size && i < PAYLOAD_SHOWN_MAX; i++) {
		printf(" %02x", item->payload.data[i]);
	}
	puts(item->payload.size > PAYLOAD_SHOWN_MAX ? " ..." : "");
}

static void text_stats(const struct axb_stream_item *item)
{
	const struct axb_event_stats *s = &item->stats;
	printf("end of cpu%u: attempts %" PRIu64 ", committed %" PRIu64 ", dropped %" PRIu64
	       ", delivered %" PRIu64 ", pending %" PRIu64 "\n",
		item->cpu, s->attempts, s->committed, s->dropped, s->delivered, s->pending);
}

static void text_begin(const struct axb_stream_reader *reader, void *cookie)
{
	char header[LINE_MAX_SIZE];
	struct axb_text text;
	(void)reader;
	(void)cookie;
	axb_text_init(&text, header, sizeof(header));
	axb_event_format_header(&text);
	puts(header);
}

static void text_item(
	const struct axb_stream_reader *reader, const struct axb_stream_item *item, void *cookie)
{
	(void)cookie;
	switch (item->kind) {
	case AXB_STREAM_EVENT:
		text_event(reader, &item->event);
		break;
	case AXB_STREAM_PAYLOAD:
		text_payload(item);
		break;
	case AXB_STREAM_STATS:
		text_stats(item);
		break;
	}
}

/* Below: the objects that the generated Python decoder gives (codegen/gen:decoder_py). */

static void json_begin(const struct axb_stream_reader *reader, void *cookie)
{
	const struct axb_stream_header *h = &reader->header;
	(void)cookie;
	json_line();
	json_bytes("magic", h->magic, sizeof(h->magic));
	json_u64("version", h->version);
	json_u64("header_size", h->header_size);
	json_text("arch", axb_stream_arch_name(h->arch));
	json_u64("cpu_count", h->cpu_count);
	json_u64("flags", h->flags);
	json_bytes("spec_digest", h->spec_digest, sizeof(h->spec_digest));
	json_text("clock_kind", axb_stream_clock_name(h->clock_kind));
	json_u64("clock_unit_ns", h->clock_unit_ns);
	json_u64("clock_frequency_hz", h->clock_frequency_hz);
	json_u64("clock_offset_ns", h->clock_offset_ns);
	json_u64("name_count", h->name_count);
	json_u64("name_table_size", h->name_table_size);
	json_text("kind", "header");
	json_line_end();
}

static void json_slots(
	const char *key, const struct axb_trace_event *event, uint32_t slot, uint32_t count)
{
	char text[sizeof(event->args)];
	memcpy(text, event->args, sizeof(text));
	json_textn(key, text + 8 * (size_t)slot, 8 * (size_t)count);
}

static void json_field(const struct axb_tp_field *field, const struct axb_trace_event *event)
{
	uint64_t value = event->args[field->slot];
	const char *name = NULL;
	if (field->display == AXB_TP_DISPLAY_ENUM && value <= UINT32_MAX) {
		name = field->enum_name((uint32_t)value);
		/* "unknown" is also the name of 0. */
		name = value != 0 && strcmp(name, "unknown") == 0 ? NULL : name;
	}
	if (field->display == AXB_TP_DISPLAY_STRING) {
		json_slots(field->name, event, field->slot, field->slot_count);
	} else if (name != NULL) {
		json_text(field->name, name);
	} else if (field->is_signed) {
		json_i64(field->name, (int64_t)value);
	} else {
		json_u64(field->name, value);
	}
}

/* What a probe fetched. What it could not read is null. */
static void json_fetched(const struct axb_event_field *field, const struct axb_trace_event *event)
{
	char key[AXB_NAME_MAX];
	uint64_t value = event->args[field->slot];
	(void)snprintf(key, sizeof(key), "%.*s", (int)field->name_length, field->name);
	if (field->is_fault) {
		json_null(key);
	} else if (field->display == 's') {
		json_slots(key, event, field->slot, field->slots);
	} else if (field->display == 'c') {
		json_textn(key, (const char *)&value, 1);
	} else if (field->display == 'd') {
		json_i64(key, (int64_t)value);
	} else {
		json_u64(key, value);
	}
}

static void json_all_fetched(
	const struct axb_stream_reader *reader, const struct axb_trace_event *event)
{
	struct axb_event_field fields[AXB_EVENT_ARG_MAX];
	char name[AXB_NAME_MAX];
	size_t length = 0;
	if (!axb_stream_name(reader, event->name_offset, name, sizeof(name))) {
		return;
	}
	uint32_t count = axb_event_fields(event, name, &length, fields);
	for (uint32_t i = 0; i < count; i++) {
		json_fetched(&fields[i], event);
	}
}

static void json_fields(const struct axb_stream_reader *reader, const struct axb_trace_event *event)
{
	const struct axb_tp_def *def = cli_tracepoint_of(event);
	json_open("fields", '{');
	if (event->event_id == AXB_EVENT_ID_LOST) {
		json_u64("lost", event->args[0]);
		json_u64("lost_total", event->args[1]);
	} else if (event->event_id == AXB_EVENT_ID_PRINTK) {
		json_slots("text", event, 0, AXB_EVENT_ARG_MAX);
	} else if (def == NULL) {
		json_all_fetched(reader, event);
	}
	for (uint32_t i = 0; def != NULL && i < def->field_count; i++) {
		const struct axb_tp_field *field = &def->fields[i];
		if (field->slot < AXB_EVENT_ARG_MAX && field->slot < event->nr_args) {
			json_field(field, event);
		}
	}
	json_close('}');
}

static void json_flags(uint8_t flags)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} words[] = {
		{AXB_EVENT_LOST_BEFORE, "lost_before"},
		{AXB_EVENT_TRUNCATED, "truncated"},
		{AXB_EVENT_CONTINUED, "continued"},
		{AXB_EVENT_FAULT0, "fault0"},
		{AXB_EVENT_FAULT1, "fault1"},
		{AXB_EVENT_FAULT2, "fault2"},
		{AXB_EVENT_FAULT3, "fault3"},
	};
	json_open("flags", '[');
	for (size_t i = 0; i < AXB_ARRAY_COUNT(words); i++) {
		if ((flags & words[i].bit) != 0) {
			json_text(NULL, words[i].name);
		}
	}
	json_close(']');
}

static void json_event(const struct axb_stream_reader *reader, const struct axb_trace_event *event)
{
	char name[AXB_NAME_MAX];
	json_u64("timestamp_ns", event->timestamp_ns);
	json_text("probe_type", axb_probe_type_name(event->probe_type));
	json_u64("cpu_id", event->cpu_id);
	json_u64("vm_id", event->vm_id);
	json_u64("event_id", event->event_id);
	json_flags(event->flags);
	if (event->vcpu_id == AXB_VCPU_NONE) {
		json_null("vcpu_id");
	} else {
		json_u64("vcpu_id", event->vcpu_id);
	}
	json_u64("sequence", event->sequence);
	json_open("args", '[');
	for (uint32_t i = 0; i < event->nr_args && i < AXB_EVENT_ARG_MAX; i++) {
		json_u64(NULL, event->args[i]);
	}
	json_close(']');
	json_u64("duration_ns", event->duration_ns);
	json_text("kind", "event");
	if (cli_event_name(reader, event, name)) {
		json_text("name", name);
	} else {
		json_null("name");
	}
	json_fields(reader, event);
}

static void json_item(
	const struct axb_stream_reader *reader, const struct axb_stream_item *item, void *cookie)
{
	(void)cookie;
	json_line();
	if (item->kind == AXB_STREAM_EVENT) {
		json_event(reader, &item->event);
	} else if (item->kind == AXB_STREAM_PAYLOAD) {
		json_text("kind", "payload");
		json_text("map", item->map_name);
		json_bytes("data", item->payload.data, item->payload.size);
	} else {
		json_u64("cpu", item->cpu);
		json_u64("attempts", item->stats.attempts);
		json_u64("committed", item->stats.committed);
		json_u64("dropped", item->stats.dropped);
		json_u64("delivered", item->stats.delivered);
		json_u64("pending", item->stats.pending);
		json_text("kind", "stats");
	}
	json_line_end();
}

static const struct cli_sink text_sink = {.begin = text_begin, .item = text_item};
static const struct cli_sink json_sink = {.begin = json_begin, .item = json_item};

/** An item and its place in the file. */
struct placed {
	size_t place;
	struct axb_stream_item item;
};

/** Items in memory, to be printed in another order. */
struct sorter {
	const struct cli_sink *print;
	struct placed *items;
	size_t count;
	size_t room;
	bool is_full; /**< there was no memory for all */
};

static void sorter_begin(const struct axb_stream_reader *reader, void *cookie)
{
	const struct sorter *s = cookie;
	s->print->begin(reader, NULL);
}

static void sorter_item(
	const struct axb_stream_reader *reader, const struct axb_stream_item *item, void *cookie)
{
	struct sorter *s = cookie;
	(void)reader;
	if (s->count == s->room) {
		size_t room = 2 * s->room + 1024;
		struct placed *more = realloc(s->items, room * sizeof(*more));
		if (more == NULL) {
			s->is_full = true;
			return;
		}
		s->items = more;
		s->room = room;
	}
	s->items[s->count] = (struct placed){s->count, *item};
	s->count++;
}

/* Events by time, then what is none; in order of the file where that does not tell them apart. */
static int by_time(const void *a, const void *b)
{
	const struct placed *x = a;
	const struct placed *y = b;
	bool x_event = x->item.kind == AXB_STREAM_EVENT;
	bool y_event = y->item.kind == AXB_STREAM_EVENT;
	if (x_event != y_event) {
		return x_event ? -1 : 1;
	}
	uint64_t x_ns = x->item.event.timestamp_ns;
	uint64_t y_ns = y->item.event.timestamp_ns;
	if (x_event && x_ns != y_ns) {
		return x_ns < y_ns ? -1 : 1;
	}
	return x->place < y->place ? -1 : 1;
}

static void sorter_end(const struct axb_stream_reader *reader, void *cookie)
{
	const struct sorter *s = cookie;
	if (s->count != 0) {
		qsort(s->items, s->count, sizeof(s->items[0]), by_time);
	}
	for (size_t i = 0; i < s->count; i++) {
		s->print->item(reader, &s->items[i].item, NULL);
	}
}

static enum cli_exit decode_sorted(const struct cli_args *args, const struct cli_sink *print)
{
	struct sorter sorter = {.print = print};
	const struct cli_sink sink = {sorter_begin, sorter_item, sorter_end, &sorter};
	enum cli_exit exit = cli_read_stream(args, false, &sink);
	free(sorter.items);
	return sorter.is_full ? cli_fail(args, CLI_ENVIRONMENT, "not enough memory") : exit;
}

enum cli_exit cli_decode(const struct cli_args *args)
{
	const struct cli_sink *sink = cli_has(args, "json") ? &json_sink : &text_sink;
	if (!cli_has(args, "sort")) {
		return cli_read_stream(args, cli_has(args, "follow"), sink);
	}
	if (cli_has(args, "follow")) {
		return cli_usage(
			args, "--sort needs the whole stream, --follow does not wait for it");
	}
	return decode_sorted(args, sink);
}
