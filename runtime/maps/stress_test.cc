/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Operations of several CPUs at once, and operations in the middle of others, as traps make them.
 */
#include <gtest/gtest.h>
#include <csignal>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/atomic.h"
#include "runtime/maps/map.h"
#include "runtime/maps/testing.h"
#include "runtime/maps/testing_hooks.h"

using axb_testing::HashDef;
using axb_testing::RingbufDef;
using axb_testing::TestMap;

namespace
{

const uint32_t cpu_count = 4;

void OnEachCpu(void (*body)(axb_map *, uint32_t), axb_map *map)
{
	std::vector<std::thread> threads;
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		threads.emplace_back([=] {
			axb_testing::SetCpu(cpu);
			body(map, cpu);
		});
	}
	for (std::thread &t : threads) {
		t.join();
	}
}

/* Values say which key they belong to: key * 2^32 + something. */
uint64_t ValueOf(uint64_t key, uint64_t n)
{
	return key << 32 | (n & 0xffffffff);
}

/* Shared keys, so that CPUs meet on buckets and nodes move between chains. */
void HashChurn(axb_map *map, uint32_t cpu)
{
	std::mt19937_64 random(cpu);
	for (uint32_t i = 0; i < 40000; i++) {
		uint64_t key = random() % 48;
		uint64_t value = ValueOf(key, i);
		int64_t result = 0;
		switch (random() % 4) {
		case 0:
			result = axb_map_update(map, &key, &value, random() % 3);
			ASSERT_TRUE(result == 0 || result == -AXB_EEXIST || result == -AXB_ENOENT ||
				    result == -AXB_E2BIG || result == -AXB_EBUSY)
				<< result;
			break;
		case 1:
			result = axb_map_delete(map, &key);
			ASSERT_TRUE(result == 0 || result == -AXB_ENOENT || result == -AXB_EBUSY);
			break;
		case 2:
			/* The value may be another key's by now, but never anything else. */
			if (auto *at = static_cast<uint64_t *>(axb_map_lookup(map, &key))) {
				ASSERT_LT(axb_load_relaxed(at) >> 32, 48u);
			}
			break;
		default:
			result = axb_map_next_key(map, &key, &key);
			ASSERT_TRUE(result == 0 || result == -AXB_ENOENT || result == -AXB_EBUSY);
			ASSERT_LT(key, 48u) << "a torn key";
		}
	}
}

TEST(AxbMapHashStress, SurvivesChurnOnFourCpus)
{
	TestMap map(HashDef(8, 8, 32));
	OnEachCpu(HashChurn, map);
	uint64_t key = 0;
	uint32_t count = 0;
	std::map<uint64_t, int> seen;
	int64_t more = axb_map_next_key(map, nullptr, &key);
	for (; more == 0 && count <= 32; more = axb_map_next_key(map, &key, &key)) {
		auto *value = static_cast<uint64_t *>(axb_map_lookup(map, &key));
		ASSERT_NE(value, nullptr);
		EXPECT_EQ(*value >> 32, key);
		EXPECT_EQ(++seen[key], 1);
		count++;
	}
	EXPECT_EQ(count, axb_map_entry_count(map));
	/* No node was lost: the map still takes exactly max_entries. */
	for (uint64_t k = 100; axb_map_update(map, &k, &k, 0) == 0; k++) {
		count++;
	}
	EXPECT_EQ(count, 32u);
}

/* Keys of this CPU only: nobody else can make an operation fail but by a busy bucket. */
void HashOwnKeys(axb_map *map, uint32_t cpu)
{
	std::mt19937_64 random(cpu);
	std::map<uint64_t, uint64_t> model;
	for (uint32_t i = 0; i < 40000; i++) {
		uint64_t key = cpu * 1000 + random() % 16;
		uint64_t value = ValueOf(key, i);
		if (random() % 3 == 0) {
			int64_t result = axb_map_delete(map, &key);
			if (result != -AXB_EBUSY) {
				ASSERT_EQ(result, model.erase(key) != 0 ? 0 : -AXB_ENOENT);
			}
		} else if (random() % 2 == 0) {
			int64_t result = axb_map_update(map, &key, &value, 0);
			if (result != -AXB_EBUSY) {
				ASSERT_EQ(result, 0);
				model[key] = value;
			}
		} else {
			auto *at = static_cast<uint64_t *>(axb_map_lookup(map, &key));
			ASSERT_EQ(at != nullptr, model.count(key) != 0) << "key " << key;
			ASSERT_TRUE(at == nullptr || axb_load_relaxed(at) == model[key]);
		}
	}
}

TEST(AxbMapHashStress, NeverMissesAKeyThatStays)
{
	TestMap map(HashDef(8, 8, 16 * cpu_count));
	OnEachCpu(HashOwnKeys, map);
}

/* A trap in the middle of an update: its value lies on a page that faults. */
struct Trap {
	axb_map *map;
	void *page;
	int64_t same_bucket;
	int64_t removed;
	bool found;
	int count;
} trap;

void OnFault(int /*signal*/, siginfo_t * /*info*/, void * /*context*/)
{
	uint64_t key = 1;
	uint64_t value = ValueOf(key, 99);
	trap.count++;
	trap.found = axb_map_lookup(trap.map, &key) != nullptr;
	trap.same_bucket = axb_map_update(trap.map, &key, &value, 0);
	trap.removed = axb_map_delete(trap.map, &key);
	mprotect(trap.page, 4096, PROT_READ | PROT_WRITE);
}

class AxbMapHashNested : public testing::Test
{
      protected:
	void SetUp() override
	{
		struct sigaction action = {};
		trap = {};
		trap.page = mmap(
			nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ASSERT_NE(trap.page, MAP_FAILED);
		*static_cast<uint64_t *>(trap.page) = ValueOf(1, 7);
		ASSERT_EQ(mprotect(trap.page, 4096, PROT_NONE), 0);
		action.sa_sigaction = OnFault;
		action.sa_flags = SA_SIGINFO | SA_NODEFER;
		ASSERT_EQ(sigaction(SIGSEGV, &action, &old_), 0);
	}
	void TearDown() override
	{
		sigaction(SIGSEGV, &old_, nullptr);
		munmap(trap.page, 4096);
	}
	struct sigaction old_;
};

TEST_F(AxbMapHashNested, RefusesWritesToTheBusyBucketAndStillReads)
{
	TestMap map(HashDef(8, 8, 1)); /* one bucket */
	uint64_t key = 1;
	trap.map = map;
	ASSERT_EQ(axb_map_update(map, &key, trap.page, 0), 0);
	EXPECT_EQ(trap.count, 1);
	EXPECT_FALSE(trap.found) << "not yet inserted";
	EXPECT_EQ(trap.same_bucket, -AXB_EBUSY);
	EXPECT_EQ(trap.removed, -AXB_EBUSY);
	EXPECT_EQ(axb_map_busy_count(map), 2u);
	EXPECT_EQ(*static_cast<uint64_t *>(axb_map_lookup(map, &key)), ValueOf(1, 7));

	ASSERT_EQ(mprotect(trap.page, 4096, PROT_NONE), 0);
	ASSERT_EQ(axb_map_update(map, &key, trap.page, 0), 0);
	EXPECT_EQ(trap.count, 2);
	EXPECT_TRUE(trap.found) << "lookups do not wait";
	EXPECT_EQ(trap.same_bucket, -AXB_EBUSY);
	EXPECT_EQ(axb_map_delete(map, &key), 0) << "the bucket is free again";
	EXPECT_EQ(axb_testing::IrqDepth(), 0u);
}

TEST_F(AxbMapHashNested, ServesOtherBuckets)
{
	TestMap map(HashDef(8, 8, 1024)); /* two keys in one of 1024 buckets would be bad luck */
	uint64_t key = 2;
	trap.map = map;
	ASSERT_EQ(axb_map_update(map, &key, trap.page, 0), 0);
	EXPECT_EQ(trap.count, 1);
	EXPECT_EQ(trap.same_bucket, 0);
	EXPECT_EQ(trap.removed, 0);
	EXPECT_EQ(axb_map_busy_count(map), 0u);
	EXPECT_EQ(axb_map_entry_count(map), 1u);
}

/* Payload: producer, number, and the number again in each word up to the size. */
struct Totals {
	std::atomic<uint64_t> sent{0};
	std::atomic<uint64_t> discarded{0};
	std::atomic<uint64_t> dropped{0};
	std::atomic<uint32_t> running{0};
};
Totals totals;

void Produce(axb_map *ring, uint32_t cpu)
{
	std::mt19937 random(cpu);
	for (uint64_t i = 0; i < 30000; i++) {
		uint32_t words = 2 + random() % 12;
		auto *record = static_cast<uint64_t *>(axb_ringbuf_reserve(ring, words * 8));
		if (record == nullptr) {
			totals.dropped++;
			std::this_thread::yield();
			continue;
		}
		record[0] = cpu;
		for (uint32_t w = 1; w < words; w++) {
			record[w] = i;
		}
		if (random() % 8 == 0) {
			axb_ringbuf_discard(ring, record);
			totals.discarded++;
		} else {
			axb_ringbuf_submit(ring, record);
			totals.sent++;
		}
	}
	totals.running--;
}

/** Read one record and check it; false when there was none. */
bool Consume(axb_map *ring, uint64_t (*next)[cpu_count])
{
	uint64_t record[16];
	uint32_t size = 0;
	if (axb_ringbuf_read(ring, record, sizeof(record), &size) != AXB_OK) {
		return false;
	}
	EXPECT_EQ(size % 8, 0u);
	EXPECT_LT(record[0], cpu_count);
	EXPECT_GE(record[1], (*next)[record[0]]) << "twice, or out of order";
	(*next)[record[0]] = record[1] + 1;
	for (uint32_t w = 1; w < size / 8; w++) {
		EXPECT_EQ(record[w], record[1]) << "torn";
	}
	return true;
}

TEST(AxbRingbufStress, AccountsForEveryRecordOfFourProducers)
{
	TestMap ring(RingbufDef(4096));
	totals.running = cpu_count;
	uint64_t next[cpu_count] = {};
	uint64_t read = 0;
	std::thread producers([&] { OnEachCpu(Produce, ring); });
	while (totals.running != 0 && !HasFailure()) {
		read += Consume(ring, &next);
		struct axb_ringbuf_stats stats;
		axb_ringbuf_stats(ring, &stats);
		ASSERT_LE(stats.submitted + stats.discarded + stats.dropped, stats.attempts);
		ASSERT_LE(stats.delivered, stats.submitted);
	}
	producers.join();
	while (Consume(ring, &next)) {
		read++;
	}
	struct axb_ringbuf_stats stats;
	axb_ringbuf_stats(ring, &stats);
	EXPECT_EQ(stats.attempts, 30000u * cpu_count);
	EXPECT_EQ(stats.submitted, totals.sent);
	EXPECT_EQ(stats.discarded, totals.discarded);
	EXPECT_EQ(stats.dropped, totals.dropped);
	EXPECT_EQ(stats.delivered, read);
	EXPECT_EQ(stats.delivered, stats.submitted);
	EXPECT_EQ(stats.available_bytes, 0u);
}

} // namespace
