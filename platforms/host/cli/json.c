/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/cli/json.h"

#include <inttypes.h>
#include <stdio.h>

static bool has_member;

/* Bytes of the character at @text when it is well-formed UTF-8 other than ASCII; else 0. */
static size_t utf8_length(const unsigned char *text, size_t size)
{
	/* First byte, lowest and highest second byte. Ref: Unicode 15.0 table 3-7. */
	static const struct {
		unsigned char first, last, low, high, length;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last) {
			continue;
		}
		if (size < forms[i].length || text[1] < forms[i].low || text[1] > forms[i].high) {
			return 0;
		}
		for (size_t k = 2; k < forms[i].length; k++) {
			if ((text[k] & 0xc0) != 0x80) {
				return 0;
			}
		}
		return forms[i].length;
	}
	return 0;
}

static void put_string(const char *text, size_t max)
{
	size_t size = 0;
	while (size < max && text[size] != '\0') {
		size++;
	}
	putchar('"');
	for (size_t i = 0; i < size;) {
		unsigned char c = (unsigned char)text[i];
		size_t length = utf8_length((const unsigned char *)text + i, size - i);
		if (c == '"' || c == '\\') {
			printf("\\%c", c);
		} else if (c < ' ' || c == 0x7f) {
			printf("\\u%04x", c);
		} else if (c == 0xc2 && length == 2 && (unsigned char)text[i + 1] < 0xa0) {
			/* Control characters that terminals obey. */
			printf("\\u00%02x", (unsigned char)text[i + 1]);
		} else if (length != 0) {
			(void)fwrite(text + i, 1, length, stdout);
		} else if (c > 0x7f) {
			printf("\\\\x%02x", c);
		} else {
			putchar(c);
		}
		i += length == 0 ? 1 : length;
	}
	putchar('"');
}

static void put_key(const char *key)
{
	if (has_member) {
		fputs(", ", stdout);
	}
	has_member = true;
	if (key != NULL) {
		put_string(key, SIZE_MAX);
		fputs(": ", stdout);
	}
}

void json_line(void)
{
	putchar('{');
	has_member = false;
}

void json_line_end(void)
{
	puts("}");
}

void json_u64(const char *key, uint64_t value)
{
	put_key(key);
	printf("%" PRIu64, value);
}

void json_i64(const char *key, int64_t value)
{
	put_key(key);
	printf("%" PRId64, value);
}

void json_null(const char *key)
{
	put_key(key);
	fputs("null", stdout);
}

void json_text(const char *key, const char *value)
{
	json_textn(key, value, SIZE_MAX);
}

void json_textn(const char *key, const char *value, size_t size)
{
	put_key(key);
	put_string(value, size);
}

void json_bytes(const char *key, const uint8_t *bytes, size_t size)
{
	put_key(key);
	putchar('"');
	for (size_t i = 0; i < size; i++) {
		printf("%02x", bytes[i]);
	}
	putchar('"');
}

void json_bool(const char *key, bool value)
{
	put_key(key);
	fputs(value ? "true" : "false", stdout);
}

void json_open(const char *key, char bracket)
{
	put_key(key);
	putchar(bracket);
	has_member = false;
}

void json_close(char bracket)
{
	putchar(bracket);
	has_member = true;
}
