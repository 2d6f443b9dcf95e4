/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platforms/host/cli/cli.h"

enum cli_exit cli_fail(enum cli_exit status, const char *format, ...)
{
	va_list args;
	fputs("axebpf: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

static uint8_t *read_all(FILE *file, size_t *size)
{
	size_t room = 1 << 16;
	uint8_t *bytes = malloc(room);
	*size = 0;
	while (bytes != NULL) {
		*size += fread(bytes + *size, 1, room - *size, file);
		if (*size < room) {
			return bytes;
		}
		uint8_t *more = realloc(bytes, room * 2);
		if (more == NULL) {
			free(bytes);
		}
		bytes = more;
		room *= 2;
	}
	return NULL;
}

uint8_t *cli_read_file(const char *path, size_t *size)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	if (file == NULL) {
		cli_fail(CLI_ENVIRONMENT, "%s: %s", path, strerror(errno));
		return NULL;
	}
	uint8_t *bytes = read_all(file, size);
	if (bytes == NULL || ferror(file)) {
		cli_fail(CLI_ENVIRONMENT, "%s: cannot be read: %s", path, strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	if (!is_stdin) {
		fclose(file);
	}
	return bytes;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint8_t *cli_parse_hex(const char *text, size_t length, size_t *size)
{
	uint8_t *bytes = malloc(length / 2 + 1);
	*size = 0;
	for (size_t i = 0; bytes != NULL && i < length;) {
		if (isspace((unsigned char)text[i])) {
			i++;
			continue;
		}
		int high = digit_of(text[i]);
		int low = i + 1 < length ? digit_of(text[i + 1]) : -1;
		if (high < 0 || low < 0) {
			free(bytes);
			return NULL;
		}
		bytes[(*size)++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	return bytes;
}

bool cli_parse_number(const char *text, uint64_t max, uint64_t *out)
{
	char *end = NULL;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max) {
		return false;
	}
	*out = value;
	return true;
}

void cli_print_json_string(const char *text)
{
	putchar('"');
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\') {
			putchar('\\');
			putchar(*c);
		} else if ((unsigned char)*c < 0x20) {
			printf("\\u%04x", (unsigned char)*c);
		} else {
			putchar(*c);
		}
	}
	putchar('"');
}
