/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#define _DEFAULT_SOURCE
#include "platforms/host/cli/stream_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/event/fields.h"

#define GROW_SIZE ((size_t)1 << 16)
#define POLL_NS 50000000

/** A file of which more may come. */
struct source {
	int fd;
	struct cli_buffer bytes;
	size_t room;
};

static bool open_source(const char *path, struct source *out)
{
	memset(out, 0, sizeof(*out));
	out->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	return out->fd >= 0;
}

static void close_source(struct source *source)
{
	free(source->bytes.data);
	if (source->fd != STDIN_FILENO) {
		(void)close(source->fd);
	}
}

/* Read what there is now. False: errno says why. */
static bool read_more(struct source *s)
{
	for (;;) {
		if (s->room - s->bytes.size < GROW_SIZE) {
			size_t room = 2 * s->room + GROW_SIZE;
			uint8_t *data = realloc(s->bytes.data, room);
			if (data == NULL) {
				return false;
			}
			s->bytes.data = data;
			s->room = room;
		}
		ssize_t got = read(s->fd, s->bytes.data + s->bytes.size, s->room - s->bytes.size);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return got == 0;
		}
		s->bytes.size += (size_t)got;
	}
}

/* Items that are there now. AXB_ERR_EMPTY: and that is a clean end. */
static enum axb_status read_items(struct axb_stream_reader *reader, const struct cli_sink *sink,
	bool *ended, struct axb_stream_error *why)
{
	struct axb_stream_item it;
	for (;;) {
		enum axb_status st = axb_stream_next(reader, &it, why);
		if (st != AXB_OK) {
			return st;
		}
		*ended = *ended || it.kind == AXB_STREAM_STATS;
		sink->item(reader, &it, sink->cookie);
	}
}

static enum axb_status wait_for_more(struct source *source, const struct cli_args *args)
{
	const struct timespec pause = {.tv_nsec = POLL_NS};
	size_t before = source->bytes.size;
	while (source->bytes.size == before) {
		(void)fflush(stdout);
		(void)nanosleep(&pause, NULL);
		if (!read_more(source)) {
			(void)cli_fail(args, CLI_ENVIRONMENT, "%s", strerror(errno));
			return AXB_ERR_FAULT;
		}
	}
	return AXB_OK;
}

static enum cli_exit read_source(const struct cli_args *args, struct source *source, bool follow,
	const struct cli_sink *sink)
{
	static struct axb_stream_reader reader;
	struct axb_stream_error why = {.what = ""};
	bool began = false;
	bool ended = false;
	enum axb_status st = axb_stream_open(&reader, cli_bytes(source->bytes), &why);
	while (follow && st == AXB_ERR_TRUNCATED) {
		if (wait_for_more(source, args) != AXB_OK) {
			return CLI_ENVIRONMENT;
		}
		st = axb_stream_open(&reader, cli_bytes(source->bytes), &why);
	}
	if (st == AXB_OK) {
		sink->begin(&reader, sink->cookie);
		began = true;
		st = read_items(&reader, sink, &ended, &why);
	}
	while (follow && !ended && (st == AXB_ERR_EMPTY || st == AXB_ERR_TRUNCATED)) {
		if (wait_for_more(source, args) != AXB_OK) {
			return CLI_ENVIRONMENT;
		}
		st = axb_stream_extend(&reader, cli_bytes(source->bytes));
		if (st == AXB_OK) {
			st = read_items(&reader, sink, &ended, &why);
		}
	}
	if (began && sink->end != NULL) {
		sink->end(&reader, sink->cookie);
	}
	if (st != AXB_ERR_EMPTY) {
		return cli_fail(args, CLI_REFUSED, "%s: offset %" PRIu64 ": %s", args->words[0],
			why.offset, why.what);
	}
	return CLI_DONE;
}

enum cli_exit cli_read_stream(const struct cli_args *args, bool follow, const struct cli_sink *sink)
{
	struct source source;
	if (!open_source(args->words[0], &source)) {
		return cli_fail(args, CLI_ENVIRONMENT, "%s: %s", args->words[0], strerror(errno));
	}
	enum cli_exit exit;
	if (read_more(&source)) {
		exit = read_source(args, &source, follow, sink);
	} else {
		exit = cli_fail(args, CLI_ENVIRONMENT, "%s: %s", args->words[0], strerror(errno));
	}
	close_source(&source);
	return exit;
}

const struct axb_tp_def *cli_tracepoint_of(const struct axb_trace_event *event)
{
	for (uint32_t i = 0; event->probe_type == AXB_PROBE_TYPE_TRACEPOINT && i < axb_tp_count;
		i++) {
		if (axb_tp_defs[i].id == event->event_id) {
			return &axb_tp_defs[i];
		}
	}
	return NULL;
}

bool cli_event_name(
	const struct axb_stream_reader *reader, const struct axb_trace_event *event, char *to)
{
	const struct axb_tp_def *def = cli_tracepoint_of(event);
	const char *name = NULL;
	if (def != NULL) {
		name = def->name;
	} else if (event->event_id == AXB_EVENT_ID_LOST) {
		name = "lost";
	} else if (axb_stream_name(reader, event->name_offset, to, AXB_NAME_MAX)) {
		struct axb_event_field fields[AXB_EVENT_ARG_MAX];
		size_t length = 0;
		(void)axb_event_fields(event, to, &length, fields);
		to[length] = '\0';
		return true;
	} else if (event->event_id == AXB_EVENT_ID_PRINTK) {
		name = "printk";
	}
	return name != NULL && axb_strcpy(to, AXB_NAME_MAX, name);
}
