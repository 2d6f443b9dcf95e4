/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The functions of runtime/base/mem.h that need not be fast; memcpy and memset are the
 * hypervisor's. no_builtin keeps the compiler from turning a loop into a call of the very function
 * it is in.
 */
#include <stdint.h>

#include "runtime/base/mem.h"

#define NO_BUILTIN __attribute__((no_builtin))

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
