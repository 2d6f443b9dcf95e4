/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/text.h"

#include "runtime/base/mem.h"

#define DIGITS_MAX 21u

void axb_text_init(struct axb_text *t, char *buffer, size_t size)
{
	t->buffer = buffer;
	t->size = size;
	t->length = 0;
	t->cut = false;
	buffer[0] = '\0';
}

void axb_text_char(struct axb_text *t, char c)
{
	if (t->length + 1 >= t->size) {
		t->cut = true;
		return;
	}
	t->buffer[t->length++] = c;
	t->buffer[t->length] = '\0';
}

void axb_text_strn(struct axb_text *t, const char *s, size_t max)
{
	for (size_t i = 0; i < max && s[i] != '\0'; i++) {
		axb_text_char(t, s[i]);
	}
}

void axb_text_str(struct axb_text *t, const char *s)
{
	axb_text_strn(t, s, SIZE_MAX);
}

/* Digits of @v, most significant first, NUL-terminated; @out holds 65 bytes. */
static void digits_of(uint64_t v, unsigned base, unsigned min_digits, char *out)
{
	char reversed[64];
	unsigned n = 0;
	do {
		reversed[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	while (n < min_digits && n < sizeof(reversed)) {
		reversed[n++] = '0';
	}
	for (unsigned i = 0; i < n; i++) {
		out[i] = reversed[n - 1 - i];
	}
	out[n] = '\0';
}

void axb_text_u64(struct axb_text *t, uint64_t v)
{
	char digits[65];
	digits_of(v, 10, 1, digits);
	axb_text_str(t, digits);
}

void axb_text_i64(struct axb_text *t, int64_t v)
{
	if (v < 0) {
		axb_text_char(t, '-');
	}
	axb_text_u64(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void axb_text_hex(struct axb_text *t, uint64_t v, unsigned min_digits)
{
	char digits[65];
	digits_of(v, 16, min_digits, digits);
	axb_text_str(t, digits);
}

void axb_text_0x(struct axb_text *t, uint64_t v, unsigned min_digits)
{
	axb_text_str(t, "0x");
	axb_text_hex(t, v, min_digits);
}

void axb_text_pad_to(struct axb_text *t, size_t column, char c)
{
	while (t->length < column && !t->cut) {
		axb_text_char(t, c);
	}
}

void axb_text_field(struct axb_text *t, const char *s, int width)
{
	size_t wanted = (size_t)(width < 0 ? -width : width);
	size_t length = axb_strnlen(s, wanted);
	size_t padding = wanted - length;
	if (width < 0) {
		axb_text_pad_to(t, t->length + padding, ' ');
	}
	axb_text_str(t, s);
	if (width > 0) {
		axb_text_pad_to(t, t->length + padding, ' ');
	}
}

void axb_text_u64_field(struct axb_text *t, uint64_t v, int width)
{
	char digits[65];
	digits_of(v, 10, 1, digits);
	axb_text_field(t, digits, width);
}

bool axb_parse_u64(const char *text, uint64_t *out)
{
	uint64_t base = 10;
	uint64_t value = 0;
	if (axb_str_has_prefix(text, "0x")) {
		base = 16;
		text += 2;
	}
	if (*text == '\0' || axb_strnlen(text, DIGITS_MAX) == DIGITS_MAX) {
		return false;
	}
	for (; *text != '\0'; text++) {
		uint64_t digit = 99;
		if (*text >= '0' && *text <= '9') {
			digit = (uint64_t)(*text - '0');
		} else if (*text >= 'a' && *text <= 'f') {
			digit = (uint64_t)(*text - 'a') + 10;
		}
		if (digit >= base || value > (UINT64_MAX - digit) / base) {
			return false;
		}
		value = value * base + digit;
	}
	*out = value;
	return true;
}
