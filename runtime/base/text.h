/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Text into a fixed buffer: appending never overruns, the result is always NUL-terminated, and
 * a cut is remembered. For the shell, disassembly, trace_printk and decoders. Pure; any context.
 */
#ifndef AXB_RUNTIME_BASE_TEXT_H_
#define AXB_RUNTIME_BASE_TEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct axb_text {
	char *buffer;
	size_t size;   /**< of the buffer, NUL included */
	size_t length; /**< characters written, NUL not included */
	bool cut;      /**< something did not fit */
};

/** Write to @size >= 1 bytes at @buffer; starts as "". */
void axb_text_init(struct axb_text *t, char *buffer, size_t size);
void axb_text_char(struct axb_text *t, char c);
void axb_text_str(struct axb_text *t, const char *s);
/** At most @max characters of @s. */
void axb_text_strn(struct axb_text *t, const char *s, size_t max);
void axb_text_u64(struct axb_text *t, uint64_t v);
void axb_text_i64(struct axb_text *t, int64_t v);
/** Lower-case hex without "0x", zero-padded to @min_digits. */
void axb_text_hex(struct axb_text *t, uint64_t v, unsigned min_digits);
/** "0x" and axb_text_hex(). */
void axb_text_0x(struct axb_text *t, uint64_t v, unsigned min_digits);
/** Append @c until the text is @column characters long. */
void axb_text_pad_to(struct axb_text *t, size_t column, char c);
/** @s in a field of @width: left-aligned for a positive, right-aligned for a negative width. */
void axb_text_field(struct axb_text *t, const char *s, int width);
/** A decimal number in a field of @width, as axb_text_field(). */
void axb_text_u64_field(struct axb_text *t, uint64_t v, int width);

/** Decimal, or hex after "0x", to *@out; the whole of @text. @return false for anything else. */
bool axb_parse_u64(const char *text, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif
