/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * memcpy and memset. no_builtin keeps the compiler from turning a loop into a call of the very
 * function it is in.
 */
#include <stdint.h>

#include "runtime/base/mem.h"

#define NO_BUILTIN __attribute__((no_builtin))

/* May @a, @b and @size be handled in words? */
static inline bool words_fit(const void *a, const void *b, size_t size)
{
	return (((uintptr_t)a | (uintptr_t)b | size) & 7) == 0;
}

NO_BUILTIN void *(memcpy)(void *to, const void *from, size_t size)
{
	if (words_fit(to, from, size)) {
		for (size_t i = 0; i < size; i += 8) {
			*(uint64_t *)((char *)to + i) = *(const uint64_t *)((const char *)from + i);
		}
		return to;
	}
	for (size_t i = 0; i < size; i++) {
		((char *)to)[i] = ((const char *)from)[i];
	}
	return to;
}

NO_BUILTIN void *(memset)(void *to, int byte, size_t size)
{
	if (words_fit(to, to, size)) {
		uint64_t word = (uint8_t)byte * 0x0101010101010101u;
		for (size_t i = 0; i < size; i += 8) {
			*(uint64_t *)((char *)to + i) = word;
		}
		return to;
	}
	for (size_t i = 0; i < size; i++) {
		((uint8_t *)to)[i] = (uint8_t)byte;
	}
	return to;
}
