/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/host/cli/json.h"

#include <inttypes.h>
#include <stdio.h>

static bool has_member;

static void put_string(const char *text, size_t size)
{
	putchar('"');
	for (size_t i = 0; i < size && text[i] != '\0'; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\') {
			printf("\\%c", c);
		} else if (c < ' ' || c > '~') {
			printf("\\u%04x", c);
		} else {
			putchar(c);
		}
	}
	putchar('"');
}

static void put_key(const char *key)
{
	if (has_member) {
		fputs(", ", stdout);
	}
	has_member = true;
	put_string(key, SIZE_MAX);
	fputs(": ", stdout);
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

void json_0x(const char *key, uint64_t value)
{
	put_key(key);
	printf("\"0x%" PRIx64 "\"", value);
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

void json_open(const char *key)
{
	put_key(key);
	putchar('{');
	has_member = false;
}

void json_close(void)
{
	putchar('}');
	has_member = true;
}
