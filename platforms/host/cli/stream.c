/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf decode and axebpf stat: stream files as text, JSON lines and tables.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platforms/host/cli/cli.h"
#include "runtime/base/text.h"
#include "runtime/event/stream.h"

enum { JSON, FOLLOW };

static const struct cli_option decode_options[] = {
	[JSON] = {"json", 0, NULL, "one JSON object a line"},
	[FOLLOW] = {"follow", 'f', NULL, "wait for more, as long as the stream is being written"},
	{NULL, 0, NULL, NULL},
};

static const struct cli_option stat_options[] = {{NULL, 0, NULL, NULL}};

#define FOLLOW_WAIT_US 100000

static enum cli_exit stream_error(const char *path, const struct axb_stream_error *why)
{
	return cli_fail(CLI_REFUSED, "%s: at offset %" PRIu64 ": %s", path, why->offset, why->what);
}

static const char *name_of(const struct axb_stream_reader *reader,
	const struct axb_trace_event *event, char *buffer, size_t size)
{
	return axb_stream_name(reader, event->name_offset, buffer, size) ? buffer : NULL;
}

/* decode */

static void print_event_text(
	const struct axb_stream_reader *reader, const struct axb_trace_event *event)
{
	char name[128];
	char line[512];
	struct axb_text t;
	axb_text_init(&t, line, sizeof(line));
	axb_event_format(event, name_of(reader, event, name, sizeof(name)), &t);
	puts(line);
}

static void print_event_json(
	const struct axb_stream_reader *reader, const struct axb_trace_event *event)
{
	char name[128];
	const char *known = name_of(reader, event, name, sizeof(name));
	printf("{\"kind\":\"event\",\"timestamp_ns\":%" PRIu64 ",\"cpu\":%u,\"type\":\"%s\","
	       "\"event\":",
		event->timestamp_ns, event->cpu_id, axb_probe_type_name(event->probe_type));
	cli_print_json_string(known == NULL ? "" : known);
	printf(",\"id\":%u,\"vm\":%u,\"vcpu\":%u,\"flags\":%u,\"sequence\":%u,\"args\":[",
		event->event_id, event->vm_id, event->vcpu_id, event->flags, event->sequence);
	for (uint32_t i = 0; i < event->nr_args && i < AXB_EVENT_ARG_MAX; i++) {
		printf("%s%" PRIu64, i == 0 ? "" : ",", event->args[i]);
	}
	printf("],\"duration_ns\":%" PRIu64 "}\n", event->duration_ns);
}

static void print_payload(const struct axb_stream_item *item, bool json)
{
	if (json) {
		printf("{\"kind\":\"payload\",\"map\":");
		cli_print_json_string(item->map_name);
		printf(",\"bytes\":\"");
	} else {
		printf("payload of map %s: ", item->map_name);
	}
	for (size_t i = 0; i < item->payload.size; i++) {
		printf("%02x", item->payload.data[i]);
	}
	puts(json ? "\"}" : "");
}

static void print_cpu_stats(const struct axb_stream_item *item, bool json)
{
	printf(json ? "{\"kind\":\"stats\",\"cpu\":%u,\"attempts\":%" PRIu64
		      ",\"committed\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"delivered\":%" PRIu64
		      "}\n"
		    : "cpu%u: %" PRIu64 " attempts, %" PRIu64 " committed, %" PRIu64
		      " dropped, %" PRIu64 " delivered\n",
		item->cpu, item->stats.attempts, item->stats.committed, item->stats.dropped,
		item->stats.delivered);
}

static void print_item(
	const struct axb_stream_reader *reader, const struct axb_stream_item *item, bool json)
{
	switch (item->kind) {
	case AXB_STREAM_EVENT:
		if (json) {
			print_event_json(reader, &item->event);
		} else {
			print_event_text(reader, &item->event);
		}
		break;
	case AXB_STREAM_PAYLOAD:
		print_payload(item, json);
		break;
	case AXB_STREAM_STATS:
		print_cpu_stats(item, json);
		break;
	}
}

/** A stream file in memory, which may grow. */
struct input {
	const char *path;
	uint8_t *bytes;
	size_t size;
};

/* Read the file again when it has grown. */
static bool grow(struct input *input, struct axb_stream_reader *reader)
{
	size_t size = 0;
	uint8_t *bytes = cli_read_file(input->path, &size);
	if (bytes == NULL || size <= input->size) {
		free(bytes);
		return false;
	}
	if (axb_stream_extend(reader, axb_bytes_of(bytes, size)) != AXB_OK) {
		free(bytes);
		return false;
	}
	free(input->bytes);
	input->bytes = bytes;
	input->size = size;
	return true;
}

static enum cli_exit open_stream(
	const struct cli_args *args, struct input *input, struct axb_stream_reader *reader)
{
	struct axb_stream_error why = {0, ""};
	if (args->count != 1) {
		return cli_fail(CLI_USAGE, "takes one stream file");
	}
	input->path = args->words[0];
	input->bytes = cli_read_file(input->path, &input->size);
	if (input->bytes == NULL) {
		return CLI_ENVIRONMENT;
	}
	if (axb_stream_open(reader, axb_bytes_of(input->bytes, input->size), &why) != AXB_OK) {
		return stream_error(input->path, &why);
	}
	return CLI_OK;
}

static enum cli_exit decode_all(
	struct input *input, struct axb_stream_reader *reader, bool json, bool follow)
{
	for (;;) {
		struct axb_stream_item item;
		struct axb_stream_error why = {0, ""};
		enum axb_status st = axb_stream_next(reader, &item, &why);
		if (st == AXB_OK) {
			print_item(reader, &item, json);
			if (follow && item.kind == AXB_STREAM_STATS) {
				follow = false;
			}
		} else if (follow && (st == AXB_ERR_EMPTY || st == AXB_ERR_TRUNCATED)) {
			fflush(stdout);
			if (!grow(input, reader)) {
				usleep(FOLLOW_WAIT_US);
			}
		} else if (st == AXB_ERR_EMPTY) {
			return CLI_OK;
		} else {
			return stream_error(input->path, &why);
		}
	}
}

static enum cli_exit run_decode(const struct cli_args *args)
{
	static struct axb_stream_reader reader;
	struct input input = {NULL, NULL, 0};
	enum cli_exit status = open_stream(args, &input, &reader);
	if (status == CLI_OK) {
		if (!args->given[JSON]) {
			char header[256];
			struct axb_text t;
			axb_text_init(&t, header, sizeof(header));
			axb_event_format_header(&t);
			puts(header);
		}
		status = decode_all(&input, &reader, args->given[JSON], args->given[FOLLOW]);
	}
	free(input.bytes);
	return status;
}

const struct cli_command cli_decode = {
	.name = "decode",
	.usage = "STREAM [--json] [--follow]",
	.help = "Print a stream file as text or JSON lines.",
	.options = decode_options,
	.repeatable = -1,
	.run = run_decode,
};

/* stat */

/** Numbers of one kind of event. */
struct row {
	uint32_t id;
	uint8_t type;
	uint16_t name;
	uint64_t count;
	uint64_t durations;
	uint64_t sum_ns;
	uint64_t min_ns;
	uint64_t max_ns;
};

struct table {
	struct row *rows;
	size_t count;
	size_t room;
	uint64_t lost;
};

static struct row *find_row(struct table *table, const struct axb_trace_event *event)
{
	for (size_t i = 0; i < table->count; i++) {
		struct row *row = &table->rows[i];
		if (row->id == event->event_id && row->type == event->probe_type) {
			return row;
		}
	}
	if (table->count == table->room) {
		size_t room = table->room == 0 ? 64 : table->room * 2;
		struct row *rows = realloc(table->rows, room * sizeof(*rows));
		if (rows == NULL) {
			return NULL;
		}
		table->rows = rows;
		table->room = room;
	}
	struct row *row = &table->rows[table->count++];
	*row = (struct row){.id = event->event_id,
		.type = event->probe_type,
		.name = event->name_offset,
		.min_ns = UINT64_MAX};
	return row;
}

static bool add_event(struct table *table, const struct axb_trace_event *event)
{
	if (event->event_id == AXB_EVENT_ID_LOST) {
		table->lost += event->args[0];
		return true;
	}
	struct row *row = find_row(table, event);
	if (row == NULL) {
		return false;
	}
	row->count++;
	if (event->duration_ns != 0) {
		row->durations++;
		row->sum_ns += event->duration_ns;
		row->min_ns = event->duration_ns < row->min_ns ? event->duration_ns : row->min_ns;
		row->max_ns = event->duration_ns > row->max_ns ? event->duration_ns : row->max_ns;
	}
	return true;
}

static void print_row(const struct axb_stream_reader *reader, const struct row *row)
{
	char name[128];
	if (row->id == AXB_EVENT_ID_PRINTK) {
		snprintf(name, sizeof(name), "(printk)");
	} else if (!axb_stream_name(reader, row->name, name, sizeof(name))) {
		snprintf(name, sizeof(name), "id:%u", row->id);
	}
	printf("%-30s %10" PRIu64, name, row->count);
	if (row->durations != 0) {
		printf(" %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", row->min_ns, row->max_ns,
			row->sum_ns / row->durations);
	} else {
		printf(" %12s %12s %12s\n", "-", "-", "-");
	}
}

static int by_count(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;
	if (x->count != y->count) {
		return x->count < y->count ? 1 : -1;
	}
	return x->id < y->id ? -1 : x->id > y->id;
}

static enum cli_exit stat_all(
	const struct input *input, struct axb_stream_reader *reader, struct table *table)
{
	uint64_t payloads = 0;
	printf("%-30s %10s %12s %12s %12s\n", "EVENT", "COUNT", "MIN ns", "MAX ns", "AVG ns");
	for (;;) {
		struct axb_stream_item item;
		struct axb_stream_error why = {0, ""};
		enum axb_status st = axb_stream_next(reader, &item, &why);
		if (st == AXB_OK && item.kind == AXB_STREAM_EVENT) {
			if (!add_event(table, &item.event)) {
				return cli_fail(CLI_ENVIRONMENT, "out of memory");
			}
		} else if (st == AXB_OK && item.kind == AXB_STREAM_PAYLOAD) {
			payloads++;
		} else if (st == AXB_ERR_EMPTY || st == AXB_ERR_TRUNCATED) {
			break;
		} else if (st != AXB_OK) {
			return stream_error(input->path, &why);
		}
	}
	if (table->count != 0) {
		qsort(table->rows, table->count, sizeof(*table->rows), by_count);
	}
	for (size_t i = 0; i < table->count; i++) {
		print_row(reader, &table->rows[i]);
	}
	printf("\nring-buffer payloads: %" PRIu64 "\nlost: %" PRIu64 "\n", payloads, table->lost);
	return CLI_OK;
}

/* The final statistics stand at the end: a second pass prints them below the table. */
static void print_final(const struct input *input)
{
	static struct axb_stream_reader reader;
	struct axb_stream_error why;
	struct axb_stream_item item;
	if (axb_stream_open(&reader, axb_bytes_of(input->bytes, input->size), &why) != AXB_OK) {
		return;
	}
	while (axb_stream_next(&reader, &item, &why) == AXB_OK) {
		if (item.kind == AXB_STREAM_STATS) {
			print_cpu_stats(&item, false);
		}
	}
}

static enum cli_exit run_stat(const struct cli_args *args)
{
	static struct axb_stream_reader reader;
	struct input input = {NULL, NULL, 0};
	struct table table = {NULL, 0, 0, 0};
	enum cli_exit status = open_stream(args, &input, &reader);
	if (status == CLI_OK) {
		status = stat_all(&input, &reader, &table);
	}
	if (status == CLI_OK) {
		print_final(&input);
	}
	free(table.rows);
	free(input.bytes);
	return status;
}

const struct cli_command cli_stat = {
	.name = "stat",
	.usage = "STREAM",
	.help = "Count the events of a stream file, with durations and losses.",
	.options = stat_options,
	.repeatable = -1,
	.run = run_stat,
};
