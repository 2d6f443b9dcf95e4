/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Histograms by powers of two: bucket i counts the values v with floor(log2(v)) = i, bucket 0 the
 * zeros too. Pure; any context.
 */
#ifndef AXB_RUNTIME_TRACE_HISTOGRAM_H_
#define AXB_RUNTIME_TRACE_HISTOGRAM_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_HISTOGRAM_BUCKETS 64u

/** Bucket of @value. */
uint32_t axb_histogram_bucket(uint64_t value);

/** The greatest value of bucket @bucket; UINT64_MAX from the last one on. */
uint64_t axb_histogram_bound(uint32_t bucket);

/** Values counted; stays at UINT64_MAX instead of wrapping. */
uint64_t axb_histogram_total(const uint64_t buckets[AXB_HISTOGRAM_BUCKETS]);

/**
 * Bound of the bucket that holds the value below or at which @percent of all values lie
 * (nearest rank). @percent above 100 is taken for 100.
 * @return 0 for an empty histogram.
 */
uint64_t axb_histogram_percentile(const uint64_t buckets[AXB_HISTOGRAM_BUCKETS], uint32_t percent);

#ifdef __cplusplus
}
#endif

#endif
