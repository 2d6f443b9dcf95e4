/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/ring/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "runtime/base/limits.h"

namespace
{

class Ring
{
      public:
	explicit Ring(uint32_t capacity) : memory_(axb_ring_memory_size(capacity))
	{
		axb_arena arena;
		axb_arena_init(&arena, memory_.data(), memory_.size());
		EXPECT_EQ(axb_ring_create(capacity, &arena, &ring_), AXB_OK);
	}
	operator axb_ring *()
	{
		return ring_;
	}
	axb_ring_slot Reserve(uint64_t value)
	{
		axb_ring_slot slot = {};
		EXPECT_EQ(axb_ring_reserve(ring_, &slot), AXB_OK);
		std::fill_n(static_cast<uint64_t *>(slot.record), 8, value);
		return slot;
	}
	void Commit(const axb_ring_slot &slot)
	{
		axb_ring_commit(ring_, &slot);
	}
	void Discard(const axb_ring_slot &slot)
	{
		axb_ring_discard(ring_, &slot);
	}
	void Put(uint64_t value)
	{
		Commit(Reserve(value));
	}
	bool Full()
	{
		axb_ring_slot slot;
		return axb_ring_reserve(ring_, &slot) == AXB_ERR_FULL;
	}
	/* One value for each record; all eight words of a record are the same. */
	std::vector<uint64_t> Read(size_t max = 1000)
	{
		std::vector<uint64_t> words(max * 8);
		std::vector<uint64_t> values;
		size_t count = axb_ring_read(ring_, words.data(), max);
		for (size_t i = 0; i < count; i++) {
			auto at = words.begin() + static_cast<long>(i * 8);
			EXPECT_EQ(std::count(at, at + 8, *at), 8);
			values.push_back(*at);
		}
		return values;
	}
	struct axb_ring_stats Stats()
	{
		struct axb_ring_stats s;
		axb_ring_stats(ring_, &s);
		return s;
	}

      private:
	std::vector<uint8_t> memory_;
	struct axb_ring *ring_ = nullptr;
};

using Values = std::vector<uint64_t>;

void ExpectStats(const struct axb_ring_stats &s, uint64_t committed, uint64_t discarded,
	uint64_t dropped, uint64_t open, uint64_t delivered)
{
	EXPECT_EQ(s.committed, committed);
	EXPECT_EQ(s.discarded, discarded);
	EXPECT_EQ(s.dropped, dropped);
	EXPECT_EQ(s.attempts, committed + discarded + dropped + open);
	EXPECT_EQ(s.delivered, delivered);
	EXPECT_EQ(s.pending, committed - delivered);
}

TEST(AxbRingCreate, RefusesOtherCapacities)
{
	std::vector<uint8_t> memory(1 << 16);
	axb_arena arena;
	axb_ring *ring = nullptr;
	axb_arena_init(&arena, memory.data(), memory.size());
	for (uint32_t capacity : {0u, 1u, 2u, 3u, 5u, 63u, 1u << 21, UINT32_MAX}) {
		EXPECT_EQ(axb_ring_create(capacity, &arena, &ring), AXB_ERR_ARG) << capacity;
		EXPECT_EQ(axb_ring_memory_size(capacity), 0u);
	}
	EXPECT_EQ(ring, nullptr);
	EXPECT_NE(axb_ring_memory_size(4), 0u);
	EXPECT_NE(axb_ring_memory_size(1u << 20), 0u);
}

TEST(AxbRingCreate, SaysWhenMemoryIsMissing)
{
	const size_t size = axb_ring_memory_size(16);
	std::vector<uint8_t> memory(size + 64);
	axb_ring *ring = nullptr;
	for (size_t shift = 0; shift < 64; shift++) {
		axb_arena arena;
		axb_arena_init(&arena, memory.data() + shift, size);
		EXPECT_EQ(axb_ring_create(16, &arena, &ring), AXB_OK) << shift;
		axb_arena_init(&arena, memory.data() + shift, size - 64);
		EXPECT_EQ(axb_ring_create(16, &arena, &ring), AXB_ERR_NOMEM) << shift;
	}
}

TEST(AxbRingRead, GivesRecordsInOrderAndOnce)
{
	Ring ring(8);
	EXPECT_EQ(ring.Read(), Values());
	ring.Put(1);
	ring.Put(2);
	EXPECT_EQ(ring.Read(), (Values{1, 2}));
	EXPECT_EQ(ring.Read(), Values());
	ExpectStats(ring.Stats(), 2, 0, 0, 0, 2);
}

TEST(AxbRingRead, TakesAtMostMax)
{
	Ring ring(8);
	ring.Put(1);
	ring.Put(2);
	ring.Put(3);
	EXPECT_EQ(ring.Read(0), Values());
	EXPECT_EQ(ring.Read(2), (Values{1, 2}));
	EXPECT_EQ(ring.Read(2), (Values{3}));
}

TEST(AxbRingReserve, GivesAlignedRecordsOfTheirOwn)
{
	Ring ring(4);
	axb_ring_slot a = ring.Reserve(1);
	axb_ring_slot b = ring.Reserve(2);
	EXPECT_EQ(reinterpret_cast<uintptr_t>(a.record) % 64, 0u);
	EXPECT_EQ(reinterpret_cast<uintptr_t>(b.record) % 64, 0u);
	EXPECT_NE(a.record, b.record);
	EXPECT_EQ(b.position, a.position + 1);
}

TEST(AxbRingReserve, ReturnsFullAndCountsADrop)
{
	Ring ring(4);
	for (uint64_t i = 0; i < 4; i++) {
		ring.Put(i);
	}
	EXPECT_TRUE(ring.Full());
	EXPECT_TRUE(ring.Full());
	ExpectStats(ring.Stats(), 4, 0, 2, 0, 0);
	EXPECT_EQ(ring.Read(1), (Values{0}));
	ring.Put(9);
	EXPECT_TRUE(ring.Full());
	EXPECT_EQ(ring.Read(), (Values{1, 2, 3, 9}));
	ExpectStats(ring.Stats(), 5, 0, 3, 0, 5);
}

TEST(AxbRingReserve, WrapsManyTimes)
{
	Ring ring(4);
	for (uint64_t i = 0; i < 1000; i += 3) {
		ring.Put(i);
		ring.Put(i + 1);
		ring.Put(i + 2);
		ASSERT_EQ(ring.Read(), (Values{i, i + 1, i + 2}));
	}
}

/* Every order in which an outer, a middle and an inner record can be closed. */
TEST(AxbRingCommit, StopsTheReaderAtTheFirstOpenRecord)
{
	std::vector<int> order = {0, 1, 2};
	do {
		Ring ring(4);
		bool closed[3] = {};
		uint64_t next = 0;
		axb_ring_slot slots[3] = {ring.Reserve(0), ring.Reserve(1), ring.Reserve(2)};
		EXPECT_EQ(ring.Read(), Values());
		for (int i : order) {
			ring.Commit(slots[i]);
			closed[i] = true;
			Values expected;
			while (next < 3 && closed[next]) {
				expected.push_back(next++);
			}
			EXPECT_EQ(ring.Read(), expected);
		}
		ExpectStats(ring.Stats(), 3, 0, 0, 0, 3);
	} while (std::next_permutation(order.begin(), order.end()));
}

TEST(AxbRingCommit, LetsTheReaderSeeNothingOfAnOpenRecordOfTheNextLap)
{
	Ring ring(4);
	for (uint64_t i = 0; i < 4; i++) {
		ring.Put(i);
	}
	EXPECT_EQ(ring.Read().size(), 4u);
	axb_ring_slot open = ring.Reserve(7); /* its state word is that of lap 0 */
	EXPECT_EQ(ring.Read(), Values());
	ExpectStats(ring.Stats(), 4, 0, 0, 1, 4);
	ring.Commit(open);
	EXPECT_EQ(ring.Read(), (Values{7}));
}

TEST(AxbRingDiscard, IsSkippedByTheReader)
{
	Ring ring(4);
	ring.Put(1);
	ring.Discard(ring.Reserve(2));
	ring.Put(3);
	ring.Discard(ring.Reserve(4));
	ExpectStats(ring.Stats(), 2, 2, 0, 0, 0);
	EXPECT_TRUE(ring.Full());
	EXPECT_EQ(ring.Read(), (Values{1, 3}));
	ExpectStats(ring.Stats(), 2, 2, 1, 0, 2);
	ring.Put(5); /* the discarded places are free again */
	ring.Put(6);
	ring.Put(7);
	ring.Put(8);
	EXPECT_EQ(ring.Read(), (Values{5, 6, 7, 8}));
}

TEST(AxbRingDiscard, OfAllRecordsEndsTheRead)
{
	Ring ring(4);
	for (int lap = 0; lap < 3; lap++) {
		for (uint64_t i = 0; i < 4; i++) {
			ring.Discard(ring.Reserve(i));
		}
		EXPECT_EQ(ring.Read(), Values());
	}
	ExpectStats(ring.Stats(), 0, 12, 0, 0, 0);
}

TEST(AxbRingUsed, CountsAllThatTheReaderHasNotPassed)
{
	Ring ring(8);
	EXPECT_EQ(axb_ring_used(ring), 0u);
	ring.Put(1);
	ring.Discard(ring.Reserve(2));
	axb_ring_slot open = ring.Reserve(3);
	EXPECT_EQ(axb_ring_used(ring), 3u);
	(void)ring.Read();
	EXPECT_EQ(axb_ring_used(ring), 1u) << "the open one";
	ring.Commit(open);
	(void)ring.Read();
	EXPECT_EQ(axb_ring_used(ring), 0u);
}

TEST(AxbRingReservePair, GivesTwoNeighborsOrNone)
{
	Ring ring(4);
	axb_ring_slot pair[2];
	ring.Put(0);
	ring.Put(1);
	ring.Put(2);
	EXPECT_EQ(axb_ring_reserve_pair(ring, pair), AXB_ERR_FULL);
	ExpectStats(ring.Stats(), 3, 0, 2, 0, 0);
	EXPECT_EQ(ring.Read(1), (Values{0}));
	/* These two lie at the end and at the start of the memory. */
	ASSERT_EQ(axb_ring_reserve_pair(ring, pair), AXB_OK);
	std::fill_n(static_cast<uint64_t *>(pair[0].record), 8, 10);
	std::fill_n(static_cast<uint64_t *>(pair[1].record), 8, 11);
	ring.Commit(pair[1]);
	EXPECT_EQ(ring.Read(), (Values{1, 2}));
	ring.Commit(pair[0]);
	EXPECT_EQ(ring.Read(), (Values{10, 11}));
	ExpectStats(ring.Stats(), 5, 0, 2, 0, 5);
}

/* Random operations against a model: nesting as traps make it, last in, first out. */
TEST(AxbRing, BehavesAsItsModel)
{
	std::mt19937 random(1);
	Ring ring(8);
	struct Entry {
		uint64_t value;
		int state; /* 0 open, 1 committed, 2 discarded */
	};
	std::deque<Entry> model;
	std::vector<std::pair<axb_ring_slot, uint64_t>> open;
	uint64_t base = 0; /* position of model.front() */
	uint64_t value = 0;
	for (int step = 0; step < 20000; step++) {
		unsigned what = random() % 8;
		if (what < 3 && open.size() < AXB_NEST_MAX) {
			if (model.size() == 8) {
				ASSERT_TRUE(ring.Full());
				continue;
			}
			axb_ring_slot slot = ring.Reserve(++value);
			ASSERT_EQ(slot.position, base + model.size());
			open.emplace_back(slot, value);
			model.push_back({value, 0});
		} else if (what < 6 && !open.empty()) {
			axb_ring_slot slot = open.back().first;
			open.pop_back();
			bool commit = random() % 3 != 0;
			commit ? ring.Commit(slot) : ring.Discard(slot);
			model[slot.position - base].state = commit ? 1 : 2;
		} else {
			size_t max = random() % 9;
			Values expected;
			while (expected.size() < max && !model.empty() && model[0].state != 0) {
				if (model[0].state == 1) {
					expected.push_back(model[0].value);
				}
				model.pop_front();
				base++;
			}
			ASSERT_EQ(ring.Read(max), expected) << "step " << step;
		}
	}
}

} // namespace
