/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * memcpy and memset, by string instructions where there are some.
 */
#include <stdint.h>

#include "runtime/base/mem.h"

#define NO_BUILTIN __attribute__((no_builtin))

NO_BUILTIN void *(memcpy)(void *to, const void *from, size_t size)
{
	void *at = to;
	size_t words = size / 8;
	size_t rest = size % 8;
	__asm__ __volatile__("rep movsq" : "+D"(at), "+S"(from), "+c"(words)::"memory");
	__asm__ __volatile__("rep movsb" : "+D"(at), "+S"(from), "+c"(rest)::"memory");
	return to;
}

NO_BUILTIN void *(memset)(void *to, int byte, size_t size)
{
	void *at = to;
	size_t words = size / 8;
	size_t rest = size % 8;
	uint64_t pattern = (uint8_t)byte * UINT64_C(0x0101010101010101);
	__asm__ __volatile__("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
	__asm__ __volatile__("rep stosb" : "+D"(at), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}
