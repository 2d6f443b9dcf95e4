/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ring-buffer maps with one thread: order, wrap, loss, and the law of the counters.
 */
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/maps/map.h"
#include "runtime/maps/testing.h"

using axb_testing::RingbufDef;
using axb_testing::TestMap;

namespace
{

const uint32_t ring_bytes = 4096;

struct axb_ringbuf_stats Stats(const axb_map *ring)
{
	struct axb_ringbuf_stats stats;
	axb_ringbuf_stats(ring, &stats);
	return stats;
}

/** The next record, or a word in brackets. */
std::string Read(axb_map *ring)
{
	std::string text(ring_bytes, 'x');
	uint32_t size = 0;
	switch (axb_ringbuf_read(ring, &text[0], ring_bytes, &size)) {
	case AXB_OK:
		return text.substr(0, size);
	case AXB_ERR_EMPTY:
		return "<empty>";
	default:
		return "<error>";
	}
}

int64_t Write(axb_map *ring, const std::string &text)
{
	return axb_ringbuf_output(ring, text.data(), static_cast<uint32_t>(text.size()));
}

TEST(AxbRingbuf, DeliversInOrder)
{
	TestMap ring(RingbufDef(ring_bytes));
	EXPECT_EQ(Read(ring), "<empty>");
	EXPECT_EQ(Write(ring, "one"), 0);
	EXPECT_EQ(Write(ring, ""), 0);
	EXPECT_EQ(Write(ring, "three and more"), 0);
	EXPECT_EQ(Read(ring), "one");
	EXPECT_EQ(Read(ring), "");
	EXPECT_EQ(Read(ring), "three and more");
	EXPECT_EQ(Read(ring), "<empty>");
}

TEST(AxbRingbuf, StopsAtAnOpenRecord)
{
	TestMap ring(RingbufDef(ring_bytes));
	auto *first = static_cast<char *>(axb_ringbuf_reserve(ring, 5));
	ASSERT_NE(first, nullptr);
	EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 8, 0u);
	EXPECT_EQ(axb_ringbuf_record_size(first), 5u);
	EXPECT_EQ(Write(ring, "second"), 0) << "a nested record behind an open one";
	EXPECT_EQ(Read(ring), "<empty>");
	std::string("first").copy(first, 5);
	axb_ringbuf_submit(ring, first);
	EXPECT_EQ(Read(ring), "first");
	EXPECT_EQ(Read(ring), "second");
}

TEST(AxbRingbuf, NeverDeliversWhatWasDiscarded)
{
	TestMap ring(RingbufDef(ring_bytes));
	void *record = axb_ringbuf_reserve(ring, 100);
	EXPECT_EQ(Write(ring, "kept"), 0);
	axb_ringbuf_discard(ring, record);
	EXPECT_EQ(Read(ring), "kept");
	EXPECT_EQ(Read(ring), "<empty>");
	struct axb_ringbuf_stats stats = Stats(ring);
	EXPECT_EQ(stats.attempts, 2u);
	EXPECT_EQ(stats.submitted, 1u);
	EXPECT_EQ(stats.discarded, 1u);
	EXPECT_EQ(stats.delivered, 1u);
	EXPECT_EQ(stats.available_bytes, 0u);
}

TEST(AxbRingbuf, RecordsOfSizeZeroHoldTheirPlace)
{
	TestMap ring(RingbufDef(ring_bytes));
	void *record = axb_ringbuf_reserve(ring, 0);
	ASSERT_NE(record, nullptr);
	EXPECT_EQ(Read(ring), "<empty>");
	axb_ringbuf_submit(ring, record);
	EXPECT_EQ(Read(ring), "");
	record = axb_ringbuf_reserve(ring, 0);
	axb_ringbuf_discard(ring, record);
	EXPECT_EQ(Read(ring), "<empty>");
	EXPECT_EQ(Stats(ring).available_bytes, 0u);
}

TEST(AxbRingbuf, CountsDropsWhenFullAndGoesOnAfterwards)
{
	TestMap ring(RingbufDef(ring_bytes));
	for (int i = 0; i < 32; i++) {
		EXPECT_EQ(Write(ring, std::string(120, static_cast<char>('a' + i % 26))), 0);
	}
	EXPECT_EQ(Stats(ring).available_bytes, ring_bytes);
	EXPECT_EQ(Write(ring, ""), -AXB_EAGAIN);
	EXPECT_EQ(axb_ringbuf_reserve(ring, 1), nullptr);
	EXPECT_EQ(Stats(ring).dropped, 2u);
	EXPECT_EQ(Read(ring), std::string(120, 'a'));
	EXPECT_EQ(Write(ring, std::string(120, 'z')), 0);
	EXPECT_EQ(Write(ring, ""), -AXB_EAGAIN);
	struct axb_ringbuf_stats stats = Stats(ring);
	EXPECT_EQ(stats.attempts, 36u);
	EXPECT_EQ(stats.submitted, 33u);
	EXPECT_EQ(stats.dropped, 3u);
	EXPECT_EQ(stats.delivered, 1u);
}

TEST(AxbRingbuf, RefusesWhatCanNeverFitWithoutCountingALoss)
{
	TestMap ring(RingbufDef(ring_bytes));
	for (uint32_t size : {ring_bytes - 7, ring_bytes, 1u << 30, UINT32_MAX}) {
		EXPECT_EQ(axb_ringbuf_reserve(ring, size), nullptr);
		EXPECT_EQ(axb_ringbuf_output(ring, "", size), -AXB_E2BIG);
	}
	EXPECT_EQ(Stats(ring).attempts, 0u);
	EXPECT_NE(axb_ringbuf_reserve(ring, ring_bytes - 8), nullptr);
}

TEST(AxbRingbuf, LeavesARecordThatDoesNotFitTheReader)
{
	TestMap ring(RingbufDef(ring_bytes));
	char small[4];
	uint32_t size = 0;
	ASSERT_EQ(Write(ring, "12345"), 0);
	EXPECT_EQ(axb_ringbuf_read(ring, small, sizeof(small), &size), AXB_ERR_FULL);
	EXPECT_EQ(size, 5u);
	EXPECT_EQ(Stats(ring).delivered, 0u);
	EXPECT_EQ(Read(ring), "12345");
}

TEST(AxbRingbuf, KeepsRecordsInOnePieceAtTheEnd)
{
	TestMap ring(RingbufDef(ring_bytes));
	ASSERT_EQ(Write(ring, std::string(ring_bytes - 8 - 64, 'p')), 0);
	Read(ring); /* 64 bytes to the end, 4032 from the beginning */
	std::string big(500, 'b');
	EXPECT_EQ(Write(ring, big), 0);
	EXPECT_EQ(Stats(ring).available_bytes, 64 + 512u);
	EXPECT_EQ(Read(ring), big);
	struct axb_ringbuf_stats stats = Stats(ring);
	EXPECT_EQ(stats.attempts, 2u) << "a pad is no record";
	EXPECT_EQ(stats.discarded, 0u);
	EXPECT_EQ(stats.available_bytes, 0u);
}

TEST(AxbRingbuf, LetsALargeRecordInAfterTheReaderHasRun)
{
	TestMap ring(RingbufDef(ring_bytes));
	ASSERT_EQ(Write(ring, std::string(2000, 'p')), 0);
	EXPECT_EQ(Read(ring).size(), 2000u);
	std::string large(3000, 'l');
	EXPECT_EQ(Write(ring, large), -AXB_EAGAIN) << "room neither behind nor before";
	EXPECT_EQ(Read(ring), "<empty>");
	EXPECT_EQ(Write(ring, large), 0);
	EXPECT_EQ(Read(ring), large);
	EXPECT_EQ(Stats(ring).dropped, 1u);
}

TEST(AxbRingbuf, IgnoresWhatIsNoOpenRecord)
{
	TestMap ring(RingbufDef(ring_bytes));
	auto *record = static_cast<uint8_t *>(axb_ringbuf_reserve(ring, 16));
	ASSERT_NE(record, nullptr);
	memset(record, 0, 16);
	axb_ringbuf_submit(ring, nullptr);
	axb_ringbuf_submit(ring, record - 8);
	axb_ringbuf_submit(ring, record + 4);
	axb_ringbuf_submit(ring, record + 8);
	axb_ringbuf_submit(ring, record + 2 * ring_bytes);
	EXPECT_EQ(Stats(ring).submitted, 0u);
	EXPECT_EQ(Read(ring), "<empty>");
	axb_ringbuf_submit(ring, record);
	axb_ringbuf_submit(ring, record);
	axb_ringbuf_discard(ring, record);
	EXPECT_EQ(Stats(ring).submitted, 1u);
	EXPECT_EQ(Stats(ring).discarded, 0u);
}

TEST(AxbRingbuf, GivesZeroedRecords)
{
	TestMap ring(RingbufDef(ring_bytes));
	for (int i = 0; i < 20; i++) {
		auto *record = static_cast<uint8_t *>(axb_ringbuf_reserve(ring, 1000));
		ASSERT_NE(record, nullptr);
		for (int at = 0; at < 1000; at++) {
			ASSERT_EQ(record[at], 0) << "record " << i;
		}
		memset(record, 0xff, 1000);
		axb_ringbuf_submit(ring, record);
		EXPECT_EQ(Read(ring).size(), 1000u);
	}
}

TEST(AxbRingbuf, AgreesWithAModel)
{
	TestMap ring(RingbufDef(ring_bytes));
	struct Open {
		void *record;
		std::string text;
		int state; /* 0 open, 1 submitted, 2 discarded */
	};
	std::deque<Open> model;
	std::mt19937 random(7);
	uint64_t attempts = 0;
	uint64_t dropped = 0;
	uint64_t delivered = 0;
	for (int i = 0; i < 100000; i++) {
		uint32_t what = random() % 4;
		if (what == 0) {
			uint32_t size = random() % 10 == 0 ? random() % 2000 : random() % 40;
			void *record = axb_ringbuf_reserve(ring, size);
			attempts++;
			if (record == nullptr) {
				dropped++;
				continue;
			}
			std::string text(size, static_cast<char>(i));
			memcpy(record, text.data(), size);
			model.push_back({record, text, 0});
		} else if (what == 1 && !model.empty()) {
			Open &open = model[random() % model.size()];
			if (open.state == 0) {
				open.state = random() % 3 == 0 ? 2 : 1;
				(open.state == 1 ? axb_ringbuf_submit : axb_ringbuf_discard)(
					ring, open.record);
			}
		} else {
			while (!model.empty() && model.front().state == 2) {
				model.pop_front();
			}
			if (model.empty() || model.front().state == 0) {
				ASSERT_EQ(Read(ring), "<empty>");
				continue;
			}
			ASSERT_EQ(Read(ring), model.front().text);
			model.pop_front();
			delivered++;
		}
	}
	struct axb_ringbuf_stats stats = Stats(ring);
	uint64_t open = 0;
	uint64_t waiting = 0;
	for (const Open &o : model) {
		open += o.state == 0;
		waiting += o.state == 1;
	}
	EXPECT_EQ(stats.attempts, attempts);
	EXPECT_EQ(stats.dropped, dropped);
	EXPECT_EQ(stats.delivered, delivered);
	EXPECT_EQ(stats.attempts, stats.submitted + stats.discarded + stats.dropped + open);
	EXPECT_EQ(stats.submitted, stats.delivered + waiting);
	EXPECT_GT(dropped, 0u);
	EXPECT_GT(delivered, 1000u);
}

} // namespace
