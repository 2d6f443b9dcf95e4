/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/trace/histogram.h"

#include "runtime/base/bits.h"

uint32_t axb_histogram_bucket(uint64_t value)
{
	return axb_log2_u64(value);
}

uint64_t axb_histogram_bound(uint32_t bucket)
{
	return bucket >= AXB_HISTOGRAM_BUCKETS - 1 ? UINT64_MAX : ((uint64_t)2 << bucket) - 1;
}

uint64_t axb_histogram_total(const uint64_t buckets[AXB_HISTOGRAM_BUCKETS])
{
	uint64_t total = 0;
	for (uint32_t i = 0; i < AXB_HISTOGRAM_BUCKETS; i++) {
		total = buckets[i] > UINT64_MAX - total ? UINT64_MAX : total + buckets[i];
	}
	return total;
}

uint64_t axb_histogram_percentile(const uint64_t buckets[AXB_HISTOGRAM_BUCKETS], uint32_t percent)
{
	uint64_t total = axb_histogram_total(buckets);
	uint32_t p = percent > 100 ? 100 : percent;
	/* ceil(total * p / 100) without wrapping; at least the first value. */
	uint64_t rank = total / 100 * p + (total % 100 * p + 99) / 100;
	uint64_t seen = 0;
	if (total == 0) {
		return 0;
	}
	rank = rank == 0 ? 1 : rank;
	for (uint32_t i = 0; i < AXB_HISTOGRAM_BUCKETS; i++) {
		if (buckets[i] >= rank - seen) {
			return axb_histogram_bound(i);
		}
		seen += buckets[i];
	}
	return UINT64_MAX;
}
