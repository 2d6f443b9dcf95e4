// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Stands for upstream's histogram_tests. There the buckets are eight decades from 1 us on, here
// they are the 64 powers of two, so each case keeps its idea and not its bounds; upstream takes the
// floor of total * p in floating point as the rank, which calls the 50th percentile of three values
// the first; here it is the nearest rank.
#include "runtime/trace/histogram.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace
{

struct Histogram {
	uint64_t buckets[AXB_HISTOGRAM_BUCKETS] = {};
	Histogram &Add(uint64_t value, uint64_t times = 1)
	{
		buckets[axb_histogram_bucket(value)] += times;
		return *this;
	}
	uint64_t At(uint32_t percent) const
	{
		return axb_histogram_percentile(buckets, percent);
	}
};

// (upstream: test_bucket_bounds_count, _order, test_record_* incl. zero_duration, max_u64,
// bucket_boundary, just_below_boundary)
TEST(AxbHistogram, BucketsAreThePowersOfTwo)
{
	EXPECT_EQ(0u, axb_histogram_bucket(0));
	EXPECT_EQ(0u, axb_histogram_bucket(1));
	for (uint32_t i = 1; i < AXB_HISTOGRAM_BUCKETS; i++) {
		uint64_t first = uint64_t{1} << i;
		EXPECT_EQ(i, axb_histogram_bucket(first));
		EXPECT_EQ(i - 1, axb_histogram_bucket(first - 1));
		EXPECT_EQ(first - 1, axb_histogram_bound(i - 1));
	}
	EXPECT_EQ(63u, axb_histogram_bucket(UINT64_MAX));
	EXPECT_EQ(UINT64_MAX, axb_histogram_bound(63));
	EXPECT_EQ(UINT64_MAX, axb_histogram_bound(UINT32_MAX));
}

// (upstream: test_histogram_new, _default, test_percentile_empty_histogram)
TEST(AxbHistogram, EmptyIsZero)
{
	Histogram h;
	EXPECT_EQ(0u, axb_histogram_total(h.buckets));
	for (uint32_t p : {0u, 50u, 100u}) {
		EXPECT_EQ(0u, h.At(p));
	}
}

// (upstream: test_percentile_single_bucket, _distributed; test_record_same_bucket_multiple)
TEST(AxbHistogram, PercentileIsTheBoundOfTheNearestRank)
{
	const struct {
		Histogram h;
		uint32_t percent;
		uint64_t expected;
	} cases[] = {
		{Histogram().Add(700, 10), 50, 1023},
		{Histogram().Add(700, 10), 99, 1023},
		{Histogram().Add(700, 10), 0, 1023},
		{Histogram().Add(1, 50).Add(100, 40).Add(5000, 10), 50, 1},
		{Histogram().Add(1, 50).Add(100, 40).Add(5000, 10), 51, 127},
		{Histogram().Add(1, 50).Add(100, 40).Add(5000, 10), 90, 127},
		{Histogram().Add(1, 50).Add(100, 40).Add(5000, 10), 91, 8191},
		{Histogram().Add(1, 50).Add(100, 40).Add(5000, 10), 1000, 8191},
		{Histogram().Add(1).Add(2).Add(4), 50, 3},
		{Histogram().Add(UINT64_MAX), 100, UINT64_MAX},
		{Histogram().Add(0, UINT64_MAX), 99, 1},
	};
	for (const auto &c : cases) {
		EXPECT_EQ(c.expected, c.h.At(c.percent)) << c.percent;
	}
}

TEST(AxbHistogram, TotalDoesNotWrap)
{
	EXPECT_EQ(
		UINT64_MAX, axb_histogram_total(Histogram().Add(1, UINT64_MAX).Add(9, 5).buckets));
}

} // namespace
