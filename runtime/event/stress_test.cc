/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Two CPUs that emit, are interrupted by emitting traps, a slow consumer, a shell that looks at the
 * flight recorder, and a control path that adds names.
 */
#include <gtest/gtest.h>

#include <csignal>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "runtime/event/event.h"
#include "runtime/event/testing.h"

using axb_testing::Event;
using axb_testing::Pipeline;

namespace
{

const uint32_t cpu_count = 2;
const uint64_t events_per_cpu = 500000;

axb_trace_event Numbered(uint64_t cpu, uint64_t number)
{
	axb_trace_event event = Event(1);
	event.vm_id = static_cast<uint16_t>(number);
	event.nr_args = 4;
	for (uint64_t i = 0; i < 4; i++) {
		event.args[i] = (number << 8 | cpu << 4 | i) * 0x9e3779b97f4a7c15u;
	}
	event.duration_ns = number;
	return event;
}

bool IsWhole(const axb_trace_event &event, uint64_t cpu)
{
	axb_trace_event expected = Numbered(cpu, event.duration_ns);
	return event.cpu_id == cpu && event.vm_id == expected.vm_id &&
	       memcmp(event.args, expected.args, sizeof(event.args)) == 0;
}

struct Producer {
	uint64_t next = 0;
	uint64_t dropped = 0;
	std::atomic<bool> done{false};
	uint64_t cpu = 0;

	void Emit()
	{
		axb_trace_event event = Numbered(cpu, next++);
		if (axb_event_emit(&event) != AXB_OK) {
			dropped++;
		}
	}
};

void EmitInTrap(void *producer)
{
	static_cast<Producer *>(producer)->Emit();
}

void Produce(Producer *p)
{
	axb_fake_set_cpu(static_cast<uint32_t>(p->cpu));
	while (p->next < events_per_cpu) {
		if (p->next % 5 == 0) {
			axb_fake_trap_at_clock(EmitInTrap, p);
		}
		p->Emit();
	}
	axb_fake_trap_at_clock(nullptr, nullptr);
	p->done.store(true, std::memory_order_release);
}

struct Consumed {
	uint64_t events = 0;
	uint64_t lost = 0;
	std::vector<uint8_t> seen = std::vector<uint8_t>(events_per_cpu + 2);
	bool loss_record_before = false;

	void Take(const axb_trace_event &event, uint64_t cpu)
	{
		if (event.event_id == AXB_EVENT_ID_LOST) {
			lost += event.args[0];
			EXPECT_EQ(event.args[1], lost);
			loss_record_before = true;
			return;
		}
		ASSERT_TRUE(IsWhole(event, cpu)) << "torn";
		ASSERT_EQ(seen[event.duration_ns]++, 0) << "twice";
		ASSERT_EQ((event.flags & AXB_EVENT_LOST_BEFORE) != 0, loss_record_before);
		loss_record_before = false;
		events++;
	}
};

void ConsumeSlowly(Producer *producers, Consumed *consumed)
{
	axb_trace_event batch[64];
	for (uint64_t round = 0;; round++) {
		size_t taken = 0;
		bool done = true;
		for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
			done = done && producers[cpu].done.load(std::memory_order_acquire);
		}
		for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
			size_t count = axb_event_read(cpu, batch, 64);
			for (size_t i = 0; i < count; i++) {
				ASSERT_NO_FATAL_FAILURE(consumed[cpu].Take(batch[i], cpu));
			}
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

void LookAtRecent(const Producer *producers, uint64_t *looked)
{
	std::vector<axb_trace_event> recent(32);
	while (!producers[0].done.load() || !producers[1].done.load()) {
		for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
			size_t count = axb_event_recent(cpu, recent.data(), recent.size());
			for (size_t i = 0; i < count; i++) {
				ASSERT_TRUE(IsWhole(recent[i], cpu)) << "torn";
			}
			*looked += count;
		}
	}
}

// What a shell on another CPU sees in the middle of it all may be a little old, but never nonsense.
void LookAtStats(const Producer *producers)
{
	while (!producers[0].done.load() || !producers[1].done.load()) {
		for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
			struct axb_event_stats stats;
			axb_event_stats(cpu, &stats);
			ASSERT_LE(stats.committed, 2 * events_per_cpu);
			ASSERT_LE(stats.delivered, 2 * events_per_cpu);
			ASSERT_LE(stats.pending, 2 * events_per_cpu);
		}
	}
}

void AddNames(const Producer *producers)
{
	for (uint32_t i = 0; i < 1000 || !producers[0].done.load(); i++) {
		std::string name = "name" + std::to_string(i % 100);
		uint16_t index;
		ASSERT_EQ(axb_event_name_add(name.c_str(), &index), AXB_OK);
		ASSERT_EQ(axb_event_name(index), name);
	}
}

TEST(AxbEventStress, AccountsForEveryEvent)
{
	Pipeline pipeline({cpu_count, 256, 64, 100});
	Producer producers[cpu_count];
	Consumed consumed[cpu_count];
	uint64_t looked = 0;
	std::vector<std::thread> threads;
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		producers[cpu].cpu = cpu;
		threads.emplace_back(Produce, &producers[cpu]);
	}
	threads.emplace_back(LookAtRecent, producers, &looked);
	threads.emplace_back(LookAtStats, producers);
	threads.emplace_back(AddNames, producers);
	threads.emplace_back(AddNames, producers);
	ConsumeSlowly(producers, consumed);
	for (std::thread &t : threads) {
		t.join();
	}
	EXPECT_GT(looked, 0u);
	EXPECT_EQ(axb_event_name_count(), 100);
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		/* The last losses may have no event behind them. */
		axb_fake_set_cpu(cpu);
		producers[cpu].Emit();
		axb_trace_event last[2];
		size_t count = axb_event_read(cpu, last, 2);
		for (size_t i = 0; i < count; i++) {
			consumed[cpu].Take(last[i], cpu);
		}
		struct axb_event_stats stats = pipeline.Stats(cpu);
		EXPECT_EQ(stats.attempts, producers[cpu].next);
		EXPECT_EQ(stats.dropped, producers[cpu].dropped);
		EXPECT_EQ(consumed[cpu].lost, producers[cpu].dropped);
		EXPECT_EQ(consumed[cpu].events + consumed[cpu].lost, producers[cpu].next);
		EXPECT_EQ(stats.delivered, consumed[cpu].events);
		EXPECT_EQ(stats.pending, 0u);
		EXPECT_GT(stats.dropped, 0u);
		EXPECT_GT(stats.delivered, 256u);
	}
}

/* A CPU that is interrupted anywhere, by a signal that laps the flight recorder. */
std::atomic<uint64_t> trap_count{0};

void OnSignal(int /*signal*/)
{
	for (uint64_t i = 0; i < 5; i++) {
		axb_trace_event event = Numbered(0, trap_count.fetch_add(1) * 2 + 1);
		(void)axb_event_emit(&event);
	}
}

TEST(AxbEventStress, KeepsTheFlightRecorderWholeUnderTrapsAnywhere)
{
	Pipeline pipeline({1, 4, 4, 0});
	struct sigaction action = {};
	struct sigaction old;
	std::atomic<bool> stop{false};
	trap_count = 0;
	action.sa_handler = OnSignal;
	ASSERT_EQ(sigaction(SIGUSR1, &action, &old), 0);
	pthread_t producer = pthread_self();
	std::thread interrupter([&] {
		while (!stop.load()) {
			pthread_kill(producer, SIGUSR1);
			std::this_thread::sleep_for(std::chrono::microseconds(10));
		}
	});
	axb_trace_event recent[4];
	for (uint64_t n = 0; n < 300000; n++) {
		axb_trace_event event = Numbered(0, 2 * n);
		(void)axb_event_emit(&event);
		size_t count = axb_event_recent(0, recent, 4);
		for (size_t i = 0; i < count; i++) {
			ASSERT_TRUE(IsWhole(recent[i], 0)) << "torn";
		}
	}
	stop.store(true);
	interrupter.join();
	sigaction(SIGUSR1, &old, nullptr);
	EXPECT_GT(trap_count.load(), 0u);
	EXPECT_EQ(pipeline.Stats().attempts, 300000 + trap_count.load());
}

} // namespace
