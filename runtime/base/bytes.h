/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Bounds-checked little-endian access to bytes that nobody vouches for: the only way in which
 * parsers of this project read input. Pure; any context.
 */
#ifndef AXB_RUNTIME_BASE_BYTES_H_
#define AXB_RUNTIME_BASE_BYTES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/mem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A run of bytes, not owned. */
struct axb_bytes {
	const uint8_t *data;
	size_t size;
};

static inline struct axb_bytes axb_bytes_of(const void *data, size_t size)
{
	struct axb_bytes b = {(const uint8_t *)data, size};
	return b;
}

/** Do @count bytes at @offset lie inside? Never wraps. */
static inline bool axb_bytes_has(struct axb_bytes b, uint64_t offset, uint64_t count)
{
	return offset <= b.size && count <= b.size - offset;
}

/** *@out = the @count bytes at @offset; false, *@out unchanged, when they are not all inside. */
static inline bool axb_bytes_slice(
	struct axb_bytes b, uint64_t offset, uint64_t count, struct axb_bytes *out)
{
	if (!axb_bytes_has(b, offset, count)) {
		return false;
	}
	out->data = b.data + offset;
	out->size = (size_t)count;
	return true;
}

/** Copy @count bytes at @offset to @to; false, @to unchanged, when they are not all inside. */
static inline bool axb_bytes_read(struct axb_bytes b, uint64_t offset, void *to, size_t count)
{
	if (!axb_bytes_has(b, offset, count)) {
		return false;
	}
	if (count != 0) {
		memcpy(to, b.data + offset, count);
	}
	return true;
}

static inline bool axb_bytes_u8(struct axb_bytes b, uint64_t offset, uint8_t *out)
{
	return axb_bytes_read(b, offset, out, sizeof(*out));
}

static inline bool axb_bytes_u16(struct axb_bytes b, uint64_t offset, uint16_t *out)
{
	return axb_bytes_read(b, offset, out, sizeof(*out));
}

static inline bool axb_bytes_u32(struct axb_bytes b, uint64_t offset, uint32_t *out)
{
	return axb_bytes_read(b, offset, out, sizeof(*out));
}

static inline bool axb_bytes_u64(struct axb_bytes b, uint64_t offset, uint64_t *out)
{
	return axb_bytes_read(b, offset, out, sizeof(*out));
}

/** The NUL-terminated string at @offset; NULL when it does not end inside. */
const char *axb_bytes_cstr(struct axb_bytes b, uint64_t offset);

#ifdef __cplusplus
}
#endif

#endif
