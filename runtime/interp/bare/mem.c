/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The functions that a platform supplies. Byte by byte, through volatile, so that the compiler does
 * not make calls of themselves out of the loops.
 */
#include "runtime/base/mem.h"

#include <stdint.h>

void *(memcpy)(void *to, const void *from, size_t size)
{
	volatile uint8_t *d = (volatile uint8_t *)to;
	const uint8_t *s = (const uint8_t *)from;
	for (size_t i = 0; i < size; i++) {
		d[i] = s[i];
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	volatile uint8_t *d = (volatile uint8_t *)to;
	const uint8_t *s = (const uint8_t *)from;
	if ((uintptr_t)d <= (uintptr_t)s) {
		return memcpy(to, from, size);
	}
	for (size_t i = size; i-- > 0;) {
		d[i] = s[i];
	}
	return to;
}

void *(memset)(void *to, int byte, size_t size)
{
	volatile uint8_t *d = (volatile uint8_t *)to;
	for (size_t i = 0; i < size; i++) {
		d[i] = (uint8_t)byte;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = (const volatile uint8_t *)a;
	const volatile uint8_t *y = (const volatile uint8_t *)b;
	for (size_t i = 0; i < size; i++) {
		if (x[i] != y[i]) {
			return x[i] < y[i] ? -1 : 1;
		}
	}
	return 0;
}
