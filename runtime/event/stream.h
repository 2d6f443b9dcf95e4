/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The stream file: struct axb_stream_header, then blocks (names, events of one CPU, ring-buffer
 * payloads, final statistics), all of codegen/gen/event_gen.h. One writer, and one reader for
 * shell, CLI and tests, which takes the bytes for hostile. Pure but for the sink; context: thread.
 */
#ifndef AXB_RUNTIME_EVENT_STREAM_H_
#define AXB_RUNTIME_EVENT_STREAM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/event_gen.h" // Generated.
#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Takes @size bytes; false = it could not (the writer stops and says AXB_ERR_FAULT). */
typedef bool (*axb_stream_sink_t)(void *cookie, const void *bytes, size_t size);

/** Treat as opaque. */
struct axb_stream_writer {
	axb_stream_sink_t sink_;
	void *cookie_;
	uint16_t names_written_;
	uint32_t cpu_count_;
	uint64_t bytes_;
	bool failed_;
};

/** Write the header and the names known so far. @param arch enum axb_stream_arch. */
AXB_MUST_USE enum axb_status axb_stream_begin(struct axb_stream_writer *w, uint8_t arch,
	uint32_t cpu_count, axb_stream_sink_t sink, void *cookie);

/**
 * Move what the rings of all CPUs hold now to the sink, with new names before the events that use
 * them. @param event_count events moved; may be NULL.
 */
AXB_MUST_USE enum axb_status axb_stream_drain(struct axb_stream_writer *w, uint64_t *event_count);

/** Write one record of a ring-buffer map; without the map's name when the name table is full. */
AXB_MUST_USE enum axb_status axb_stream_payload(
	struct axb_stream_writer *w, const char *map_name, const void *record, uint32_t size);

/** Drain, then write the final statistics block. The sink is not closed. */
AXB_MUST_USE enum axb_status axb_stream_end(struct axb_stream_writer *w);

enum axb_stream_item_kind {
	AXB_STREAM_EVENT,
	AXB_STREAM_PAYLOAD,
	AXB_STREAM_STATS,
};

/** One thing that the reader found. */
struct axb_stream_item {
	enum axb_stream_item_kind kind;
	struct axb_trace_event event; /**< AXB_STREAM_EVENT */
	uint32_t cpu;                 /**< AXB_STREAM_STATS */
	struct axb_event_stats stats; /**< AXB_STREAM_STATS */
	struct axb_bytes payload;     /**< AXB_STREAM_PAYLOAD */
	char map_name[AXB_NAME_MAX];  /**< AXB_STREAM_PAYLOAD; "" = unknown */
};

/** Names that a reader finds at once; further ones it searches. */
#define AXB_STREAM_NAME_INDEX 512u

/** Treat as opaque, but header is for the caller to read. */
struct axb_stream_reader {
	struct axb_stream_header header;
	struct axb_bytes bytes_;
	uint64_t offset_;   /**< of the next block */
	uint64_t block_at_; /**< next item in the current block of events or statistics */
	uint64_t block_end_;
	uint16_t block_kind_;
	uint16_t block_cpu_;
	uint32_t name_count_;
	uint64_t index_end_; /**< of the name table that filled the index, and of a block */
	uint64_t names_at_[AXB_STREAM_NAME_INDEX]; /**< offsets of the first names' records */
};

/** Where and why a stream is wrong. */
struct axb_stream_error {
	uint64_t offset;
	const char *what; /**< static text */
};

/**
 * Check the header. AXB_ERR_FORMAT, AXB_ERR_TRUNCATED, AXB_ERR_UNSUPPORTED (version or another
 * spec digest); @why says where. @bytes must stay where they are.
 */
AXB_MUST_USE enum axb_status axb_stream_open(
	struct axb_stream_reader *r, struct axb_bytes bytes, struct axb_stream_error *why);

/**
 * The next item, in file order.
 * @return AXB_OK; AXB_ERR_EMPTY (a clean end); AXB_ERR_TRUNCATED (the last block is incomplete: a
 *   stream still being written); AXB_ERR_FORMAT.
 */
AXB_MUST_USE enum axb_status axb_stream_next(
	struct axb_stream_reader *r, struct axb_stream_item *out, struct axb_stream_error *why);

/**
 * Go on with @bytes, which begin with all that the reader was given before: a stream that has
 * grown. AXB_ERR_ARG when they are fewer.
 */
AXB_MUST_USE enum axb_status axb_stream_extend(struct axb_stream_reader *r, struct axb_bytes bytes);

/** Name at @index among the names read so far, copied to @to; false when there is none. */
bool axb_stream_name(const struct axb_stream_reader *r, uint16_t index, char *to, size_t size);

/**
 * One line of text, without an end of line, for an event as shell and CLI print it:
 * "[    1.000123] cpu0  tracepoint   vcpu:exit   reason=hvc pc=0x.. dur=1.2us vm1". @name is the
 * event's name; NULL = the spec's for a tracepoint, else unknown. Unprintable bytes become '?'.
 * In //runtime/event:format.
 */
void axb_event_format(const struct axb_trace_event *event, const char *name, struct axb_text *out);

/** The table header that goes above such lines: two lines, the second without an end of line. */
void axb_event_format_header(struct axb_text *out);

#ifdef __cplusplus
}
#endif

#endif
