/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Every interleaving of an operation with one that runs in the middle of it: the outer operation is
 * single-stepped, and after each of its instructions a forked copy of the test runs the inner one
 * there, on the same CPU (a trap) or on another one, then the rest of the outer one and the checks.
 * x86_64 Linux: the trap flag and SIGTRAP do the stepping.
 */
#include <gtest/gtest.h>
#include <csignal>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

#include <functional>
#include <set>
#include <string>

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/maps/map.h"
#include "runtime/maps/testing.h"
#include "runtime/maps/testing_hooks.h"

using axb_testing::HashDef;
using axb_testing::RingbufDef;
using axb_testing::TestMap;

namespace
{

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
const bool instrumented = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
const bool instrumented = true;
#else
const bool instrumented = false;
#endif
#else
const bool instrumented = false;
#endif

const uint64_t trap_flag = 0x100;

const std::function<void()> *inner_now;
bool in_child;
int steps;
int failures;

/* After each instruction of the outer operation: a child goes on with the inner one here. */
void OnStep(int /*signal*/, siginfo_t * /*info*/, void *context)
{
	pid_t child = fork();
	if (child == 0) {
		auto *uc = static_cast<ucontext_t *>(context);
		uc->uc_mcontext.gregs[REG_EFL] &= ~static_cast<greg_t>(trap_flag);
		in_child = true;
		(*inner_now)();
		return;
	}
	int status = 1;
	steps++;
	failures += child < 0 || waitpid(child, &status, 0) != child || status != 0;
}

class Interleave : public testing::Test
{
      protected:
	void SetUp() override
	{
		if (instrumented) {
			GTEST_SKIP() << "single-stepping a sanitizer's code takes minutes";
		}
		struct sigaction action = {};
		action.sa_sigaction = OnStep;
		action.sa_flags = SA_SIGINFO;
		ASSERT_EQ(sigaction(SIGTRAP, &action, &old_), 0);
	}
	void TearDown() override
	{
		if (!instrumented) {
			sigaction(SIGTRAP, &old_, nullptr);
		}
	}

	/**
	 * Run @outer, and once for each of its instructions @outer with @inner there. Returns that
	 * many times and once more: true where @inner ran. Done() must follow.
	 */
	static bool RunInterleaved(
		const std::function<void()> &outer, const std::function<void()> &inner)
	{
		steps = 0;
		failures = 0;
		inner_now = &inner;
		__writeeflags(__readeflags() | trap_flag);
		outer();
		__writeeflags(__readeflags() & ~trap_flag);
		return in_child;
	}

	/** The end of what RunInterleaved() began. */
	static void Done()
	{
		if (in_child) {
			fflush(nullptr);
			_exit(HasFailure() ? 1 : 0);
		}
		EXPECT_EQ(failures, 0);
		EXPECT_GT(steps, 20) << "nothing was stepped";
	}

	struct sigaction old_;
};

int64_t Put(axb_map *map, uint64_t key)
{
	uint64_t twice[2] = {key, key};
	return axb_map_update(map, twice, twice, 0);
}

int64_t Del(axb_map *map, uint64_t key)
{
	uint64_t twice[2] = {key, key};
	return axb_map_delete(map, twice);
}

bool Has(axb_map *map, uint64_t key)
{
	uint64_t twice[2] = {key, key};
	auto *value = static_cast<uint64_t *>(axb_map_lookup(map, twice));
	return value != nullptr && value[0] == key && value[1] == key;
}

/** Keys in the map; a torn one, or one seen twice, fails the test. */
std::set<uint64_t> Keys(axb_map *map)
{
	std::set<uint64_t> keys;
	uint64_t key[2];
	int64_t more = axb_map_next_key(map, nullptr, key);
	for (int i = 0; i < 100 && more == 0; i++) {
		EXPECT_EQ(key[0], key[1]);
		EXPECT_TRUE(keys.insert(key[0]).second);
		EXPECT_TRUE(Has(map, key[0]));
		more = axb_map_next_key(map, key, key);
	}
	EXPECT_EQ(more, -AXB_ENOENT);
	EXPECT_EQ(axb_map_entry_count(map), keys.size());
	return keys;
}

TEST_F(Interleave, LookupFindsItsKeyWhileAnotherCpuMovesANodeAway)
{
	/* Some of these keys share a bucket with key 1, some do not. */
	for (uint64_t other = 2; other < 6; other++) {
		for (uint64_t moved = 11; moved < 14; moved++) {
			SCOPED_TRACE(std::to_string(other) + " " + std::to_string(moved));
			TestMap map(HashDef(16, 16, 2));
			bool found = false;
			EXPECT_EQ(Put(map, 1), 0);
			EXPECT_EQ(Put(map, other), 0);
			(void)RunInterleaved([&] { found = Has(map, 1); },
				[&] {
					axb_testing::SetCpu(1);
					EXPECT_EQ(Del(map, other), 0);
					EXPECT_EQ(Put(map, moved), 0);
				});
			EXPECT_TRUE(found);
			Done();
		}
	}
}

TEST_F(Interleave, NextKeyNeverTearsAKey)
{
	for (uint64_t moved = 10; moved < 14; moved++) {
		TestMap map(HashDef(16, 16, 2));
		uint64_t from[2] = {2, 2}; /* key 1 is behind it: new ones go to the front */
		uint64_t next[2] = {0, 0};
		int64_t result = 1;
		EXPECT_EQ(Put(map, 1), 0);
		EXPECT_EQ(Put(map, 2), 0);
		(void)RunInterleaved([&] { result = axb_map_next_key(map, from, next); },
			[&] {
				axb_testing::SetCpu(1);
				EXPECT_EQ(Del(map, 1), 0);
				EXPECT_EQ(Put(map, moved), 0);
			});
		EXPECT_TRUE(result == 0 || result == -AXB_ENOENT);
		EXPECT_EQ(next[0], next[1]);
		Done();
	}
}

struct WriteCase {
	const char *name;
	int64_t (*outer)(axb_map *);
	std::set<uint64_t> after; /* without what the inner operations do */
};

const WriteCase write_cases[] = {
	{"insert", [](axb_map *m) { return Put(m, 3); }, {1, 2, 3}},
	{"replace", [](axb_map *m) { return Put(m, 2); }, {1, 2}},
	{"delete", [](axb_map *m) { return Del(m, 2); }, {1}},
};

TEST_F(Interleave, WritesOfHashMapsSurviveTrapsThatWrite)
{
	for (const WriteCase &c : write_cases) {
		for (uint32_t inner_cpu : {0u, 1u}) {
			SCOPED_TRACE(std::string(c.name) + " cpu " + std::to_string(inner_cpu));
			TestMap map(HashDef(16, 16, 4));
			int64_t outer = 1;
			int64_t put = -AXB_EBUSY;
			int64_t del = -AXB_EBUSY;
			EXPECT_EQ(Put(map, 1), 0);
			EXPECT_EQ(Put(map, 2), 0);
			bool ran = RunInterleaved([&] { outer = c.outer(map); },
				[&] {
					axb_testing::SetCpu(inner_cpu);
					put = Put(map, 9);
					del = Del(map, 1);
					EXPECT_EQ(Has(map, 9), put == 0);
					EXPECT_EQ(Has(map, 1), del != 0);
					axb_testing::SetCpu(0);
				});
			EXPECT_EQ(outer, 0);
			/* Another CPU's operation is held up as well, but not for ever. */
			EXPECT_TRUE(put == 0 || put == -AXB_EBUSY) << put;
			EXPECT_TRUE(del == 0 || del == -AXB_EBUSY) << del;
			EXPECT_EQ(axb_map_busy_count(map), ran ? (put != 0) + (del != 0) : 0u);
			std::set<uint64_t> want = c.after;
			if (put == 0) {
				want.insert(9);
			}
			if (del == 0) {
				want.erase(1);
			}
			EXPECT_EQ(Keys(map), want);
			Done();
		}
	}
}

std::string Read(axb_map *ring)
{
	char bytes[4096];
	uint32_t size = 0;
	enum axb_status status = axb_ringbuf_read(ring, bytes, sizeof(bytes), &size);
	return status == AXB_OK ? std::string(bytes, size) : "";
}

void Write(axb_map *ring, const char *text)
{
	(void)axb_ringbuf_output(ring, text, static_cast<uint32_t>(strlen(text)));
}

struct RingCase {
	const char *name;
	uint32_t before; /* payload bytes written and read before: where in the ring it happens */
	uint32_t held;   /* payload bytes of a record that stays in the ring */
};

const RingCase ring_cases[] = {
	{"in the middle", 0, 0},
	{"at the end", 4096 - 8 - 24, 0},
	{"room for one", 0, 4096 - 8 - 24},
	{"with a pad", 4096 - 8 - 16, 0},
};

TEST_F(Interleave, ReserveAndSubmitLoseNothing)
{
	for (const RingCase &c : ring_cases) {
		SCOPED_TRACE(c.name);
		TestMap ring(RingbufDef(4096));
		if (c.before != 0) {
			Write(ring, std::string(c.before, 'b').c_str());
			Read(ring);
		}
		if (c.held != 0) {
			Write(ring, std::string(c.held, 'h').c_str());
		}
		bool ran = RunInterleaved(
			[&] { Write(ring, "outer record"); }, [&] { Write(ring, "inner record"); });
		std::multiset<std::string> got;
		for (std::string text = Read(ring); !text.empty(); text = Read(ring)) {
			got.insert(text);
		}
		struct axb_ringbuf_stats s;
		axb_ringbuf_stats(ring, &s);
		EXPECT_EQ(s.attempts, s.submitted + s.dropped);
		EXPECT_EQ(s.submitted, s.delivered);
		EXPECT_EQ(s.available_bytes, 0u);
		EXPECT_EQ(got.count("outer record") + got.count("inner record") + s.dropped,
			1u + ran);
		EXPECT_LE(got.count("outer record"), 1u);
		EXPECT_LE(got.count("inner record"), 1u);
		EXPECT_EQ(s.dropped, c.held != 0 && ran ? 1u : 0u);
		Done();
	}
}

TEST_F(Interleave, ReadSeesEveryRecordOnceWhateverIsWrittenMeanwhile)
{
	TestMap ring(RingbufDef(4096));
	std::string first;
	Write(ring, "first");
	bool ran = RunInterleaved([&] { first = Read(ring); }, [&] { Write(ring, "second"); });
	EXPECT_EQ(first, "first");
	EXPECT_EQ(Read(ring), ran ? "second" : "");
	EXPECT_EQ(Read(ring), "");
	Done();
}

} // namespace
