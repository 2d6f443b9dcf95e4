/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/helpers/safe_copy.h"

#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/mem.h"
#include "runtime/hooks/mem.h"

/* Blocks are aligned, so that one never spans two pages. */
#define BLOCK 32u

/** Copy up to @size bytes of the block that @from is in; returns how many are readable in a row. */
static size_t copy_block(char *to, size_t size, uint64_t from)
{
	size_t count = BLOCK - (size_t)(from % BLOCK);
	if (count > size) {
		count = size;
	}
	if (axb_plat_copy_from(to, from, count)) {
		return count;
	}
	for (size_t i = 0; i < count; i++) {
		if (!axb_plat_copy_from(to + i, from + i, 1)) {
			return i;
		}
	}
	return count;
}

int64_t axb_safe_copy_text(char *to, size_t size, uint64_t from)
{
	size_t done = 0;
	while (done < size) {
		size_t got = copy_block(to + done, size - done, from + done);
		size_t length = axb_strnlen(to + done, got);
		done += length;
		if (length < got) {
			return (int64_t)done + 1;
		}
		if (got == 0 || (from + done) % BLOCK != 0) {
			break; /* not all of the block was readable, or wanted */
		}
	}
	if (done == size) {
		to[size - 1] = '\0';
		return (int64_t)size;
	}
	memset(to, 0, size);
	return -AXB_EFAULT;
}
