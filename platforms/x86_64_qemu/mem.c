/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * memcpy and friends, by string instructions where there are some.
 */
#include <stdint.h>

#include "runtime/base/mem.h"

#define NO_BUILTIN __attribute__((no_builtin))

NO_BUILTIN void *memcpy(void *to, const void *from, size_t size)
{
	void *at = to;
	size_t words = size / 8;
	size_t rest = size % 8;
	__asm__ __volatile__("rep movsq" : "+D"(at), "+S"(from), "+c"(words)::"memory");
	__asm__ __volatile__("rep movsb" : "+D"(at), "+S"(from), "+c"(rest)::"memory");
	return to;
}

NO_BUILTIN void *memmove(void *to, const void *from, size_t size)
{
	if ((uintptr_t)to - (uintptr_t)from >= size) {
		return memcpy(to, from, size);
	}
	for (size_t i = size; i > 0; i--) {
		((char *)to)[i - 1] = ((const char *)from)[i - 1];
	}
	return to;
}

NO_BUILTIN void *memset(void *to, int byte, size_t size)
{
	void *at = to;
	size_t words = size / 8;
	size_t rest = size % 8;
	uint64_t pattern = (uint8_t)byte * UINT64_C(0x0101010101010101);
	__asm__ __volatile__("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
	__asm__ __volatile__("rep stosb" : "+D"(at), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

NO_BUILTIN int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a;
	const uint8_t *right = b;
	for (size_t i = 0; i < size; i++) {
		if (left[i] != right[i]) {
			return left[i] < right[i] ? -1 : 1;
		}
	}
	return 0;
}
