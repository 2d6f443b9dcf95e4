/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Bit and size arithmetic, checked where it can wrap. Pure; any context.
 */
#ifndef AXB_RUNTIME_BASE_BITS_H_
#define AXB_RUNTIME_BASE_BITS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Is @x a power of two (0 is not)? */
static inline bool axb_is_pow2(uint64_t x)
{
	return x != 0 && (x & (x - 1)) == 0;
}

/** @x rounded up to a multiple of @align, a power of two. The caller keeps it from wrapping. */
static inline uint64_t axb_align_up(uint64_t x, uint64_t align)
{
	return (x + align - 1) & ~(align - 1);
}

/** Floor of log2(@x); 0 for 0. */
static inline unsigned axb_log2_u64(uint64_t x)
{
	return x == 0 ? 0u : 63u - (unsigned)__builtin_clzll(x);
}

/** *@out = @a + @b; false, and *@out unchanged, when it would wrap. */
static inline bool axb_add_size(size_t a, size_t b, size_t *out)
{
	size_t sum;
	if (__builtin_add_overflow(a, b, &sum)) {
		return false;
	}
	*out = sum;
	return true;
}

/** *@out = @a * @b; false, and *@out unchanged, when it would wrap. */
static inline bool axb_mul_size(size_t a, size_t b, size_t *out)
{
	size_t product;
	if (__builtin_mul_overflow(a, b, &product)) {
		return false;
	}
	*out = product;
	return true;
}

#ifdef __cplusplus
}
#endif

#endif
