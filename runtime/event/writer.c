/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/event/stream.h"

#include "runtime/base/bits.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

/* Events of one block: as many as a small stack takes. */
#define BATCH 16u

static enum axb_status put(struct axb_stream_writer *w, const void *bytes, size_t size)
{
	if (w->failed_) {
		return AXB_ERR_FAULT;
	}
	if (size != 0 && !w->sink_(w->cookie_, bytes, size)) {
		w->failed_ = true;
		return AXB_ERR_FAULT;
	}
	w->bytes_ += size;
	return AXB_OK;
}

/** Zeros up to a multiple of 8 bytes. */
static enum axb_status put_padding(struct axb_stream_writer *w)
{
	static const uint8_t zeros[8];
	return put(w, zeros, (size_t)(axb_align_up(w->bytes_, 8) - w->bytes_));
}

static enum axb_status put_block(struct axb_stream_writer *w, enum axb_stream_block_kind kind,
	uint16_t cpu, uint32_t count, uint32_t name, uint32_t size)
{
	const struct axb_stream_block block = {
		.kind = (uint16_t)kind,
		.cpu = cpu,
		.count = count,
		.name = name,
		.size = size,
	};
	return put(w, &block, sizeof(block));
}

static size_t name_length(uint16_t index)
{
	return axb_strnlen(axb_event_name(index), AXB_NAME_MAX);
}

/** Bytes of the names [@first, @end) in a stream. */
static uint32_t names_size(uint16_t first, uint16_t end)
{
	uint64_t size = 0;
	for (uint32_t i = first; i < end; i++) {
		size += sizeof(struct axb_stream_name) + axb_align_up(name_length((uint16_t)i), 8);
	}
	return (uint32_t)size;
}

/** Write the names before @end that are not in the stream yet. */
static enum axb_status put_names(struct axb_stream_writer *w, uint16_t end)
{
	for (; w->names_written_ < end; w->names_written_++) {
		const struct axb_stream_name name = {
			.index = w->names_written_,
			.length = (uint16_t)name_length(w->names_written_),
		};
		AXB_TRY(put(w, &name, sizeof(name)));
		AXB_TRY(put(w, axb_event_name(name.index), name.length));
		AXB_TRY(put_padding(w));
	}
	return AXB_OK;
}

static enum axb_status put_new_names(struct axb_stream_writer *w)
{
	uint16_t first = w->names_written_;
	uint16_t end = axb_event_name_count();
	if (first >= end) {
		return AXB_OK;
	}
	AXB_TRY(put_block(w, AXB_STREAM_BLOCK_NAMES, 0, (uint32_t)(end - first), first,
		names_size(first, end)));
	return put_names(w, end);
}

enum axb_status axb_stream_begin(struct axb_stream_writer *w, uint8_t arch, uint32_t cpu_count,
	axb_stream_sink_t sink, void *cookie)
{
	struct axb_stream_header header = {
		.version = AXB_STREAM_VERSION,
		.header_size = sizeof(header),
		.arch = arch,
		.cpu_count = (uint8_t)cpu_count,
		.clock_kind = AXB_STREAM_CLOCK_MONOTONIC,
		.clock_unit_ns = 1,
	};
	if (cpu_count == 0 || cpu_count > AXB_CPU_MAX) {
		return AXB_ERR_ARG;
	}
	memset(w, 0, sizeof(*w));
	w->sink_ = sink;
	w->cookie_ = cookie;
	w->cpu_count_ = cpu_count;
	uint16_t names = axb_event_name_count();
	memcpy(header.magic, AXB_STREAM_MAGIC, sizeof(header.magic));
	memcpy(header.spec_digest, axb_spec_digest, sizeof(header.spec_digest));
	header.name_count = names;
	header.name_table_size = names_size(0, names);
	AXB_TRY(put(w, &header, sizeof(header)));
	return put_names(w, names);
}

/** Move what the ring of @cpu holds now: not what is added meanwhile, or it might never end. */
static enum axb_status drain_cpu(struct axb_stream_writer *w, uint16_t cpu, uint64_t *moved)
{
	struct axb_trace_event events[BATCH];
	uint64_t limit = axb_event_backlog(cpu);
	for (uint64_t done = 0; done < limit;) {
		size_t count = axb_event_read(cpu, events, BATCH);
		if (count == 0) {
			break;
		}
		/* After the read: these events use no newer names. */
		AXB_TRY(put_new_names(w));
		AXB_TRY(put_block(w, AXB_STREAM_BLOCK_EVENTS, cpu, (uint32_t)count, 0,
			(uint32_t)(count * sizeof(events[0]))));
		AXB_TRY(put(w, events, count * sizeof(events[0])));
		done += count;
		*moved += count;
	}
	return AXB_OK;
}

enum axb_status axb_stream_drain(struct axb_stream_writer *w, uint64_t *event_count)
{
	uint64_t moved = 0;
	if (w->failed_) {
		return AXB_ERR_FAULT;
	}
	for (uint32_t cpu = 0; cpu < w->cpu_count_; cpu++) {
		AXB_TRY(drain_cpu(w, (uint16_t)cpu, &moved));
	}
	if (event_count != NULL) {
		*event_count = moved;
	}
	return AXB_OK;
}

enum axb_status axb_stream_payload(
	struct axb_stream_writer *w, const char *map_name, const void *record, uint32_t size)
{
	uint16_t name = AXB_EVENT_NAME_NONE;
	enum axb_status st = axb_event_name_add(map_name, &name);
	if (st != AXB_OK && st != AXB_ERR_FULL) {
		return st;
	}
	AXB_TRY(put_new_names(w));
	AXB_TRY(put_block(w, AXB_STREAM_BLOCK_PAYLOAD, 0, 1, name, size));
	AXB_TRY(put(w, record, size));
	return put_padding(w);
}

enum axb_status axb_stream_end(struct axb_stream_writer *w)
{
	AXB_TRY(axb_stream_drain(w, NULL));
	AXB_TRY(put_block(w, AXB_STREAM_BLOCK_STATS, 0, w->cpu_count_, 0,
		w->cpu_count_ * (uint32_t)sizeof(struct axb_stream_stats)));
	for (uint32_t cpu = 0; cpu < w->cpu_count_; cpu++) {
		struct axb_event_stats stats;
		axb_event_stats(cpu, &stats);
		const struct axb_stream_stats record = {
			.cpu = (uint16_t)cpu,
			.attempts = stats.attempts,
			.committed = stats.committed,
			.dropped = stats.dropped,
			.delivered = stats.delivered,
			.pending = stats.pending,
		};
		AXB_TRY(put(w, &record, sizeof(record)));
	}
	return AXB_OK;
}
