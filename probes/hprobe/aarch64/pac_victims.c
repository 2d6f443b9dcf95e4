/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/hprobe/aarch64/pac_victims.h"

#define SIGNATURE_SHIFT 48u

uint64_t pac_signed;

__attribute__((noinline)) uint64_t pac_leaf(uint64_t n)
{
	__asm__ volatile("" : "+r"(n));
	return n + 1;
}

__attribute__((noinline)) uint64_t pac_plain(uint64_t n)
{
	const uint64_t *frame = __builtin_frame_address(0);
	pac_signed += frame[1] >> SIGNATURE_SHIFT != 0;
	return pac_leaf(n - 1) + 1;
}

__attribute__((noinline)) uint64_t pac_tail(uint64_t n)
{
	__asm__ volatile("" : "+r"(n));
	return pac_plain(n);
}

__attribute__((noinline)) uint64_t pac_recursive(uint64_t n)
{
	uint64_t below = n == 0 ? 0 : pac_recursive(n - 1);
	__asm__ volatile("" : "+r"(below));
	return below + 1;
}
