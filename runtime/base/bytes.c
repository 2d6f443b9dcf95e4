/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/bytes.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "both architectures are little endian");

const char *axb_bytes_cstr(struct axb_bytes b, uint64_t offset)
{
	if (offset >= b.size) {
		return NULL;
	}
	const char *s = (const char *)b.data + offset;
	size_t room = b.size - (size_t)offset;
	return axb_strnlen(s, room) < room ? s : NULL;
}
