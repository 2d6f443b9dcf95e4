/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Two CPUs that produce as fast as they can, interrupted by producers, and a slow reader.
 */
#include <gtest/gtest.h>

#include <csignal>
#include <ctime>
#include <pthread.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "runtime/base/atomic.h"
#include "runtime/ring/ring.h"

namespace
{

const uint32_t cpu_count = 2;
const uint64_t events_per_cpu = 5000000;

struct Record {
	uint64_t words[8];
};

/* Each word depends on all that the record says, so that halves of two records do not match. */
uint64_t Word(uint64_t cpu, uint64_t number, uint64_t i)
{
	return (number << 8 | cpu << 4 | i) * 0x9e3779b97f4a7c15u;
}

struct Cpu {
	std::vector<uint8_t> memory;
	axb_ring *ring = nullptr;
	uint64_t id = 0;
	uint64_t written = 0;
	uint64_t lost = 0;
	std::atomic<bool> done{false};

	void Init(uint64_t cpu, uint32_t capacity)
	{
		axb_arena arena;
		id = cpu;
		memory.resize(axb_ring_memory_size(capacity));
		axb_arena_init(&arena, memory.data(), memory.size());
		ASSERT_EQ(axb_ring_create(capacity, &arena, &ring), AXB_OK);
	}

	void Produce(uint64_t number)
	{
		axb_ring_slot slot;
		if (axb_ring_reserve(ring, &slot) != AXB_OK) {
			lost++;
			return;
		}
		auto *words = static_cast<uint64_t *>(slot.record);
		words[0] = number;
		for (uint64_t i = 1; i < 8; i++) {
			words[i] = Word(id, number, i);
		}
		axb_ring_commit(ring, &slot);
		written++;
	}
};

/* The number of a record that is whole. */
uint64_t Check(const Record &record, uint64_t cpu)
{
	for (uint64_t i = 1; i < 8; i++) {
		if (record.words[i] != Word(cpu, record.words[0], i)) {
			ADD_FAILURE() << "torn record " << record.words[0] << " of CPU " << cpu;
			return UINT64_MAX;
		}
	}
	return record.words[0];
}

/* Every number of a CPU rises, so none comes twice. */
void ReadSlowly(Cpu *cpus, uint64_t read[cpu_count])
{
	Record batch[256];
	uint64_t next[cpu_count] = {};
	for (uint64_t round = 0;; round++) {
		bool done = true;
		size_t taken = 0;
		for (uint64_t cpu = 0; cpu < cpu_count; cpu++) {
			done = done && cpus[cpu].done.load(std::memory_order_acquire);
		}
		for (uint64_t cpu = 0; cpu < cpu_count; cpu++) {
			size_t count = axb_ring_read(cpus[cpu].ring, batch, 256);
			for (size_t i = 0; i < count; i++) {
				uint64_t number = Check(batch[i], cpu);
				ASSERT_NE(number, UINT64_MAX);
				ASSERT_GE(number, next[cpu]) << "CPU " << cpu;
				next[cpu] = number + 1;
			}
			read[cpu] += count;
			taken += count;
		}
		if (done && taken == 0) {
			return;
		}
		if (round % 64 == 0) {
			std::this_thread::sleep_for(std::chrono::microseconds(200));
		}
	}
}

TEST(AxbRingStress, LosesNothingUncountedInTenMillionEvents)
{
	Cpu cpus[cpu_count];
	uint64_t read[cpu_count] = {};
	std::vector<std::thread> threads;
	for (uint32_t i = 0; i < cpu_count; i++) {
		cpus[i].Init(i, 1024);
	}
	for (uint32_t i = 0; i < cpu_count; i++) {
		threads.emplace_back([&cpu = cpus[i]] {
			for (uint64_t n = 0; n < events_per_cpu; n++) {
				cpu.Produce(n);
			}
			cpu.done.store(true, std::memory_order_release);
		});
	}
	ReadSlowly(cpus, read);
	for (std::thread &t : threads) {
		t.join();
	}
	for (uint32_t i = 0; i < cpu_count; i++) {
		struct axb_ring_stats stats;
		axb_ring_stats(cpus[i].ring, &stats);
		EXPECT_EQ(cpus[i].written + cpus[i].lost, events_per_cpu);
		EXPECT_EQ(read[i], cpus[i].written);
		EXPECT_EQ(stats.attempts, events_per_cpu);
		EXPECT_EQ(stats.committed, read[i]);
		EXPECT_EQ(stats.delivered, read[i]);
		EXPECT_EQ(stats.dropped, cpus[i].lost);
		EXPECT_EQ(stats.pending, 0u);
		/* Else this run has shown nothing about full rings, or nothing about others. */
		EXPECT_GT(cpus[i].lost, 0u);
		EXPECT_GT(read[i], 1024u);
	}
}

/*
 * A CPU that is interrupted anywhere, by a signal of its own thread: the handler produces too.
 * Numbers of thread code are even, those of the handler odd.
 */
Cpu *interrupted;
uint64_t handler_count;

void OnTick(int /*signal*/)
{
	uint64_t written = interrupted->written;
	uint64_t lost = interrupted->lost;
	interrupted->Produce(2 * handler_count++ + 1);
	/* Thread code may be in the middle of counting. */
	interrupted->written = written;
	interrupted->lost = lost;
}

TEST(AxbRingStress, TakesRecordsOfTrapsInTheMiddleOfOthers)
{
	Cpu cpu;
	struct sigaction action = {};
	struct sigaction old;
	std::atomic<bool> stop{false};
	std::set<uint64_t> seen;
	cpu.Init(0, 4096);
	interrupted = &cpu;
	handler_count = 0;
	action.sa_handler = OnTick;
	ASSERT_EQ(sigaction(SIGUSR1, &action, &old), 0);
	pthread_t producer = pthread_self();
	std::thread interrupter([&] {
		while (!stop.load()) {
			pthread_kill(producer, SIGUSR1);
			std::this_thread::sleep_for(std::chrono::microseconds(20));
		}
	});
	Record batch[64];
	for (uint64_t n = 0; n < 400000; n++) {
		cpu.Produce(2 * n);
		if (n % 32 == 0) {
			size_t count = axb_ring_read(cpu.ring, batch, 64);
			for (size_t i = 0; i < count; i++) {
				ASSERT_TRUE(seen.insert(Check(batch[i], 0)).second);
			}
		}
	}
	stop.store(true);
	interrupter.join();
	sigaction(SIGUSR1, &old, nullptr);
	for (size_t count; (count = axb_ring_read(cpu.ring, batch, 64)) != 0;) {
		for (size_t i = 0; i < count; i++) {
			ASSERT_TRUE(seen.insert(Check(batch[i], 0)).second);
		}
	}
	struct axb_ring_stats stats;
	axb_ring_stats(cpu.ring, &stats);
	EXPECT_GT(handler_count, 0u);
	EXPECT_EQ(stats.attempts, 400000 + handler_count);
	EXPECT_EQ(stats.attempts, stats.committed + stats.dropped);
	EXPECT_EQ(stats.delivered, seen.size());
	EXPECT_EQ(stats.pending, 0u);
	EXPECT_EQ(stats.discarded, 0u);
}

} // namespace
