/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/event/stream.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "runtime/event/testing.h"

using axb_testing::Event;
using axb_testing::Pipeline;

namespace
{

/* A sink that takes @limit bytes. */
struct Sink {
	std::vector<uint8_t> bytes;
	size_t limit = SIZE_MAX;

	static bool Take(void *cookie, const void *bytes, size_t size)
	{
		auto *sink = static_cast<Sink *>(cookie);
		const auto *from = static_cast<const uint8_t *>(bytes);
		if (size > sink->limit - sink->bytes.size()) {
			return false;
		}
		sink->bytes.insert(sink->bytes.end(), from, from + size);
		return true;
	}
};

void Emit(uint32_t id, uint16_t name = AXB_EVENT_NAME_NONE)
{
	axb_trace_event event = Event(id);
	event.name_offset = name;
	(void)axb_event_emit(&event);
}

/* What a stream says, one line an item, and how it ends. */
struct Contents {
	std::vector<std::string> lines;
	axb_status end = AXB_OK;
	axb_stream_error why = {};
};

std::string Line(const axb_stream_reader *r, const axb_stream_item &item)
{
	char name[64] = "?";
	switch (item.kind) {
	case AXB_STREAM_EVENT:
		(void)axb_stream_name(r, item.event.name_offset, name, sizeof(name));
		return "event " + std::to_string(item.event.event_id) + " cpu " +
		       std::to_string(item.event.cpu_id) + " " + name;
	case AXB_STREAM_PAYLOAD:
		return std::string("payload ") + item.map_name + " " +
		       std::string(reinterpret_cast<const char *>(item.payload.data),
			       item.payload.size);
	case AXB_STREAM_STATS:
		return "stats cpu " + std::to_string(item.cpu) + " " +
		       std::to_string(item.stats.attempts) + " " +
		       std::to_string(item.stats.committed) + " " +
		       std::to_string(item.stats.dropped) + " " +
		       std::to_string(item.stats.delivered) + " " +
		       std::to_string(item.stats.pending);
	}
	return "?";
}

void ReadOn(axb_stream_reader *r, Contents *c)
{
	axb_stream_item item;
	while ((c->end = axb_stream_next(r, &item, &c->why)) == AXB_OK) {
		c->lines.push_back(Line(r, item));
	}
}

Contents Decode(const uint8_t *data, size_t size)
{
	Contents c;
	axb_stream_reader r;
	c.end = axb_stream_open(&r, axb_bytes_of(data, size), &c.why);
	if (c.end == AXB_OK) {
		ReadOn(&r, &c);
	}
	return c;
}

Contents Decode(const std::vector<uint8_t> &bytes)
{
	return Decode(bytes.data(), bytes.size());
}

using Lines = std::vector<std::string>;

/* Names before and after the start, two CPUs, a loss, a payload, statistics. */
std::vector<uint8_t> Sample()
{
	Pipeline pipeline;
	Sink sink;
	axb_stream_writer w;
	uint16_t name = 0;
	EXPECT_EQ(axb_event_name_add("vcpu:exit", &name), AXB_OK);
	EXPECT_EQ(axb_stream_begin(&w, AXB_STREAM_ARCH_HOST, 2, Sink::Take, &sink), AXB_OK);
	Emit(212, name);
	EXPECT_EQ(axb_event_name_add("added:later", &name), AXB_OK);
	Emit(1000, name);
	axb_fake_set_cpu(1);
	for (uint32_t i = 0; i < 10; i++) {
		Emit(i);
	}
	EXPECT_EQ(axb_stream_drain(&w, nullptr), AXB_OK);
	Emit(10);
	EXPECT_EQ(axb_stream_payload(&w, "events", "hello", 5), AXB_OK);
	EXPECT_EQ(axb_stream_end(&w), AXB_OK);
	return sink.bytes;
}

const Lines sample_lines = {
	"event 212 cpu 0 vcpu:exit",
	"event 1000 cpu 0 added:later",
	"event 0 cpu 1 ?",
	"event 1 cpu 1 ?",
	"event 2 cpu 1 ?",
	"event 3 cpu 1 ?",
	"event 4 cpu 1 ?",
	"event 5 cpu 1 ?",
	"event 6 cpu 1 ?",
	"event 7 cpu 1 ?",
	"payload events hello",
	"event 4294967294 cpu 1 ?",
	"event 10 cpu 1 ?",
	"stats cpu 0 2 2 0 2 0",
	"stats cpu 1 11 9 2 9 0",
};

TEST(AxbStream, ComesBackAsItWasWritten)
{
	std::vector<uint8_t> bytes = Sample();
	Contents c = Decode(bytes);
	EXPECT_EQ(c.lines, sample_lines);
	EXPECT_EQ(c.end, AXB_ERR_EMPTY) << c.why.what << " at " << c.why.offset;
	EXPECT_EQ(bytes.size() % 8, 0u);
}

TEST(AxbStreamBegin, WritesTheHeader)
{
	Pipeline pipeline;
	Sink sink;
	axb_stream_writer w;
	axb_stream_reader r;
	axb_stream_error why;
	EXPECT_EQ(axb_stream_begin(&w, AXB_STREAM_ARCH_AARCH64, 0, Sink::Take, &sink), AXB_ERR_ARG);
	EXPECT_EQ(
		axb_stream_begin(&w, AXB_STREAM_ARCH_AARCH64, 65, Sink::Take, &sink), AXB_ERR_ARG);
	EXPECT_EQ(axb_stream_begin(&w, AXB_STREAM_ARCH_AARCH64, 2, Sink::Take, &sink), AXB_OK);
	ASSERT_EQ(sink.bytes.size(), sizeof(struct axb_stream_header));
	ASSERT_EQ(axb_stream_open(&r, axb_bytes_of(sink.bytes.data(), sink.bytes.size()), &why),
		AXB_OK);
	EXPECT_EQ(r.header.arch, AXB_STREAM_ARCH_AARCH64);
	EXPECT_EQ(r.header.cpu_count, 2);
	EXPECT_EQ(r.header.clock_kind, static_cast<uint32_t>(AXB_STREAM_CLOCK_MONOTONIC));
	EXPECT_EQ(r.header.clock_unit_ns, 1u);
	EXPECT_EQ(r.header.name_count, 0u);
}

TEST(AxbStreamDrain, SaysHowMuchItMoved)
{
	Pipeline pipeline;
	Sink sink;
	axb_stream_writer w;
	uint64_t moved = 7;
	ASSERT_EQ(axb_stream_begin(&w, AXB_STREAM_ARCH_HOST, 2, Sink::Take, &sink), AXB_OK);
	EXPECT_EQ(axb_stream_drain(&w, &moved), AXB_OK);
	EXPECT_EQ(moved, 0u);
	Emit(1);
	Emit(2);
	axb_fake_set_cpu(1);
	Emit(3);
	EXPECT_EQ(axb_stream_drain(&w, &moved), AXB_OK);
	EXPECT_EQ(moved, 3u);
}

TEST(AxbStreamWriter, StopsAtASinkThatTakesNoMore)
{
	const size_t size = Sample().size();
	for (size_t limit = 0; limit < size; limit += 3) {
		Pipeline pipeline;
		Sink sink;
		axb_stream_writer w;
		sink.limit = limit;
		axb_status st = axb_stream_begin(&w, AXB_STREAM_ARCH_HOST, 2, Sink::Take, &sink);
		for (uint32_t i = 0; i < 8; i++) {
			Emit(i);
		}
		for (int i = 0; i < 100 && st == AXB_OK; i++) {
			Emit(1);
			st = axb_stream_payload(&w, "m", "12345678", 8);
		}
		ASSERT_EQ(st, AXB_ERR_FAULT);
		size_t taken = sink.bytes.size();
		sink.limit = SIZE_MAX;
		EXPECT_EQ(axb_stream_drain(&w, nullptr), AXB_ERR_FAULT);
		EXPECT_EQ(axb_stream_payload(&w, "m", "1", 1), AXB_ERR_FAULT);
		EXPECT_EQ(axb_stream_end(&w), AXB_ERR_FAULT);
		EXPECT_EQ(sink.bytes.size(), taken);
	}
}

/* Names are never taken out of the table: whoever loads many objects fills it in the end. */
TEST(AxbStreamPayload, HasNoNameWhenTheTableIsFull)
{
	Pipeline pipeline({1, 8, 8, 1});
	Sink sink;
	axb_stream_writer w;
	ASSERT_EQ(axb_stream_begin(&w, AXB_STREAM_ARCH_HOST, 1, Sink::Take, &sink), AXB_OK);
	EXPECT_EQ(axb_stream_payload(&w, "a", "", 0), AXB_OK);
	EXPECT_EQ(axb_stream_payload(&w, "b", "x", 1), AXB_OK);
	EXPECT_EQ(axb_stream_payload(&w, "a", "123456789", 9), AXB_OK);
	EXPECT_EQ(Decode(sink.bytes).lines,
		(Lines{"payload a ", "payload  x", "payload a 123456789"}));
}

/* A cut stream gives the items before the cut, and says that it is cut. */
TEST(AxbStreamNext, AcceptsEveryBeginning)
{
	const std::vector<uint8_t> bytes = Sample();
	const Contents whole = Decode(bytes);
	for (size_t size = 0; size < bytes.size(); size++) {
		/* Own memory, so that the sanitizer sees a read behind it. */
		std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
		cut.shrink_to_fit();
		Contents c = Decode(cut);
		EXPECT_TRUE(c.end == AXB_ERR_TRUNCATED || c.end == AXB_ERR_EMPTY)
			<< size << " " << axb_status_name(c.end) << " " << c.why.what;
		EXPECT_LE(c.why.offset, size);
		ASSERT_LE(c.lines.size(), whole.lines.size());
		EXPECT_TRUE(std::equal(c.lines.begin(), c.lines.end(), whole.lines.begin()));
	}
}

TEST(AxbStreamExtend, ContinuesAtEveryCut)
{
	const std::vector<uint8_t> bytes = Sample();
	for (size_t size = sizeof(struct axb_stream_header) + 24; size < bytes.size(); size++) {
		Contents c;
		axb_stream_reader r;
		ASSERT_EQ(axb_stream_open(&r, axb_bytes_of(bytes.data(), size), &c.why), AXB_OK);
		ReadOn(&r, &c);
		EXPECT_EQ(axb_stream_extend(&r, axb_bytes_of(bytes.data(), size - 1)), AXB_ERR_ARG);
		ASSERT_EQ(axb_stream_extend(&r, axb_bytes_of(bytes.data(), bytes.size())), AXB_OK);
		ReadOn(&r, &c);
		EXPECT_EQ(c.lines, sample_lines) << "cut at " << size;
		EXPECT_EQ(c.end, AXB_ERR_EMPTY);
	}
}

TEST(AxbStreamNext, SurvivesEveryFlippedBit)
{
	const std::vector<uint8_t> bytes = Sample();
	for (size_t bit = 0; bit < bytes.size() * 8; bit++) {
		std::vector<uint8_t> flipped = bytes;
		flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
		Contents c = Decode(flipped);
		EXPECT_NE(c.end, AXB_OK);
		EXPECT_LE(c.lines.size(), bytes.size() / sizeof(struct axb_stream_stats));
	}
}

TEST(AxbStreamNext, SurvivesNoise)
{
	const std::vector<uint8_t> bytes = Sample();
	std::mt19937 random(1);
	for (int round = 0; round < 3000; round++) {
		std::vector<uint8_t> noisy = bytes;
		for (int i = 0; i < 8; i++) {
			noisy[sizeof(struct axb_stream_header) +
				random() % (bytes.size() - sizeof(struct axb_stream_header))] =
				static_cast<uint8_t>(random());
		}
		EXPECT_NE(Decode(noisy).end, AXB_OK);
	}
}

template <typename T> void Append(std::vector<uint8_t> *to, const T &value)
{
	const auto *bytes = reinterpret_cast<const uint8_t *>(&value);
	to->insert(to->end(), bytes, bytes + sizeof(value));
}

axb_stream_header Header(uint32_t name_count = 0, uint32_t name_table_size = 0)
{
	axb_stream_header h = {};
	memcpy(h.magic, AXB_STREAM_MAGIC, 8);
	h.version = AXB_STREAM_VERSION;
	h.header_size = sizeof(h);
	h.arch = AXB_STREAM_ARCH_HOST;
	h.cpu_count = 2;
	memcpy(h.spec_digest, axb_spec_digest, 32);
	h.name_count = name_count;
	h.name_table_size = name_table_size;
	return h;
}

TEST(AxbStreamOpen, RefusesOtherHeaders)
{
	const struct {
		void (*change)(axb_stream_header *);
		axb_status status;
		const char *what;
	} cases[] = {
		{[](axb_stream_header *h) { h->magic[0] = 'B'; }, AXB_ERR_FORMAT, "not an axebpf"},
		{[](axb_stream_header *h) { h->version = 2; }, AXB_ERR_UNSUPPORTED, "version"},
		{[](axb_stream_header *h) { h->version = 0; }, AXB_ERR_UNSUPPORTED, "version"},
		{[](axb_stream_header *h) { h->header_size = 79; }, AXB_ERR_FORMAT, "size"},
		{[](axb_stream_header *h) { h->header_size = 81; }, AXB_ERR_FORMAT, "size"},
		{[](axb_stream_header *h) { h->header_size = 72; }, AXB_ERR_FORMAT, "size"},
		{[](axb_stream_header *h) { h->header_size = 88; }, AXB_ERR_TRUNCATED, "cut"},
		{[](axb_stream_header *h) { h->spec_digest[31] ^= 1; }, AXB_ERR_UNSUPPORTED,
			"spec"},
		{[](axb_stream_header *h) { h->cpu_count = 0; }, AXB_ERR_FORMAT, "CPU"},
		{[](axb_stream_header *h) { h->cpu_count = 65; }, AXB_ERR_FORMAT, "CPU"},
		{[](axb_stream_header *h) { h->name_count = 1; }, AXB_ERR_FORMAT, "leaves"},
		{[](axb_stream_header *h) { h->name_table_size = 8; }, AXB_ERR_TRUNCATED, "cut"},
		{[](axb_stream_header *h) { h->name_table_size = UINT32_MAX; }, AXB_ERR_TRUNCATED,
			"cut"},
	};
	for (const auto &test : cases) {
		axb_stream_header h = Header();
		std::vector<uint8_t> bytes;
		test.change(&h);
		Append(&bytes, h);
		Contents c = Decode(bytes);
		EXPECT_EQ(c.end, test.status) << test.what;
		EXPECT_NE(std::string(c.why.what).find(test.what), std::string::npos) << c.why.what;
	}
}

TEST(AxbStreamOpen, SkipsWhatALongerHeaderHas)
{
	axb_stream_header h = Header();
	std::vector<uint8_t> bytes;
	h.header_size = sizeof(h) + 16;
	Append(&bytes, h);
	bytes.resize(bytes.size() + 16, 0xff);
	EXPECT_EQ(Decode(bytes).end, AXB_ERR_EMPTY);
}

struct Block {
	axb_stream_block header;
	std::vector<uint8_t> payload;
};

std::vector<uint8_t> Stream(const std::vector<Block> &blocks)
{
	std::vector<uint8_t> bytes;
	Append(&bytes, Header());
	for (const Block &b : blocks) {
		Append(&bytes, b.header);
		bytes.insert(bytes.end(), b.payload.begin(), b.payload.end());
		bytes.resize((bytes.size() + 7) / 8 * 8);
	}
	return bytes;
}

template <typename T> std::vector<uint8_t> BytesOf(const T &value)
{
	std::vector<uint8_t> bytes;
	Append(&bytes, value);
	return bytes;
}

std::vector<uint8_t> Name(uint16_t index, uint16_t length)
{
	struct axb_stream_name name = {index, length, 0};
	return BytesOf(name);
}

TEST(AxbStreamNext, RefusesBlocksThatContradictThemselves)
{
	const uint16_t names = AXB_STREAM_BLOCK_NAMES;
	const uint16_t events = AXB_STREAM_BLOCK_EVENTS;
	const uint16_t stats = AXB_STREAM_BLOCK_STATS;
	axb_trace_event five_args = Event(1);
	axb_trace_event other_cpu = Event(1);
	axb_stream_stats bad_stats = {};
	five_args.nr_args = 5;
	other_cpu.cpu_id = 1;
	bad_stats.cpu = 2;
	const struct {
		Block block;
		const char *what;
	} cases[] = {
		{{{events, 0, 2, 0, 64}, BytesOf(Event(1))}, "differ"},
		{{{events, 0, 0x04000001, 0, 64}, BytesOf(Event(1))}, "differ"},
		{{{events, 2, 1, 0, 64}, BytesOf(Event(1))}, "CPU"},
		{{{events, 0, 1, 0, 64}, BytesOf(other_cpu)}, "another CPU"},
		{{{events, 0, 1, 0, 64}, BytesOf(five_args)}, "arguments"},
		{{{stats, 0, 1, 0, 64}, BytesOf(Event(1))}, "differ"},
		{{{stats, 0, 1, 0, 48}, BytesOf(bad_stats)}, "CPU"},
		{{{names, 0, 1, 1, 8}, Name(1, 0)}, "order"},
		{{{names, 0, 1, 0, 8}, Name(1, 0)}, "order"},
		{{{names, 0, 1, 0, 8}, Name(0, 1)}, "leaves"},
		{{{names, 0, 2, 0, 8}, Name(0, 0)}, "leaves"},
		{{{names, 0, 0, 0, 8}, Name(0, 0)}, "larger"},
		{{{names, 0, 65536, 0, 8}, Name(0, 0)}, "too many"},
	};
	for (const auto &test : cases) {
		Contents c = Decode(Stream({test.block}));
		EXPECT_EQ(c.end, AXB_ERR_FORMAT) << test.what;
		EXPECT_NE(std::string(c.why.what).find(test.what), std::string::npos) << c.why.what;
		EXPECT_EQ(c.lines, Lines());
	}
}

TEST(AxbStreamNext, SkipsUnknownKindsAndEmptyBlocks)
{
	std::vector<uint8_t> bytes = Stream({
		{{99, 7, 7, 7, 5}, {1, 2, 3, 4, 5}},
		{{AXB_STREAM_BLOCK_EVENTS, 0, 0, 0, 0}, {}},
		{{AXB_STREAM_BLOCK_EVENTS, 0, 1, 0, 64}, BytesOf(Event(5))},
		{{AXB_STREAM_BLOCK_PAYLOAD, 0, 1, 9, 2}, {'o', 'k'}},
	});
	Contents c = Decode(bytes);
	EXPECT_EQ(c.lines, (Lines{"event 5 cpu 0 ?", "payload  ok"}));
	EXPECT_EQ(c.end, AXB_ERR_EMPTY);
}

/* More names than the reader's index has, in the header and in blocks. */
TEST(AxbStreamName, FindsEachOfManyNames)
{
	for (uint16_t first : {0, 511, 512, 600}) {
		Pipeline pipeline({1, 8, 8, 700});
		Sink sink;
		axb_stream_writer w;
		uint16_t index;
		for (uint16_t i = 0; i < 700; i++) {
			if (i == first) {
				ASSERT_EQ(axb_stream_begin(
						  &w, AXB_STREAM_ARCH_HOST, 1, Sink::Take, &sink),
					AXB_OK);
			}
			std::string name = "n" + std::to_string(i);
			ASSERT_EQ(axb_event_name_add(name.c_str(), &index), AXB_OK);
			if (i >= first && i % 30 == 0) {
				Emit(i, i);
				ASSERT_EQ(axb_stream_drain(&w, nullptr), AXB_OK);
			}
		}
		axb_stream_reader r;
		Contents c;
		axb_bytes bytes = axb_bytes_of(sink.bytes.data(), sink.bytes.size());
		ASSERT_EQ(axb_stream_open(&r, bytes, &c.why), AXB_OK);
		ReadOn(&r, &c);
		ASSERT_EQ(c.end, AXB_ERR_EMPTY);
		char text[64];
		for (uint16_t i = 0; i <= 690; i++) {
			ASSERT_TRUE(axb_stream_name(&r, i, text, sizeof(text))) << i;
			EXPECT_EQ(text, "n" + std::to_string(i));
		}
		EXPECT_FALSE(axb_stream_name(&r, 691, text, sizeof(text)));
		EXPECT_FALSE(axb_stream_name(&r, 0, text, 0));
		ASSERT_TRUE(axb_stream_name(&r, 123, text, 3));
		EXPECT_STREQ(text, "n1");
	}
}

} // namespace
