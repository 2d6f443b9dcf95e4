/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * All offsets are checked against the bytes by axb_bytes; what is read is copied before it is
 * judged. Nothing is consumed before it is complete, so that axb_stream_next() can be called again
 * after axb_stream_extend().
 */
#include "runtime/event/stream.h"

#include "runtime/base/bits.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

static enum axb_status refuse(
	struct axb_stream_error *why, enum axb_status status, uint64_t offset, const char *what)
{
	why->offset = offset;
	why->what = what;
	return status;
}

/**
 * Take the names at [@offset, @end), which lie inside the bytes: @count records with consecutive
 * indices from the next one on.
 */
static enum axb_status take_names(struct axb_stream_reader *r, uint64_t offset, uint64_t end,
	uint32_t count, struct axb_stream_error *why)
{
	uint32_t index = r->name_count_;
	if (count > AXB_EVENT_NAME_NONE - index) {
		return refuse(why, AXB_ERR_FORMAT, offset, "too many names");
	}
	for (uint32_t i = 0; i < count; i++, index++) {
		struct axb_stream_name name;
		if (end - offset < sizeof(name) ||
			!axb_bytes_read(r->bytes_, offset, &name, sizeof(name))) {
			return refuse(why, AXB_ERR_FORMAT, offset, "a name leaves its table");
		}
		uint64_t size = sizeof(name) + axb_align_up(name.length, 8);
		if (name.index != index) {
			return refuse(why, AXB_ERR_FORMAT, offset, "names are not in order");
		}
		if (end - offset < size) {
			return refuse(why, AXB_ERR_FORMAT, offset, "a name leaves its table");
		}
		if (index < AXB_STREAM_NAME_INDEX) {
			r->names_at_[index] = offset;
		}
		offset += size;
	}
	if (offset != end) {
		return refuse(why, AXB_ERR_FORMAT, offset, "a name table is larger than its names");
	}
	if (r->name_count_ < AXB_STREAM_NAME_INDEX) {
		r->index_end_ = end;
	}
	r->name_count_ = index;
	return AXB_OK;
}

static enum axb_status check_header(const struct axb_stream_header *h, struct axb_stream_error *why)
{
	if (memcmp(h->magic, AXB_STREAM_MAGIC, sizeof(h->magic)) != 0) {
		return refuse(why, AXB_ERR_FORMAT, 0, "not an axebpf stream");
	}
	if (h->version != AXB_STREAM_VERSION) {
		return refuse(why, AXB_ERR_UNSUPPORTED, offsetof(struct axb_stream_header, version),
			"another version");
	}
	if (h->header_size < sizeof(*h) || h->header_size % 8 != 0) {
		return refuse(why, AXB_ERR_FORMAT, offsetof(struct axb_stream_header, header_size),
			"a header of an impossible size");
	}
	if (memcmp(h->spec_digest, axb_spec_digest, sizeof(h->spec_digest)) != 0) {
		return refuse(why, AXB_ERR_UNSUPPORTED,
			offsetof(struct axb_stream_header, spec_digest),
			"written with another spec");
	}
	if (h->cpu_count == 0 || h->cpu_count > AXB_CPU_MAX) {
		return refuse(why, AXB_ERR_FORMAT, offsetof(struct axb_stream_header, cpu_count),
			"an impossible number of CPUs");
	}
	return AXB_OK;
}

enum axb_status axb_stream_open(
	struct axb_stream_reader *r, struct axb_bytes bytes, struct axb_stream_error *why)
{
	struct axb_stream_header *h = &r->header;
	memset(r, 0, sizeof(*r));
	r->bytes_ = bytes;
	if (!axb_bytes_read(bytes, 0, h, sizeof(*h))) {
		return refuse(why, AXB_ERR_TRUNCATED, 0, "the header is cut");
	}
	AXB_TRY(check_header(h, why));
	uint64_t end = (uint64_t)h->header_size + h->name_table_size;
	if (!axb_bytes_has(bytes, 0, end)) {
		return refuse(why, AXB_ERR_TRUNCATED, h->header_size, "the name table is cut");
	}
	AXB_TRY(take_names(r, h->header_size, end, h->name_count, why));
	r->offset_ = end;
	return AXB_OK;
}

enum axb_status axb_stream_extend(struct axb_stream_reader *r, struct axb_bytes bytes)
{
	if (bytes.size < r->bytes_.size) {
		return AXB_ERR_ARG;
	}
	r->bytes_ = bytes;
	return AXB_OK;
}

/** The block at @offset, whose payload is inside the bytes; AXB_ERR_EMPTY at the end. */
static enum axb_status block_at(const struct axb_stream_reader *r, uint64_t offset,
	struct axb_stream_block *block, struct axb_stream_error *why)
{
	if (offset >= r->bytes_.size) {
		return refuse(why, AXB_ERR_EMPTY, r->bytes_.size, "the end");
	}
	if (!axb_bytes_read(r->bytes_, offset, block, sizeof(*block)) ||
		!axb_bytes_has(r->bytes_, offset + sizeof(*block), block->size)) {
		return refuse(why, AXB_ERR_TRUNCATED, offset, "a block is cut");
	}
	return AXB_OK;
}

static uint64_t block_end(uint64_t offset, const struct axb_stream_block *block)
{
	return offset + sizeof(*block) + axb_align_up(block->size, 8);
}

/** Let the next items come from the records of @size bytes in the block at offset_. */
static enum axb_status enter(struct axb_stream_reader *r, const struct axb_stream_block *block,
	uint64_t size, struct axb_stream_error *why)
{
	if (block->count * size != block->size) {
		return refuse(why, AXB_ERR_FORMAT, r->offset_, "count and size of a block differ");
	}
	if (block->kind == AXB_STREAM_BLOCK_EVENTS && block->cpu >= r->header.cpu_count) {
		return refuse(
			why, AXB_ERR_FORMAT, r->offset_, "a CPU that the header does not have");
	}
	r->block_kind_ = block->kind;
	r->block_cpu_ = block->cpu;
	r->block_at_ = r->offset_ + sizeof(*block);
	r->block_end_ = r->block_at_ + block->size;
	return AXB_OK;
}

/** Take in the block at offset_. *@has_item: @out is a payload. */
static enum axb_status take_block(struct axb_stream_reader *r, struct axb_stream_item *out,
	bool *has_item, struct axb_stream_error *why)
{
	struct axb_stream_block block;
	uint64_t payload = r->offset_ + sizeof(block);
	AXB_TRY(block_at(r, r->offset_, &block, why));
	*has_item = false;
	switch (block.kind) {
	case AXB_STREAM_BLOCK_NAMES:
		if (block.name != r->name_count_) {
			return refuse(why, AXB_ERR_FORMAT, r->offset_, "names are not in order");
		}
		AXB_TRY(take_names(r, payload, payload + block.size, block.count, why));
		break;
	case AXB_STREAM_BLOCK_EVENTS:
		AXB_TRY(enter(r, &block, sizeof(struct axb_trace_event), why));
		break;
	case AXB_STREAM_BLOCK_STATS:
		AXB_TRY(enter(r, &block, sizeof(struct axb_stream_stats), why));
		break;
	case AXB_STREAM_BLOCK_PAYLOAD:
		memset(out, 0, sizeof(*out));
		out->kind = AXB_STREAM_PAYLOAD;
		(void)axb_bytes_slice(r->bytes_, payload, block.size, &out->payload);
		if (block.name < r->name_count_) {
			(void)axb_stream_name(
				r, (uint16_t)block.name, out->map_name, sizeof(out->map_name));
		}
		*has_item = true;
		break;
	default:
		break;
	}
	r->offset_ = block_end(r->offset_, &block);
	return AXB_OK;
}

static enum axb_status take_event(
	struct axb_stream_reader *r, struct axb_stream_item *out, struct axb_stream_error *why)
{
	struct axb_trace_event event;
	if (!axb_bytes_read(r->bytes_, r->block_at_, &event, sizeof(event))) {
		return refuse(why, AXB_ERR_TRUNCATED, r->block_at_, "an event is cut");
	}
	if (event.cpu_id != r->block_cpu_ || event.nr_args > AXB_EVENT_ARG_MAX) {
		return refuse(why, AXB_ERR_FORMAT, r->block_at_,
			event.nr_args > AXB_EVENT_ARG_MAX ? "an event with too many arguments"
							  : "an event of another CPU");
	}
	r->block_at_ += sizeof(event);
	memset(out, 0, sizeof(*out));
	out->kind = AXB_STREAM_EVENT;
	out->event = event;
	return AXB_OK;
}

static enum axb_status take_stats(
	struct axb_stream_reader *r, struct axb_stream_item *out, struct axb_stream_error *why)
{
	struct axb_stream_stats stats;
	if (!axb_bytes_read(r->bytes_, r->block_at_, &stats, sizeof(stats))) {
		return refuse(why, AXB_ERR_TRUNCATED, r->block_at_, "statistics are cut");
	}
	if (stats.cpu >= r->header.cpu_count) {
		return refuse(
			why, AXB_ERR_FORMAT, r->block_at_, "a CPU that the header does not have");
	}
	r->block_at_ += sizeof(stats);
	memset(out, 0, sizeof(*out));
	out->kind = AXB_STREAM_STATS;
	out->cpu = stats.cpu;
	out->stats.attempts = stats.attempts;
	out->stats.committed = stats.committed;
	out->stats.dropped = stats.dropped;
	out->stats.delivered = stats.delivered;
	out->stats.pending = stats.pending;
	return AXB_OK;
}

enum axb_status axb_stream_next(
	struct axb_stream_reader *r, struct axb_stream_item *out, struct axb_stream_error *why)
{
	bool has_item = false;
	/* Each round takes a block, and a block takes bytes. */
	while (r->block_at_ == r->block_end_) {
		AXB_TRY(take_block(r, out, &has_item, why));
		if (has_item) {
			return AXB_OK;
		}
	}
	if (r->block_kind_ == AXB_STREAM_BLOCK_EVENTS) {
		return take_event(r, out, why);
	}
	return take_stats(r, out, why);
}

/** Offset of the record of name @index in the name table [@at, @end); @end when it is not there. */
static uint64_t find_in_table(
	const struct axb_stream_reader *r, uint64_t at, uint64_t end, uint32_t index)
{
	struct axb_stream_name name;
	while (at < end && axb_bytes_read(r->bytes_, at, &name, sizeof(name))) {
		if (name.index == index) {
			return at;
		}
		at += sizeof(name) + axb_align_up(name.length, 8);
	}
	return end;
}

/** Offset of the record of name @index, which was taken; the end of the bytes when it is gone. */
static uint64_t find_name(const struct axb_stream_reader *r, uint32_t index)
{
	struct axb_stream_error why;
	struct axb_stream_block block;
	uint64_t offset = r->index_end_;
	if (index < AXB_STREAM_NAME_INDEX) {
		return r->names_at_[index];
	}
	uint64_t at =
		find_in_table(r, r->names_at_[AXB_STREAM_NAME_INDEX - 1], r->index_end_, index);
	if (at != r->index_end_) {
		return at;
	}
	while (block_at(r, offset, &block, &why) == AXB_OK) {
		if (block.kind == AXB_STREAM_BLOCK_NAMES && index >= block.name &&
			index - block.name < block.count) {
			return find_in_table(
				r, offset + sizeof(block), block_end(offset, &block), index);
		}
		offset = block_end(offset, &block);
	}
	return r->bytes_.size;
}

bool axb_stream_name(const struct axb_stream_reader *r, uint16_t index, char *to, size_t size)
{
	struct axb_stream_name name;
	struct axb_bytes text;
	if (index >= r->name_count_ || size == 0) {
		return false;
	}
	uint64_t at = find_name(r, index);
	if (!axb_bytes_read(r->bytes_, at, &name, sizeof(name)) ||
		!axb_bytes_slice(r->bytes_, at + sizeof(name), name.length, &text)) {
		return false;
	}
	size_t length = text.size < size ? text.size : size - 1;
	memcpy(to, text.data, length);
	to[length] = '\0';
	return true;
}
