/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platforms/host/cli/cli.h"

#define FIRST_SIZE 65536u

bool cli_number(const char *text, uint64_t *out)
{
	char *end;
	bool hex = strncmp(text, "0x", 2) == 0;
	if (!isxdigit((unsigned char)text[hex ? 2 : 0])) {
		return false;
	}
	errno = 0;
	unsigned long long value = strtoull(text, &end, hex ? 16 : 10);
	if (errno != 0 || *end != '\0' || end == text) {
		return false;
	}
	*out = value;
	return true;
}

/* Goes before each block. */
struct block {
	_Alignas(max_align_t) struct block *next;
};

static struct block *blocks;

void *cli_alloc(size_t size)
{
	struct block *block =
		size > SIZE_MAX - sizeof(*block) ? NULL : calloc(1, sizeof(*block) + size);
	if (block == NULL) {
		return NULL;
	}
	block->next = blocks;
	blocks = block;
	return block + 1;
}

void cli_free_all(void)
{
	while (blocks != NULL) {
		struct block *next = blocks->next;
		free(blocks);
		blocks = next;
	}
}

static bool read_all(FILE *in, struct cli_buffer *out)
{
	size_t room = FIRST_SIZE;
	out->size = 0;
	out->data = cli_alloc(room);
	while (out->data != NULL) {
		out->size += fread(out->data + out->size, 1, room - out->size, in);
		if (out->size < room) {
			return ferror(in) == 0;
		}
		/* The old block stays until the end: together they are as large as the last. */
		const uint8_t *old = out->data;
		room *= 2;
		out->data = cli_alloc(room);
		if (out->data != NULL) {
			memcpy(out->data, old, out->size);
		}
	}
	errno = ENOMEM;
	return false;
}

bool cli_read_file(const char *path, struct cli_buffer *out)
{
	if (strcmp(path, "-") == 0) {
		return read_all(stdin, out);
	}
	FILE *in = fopen(path, "rb");
	if (in == NULL) {
		return false;
	}
	bool ok = read_all(in, out);
	int error = errno;
	(void)fclose(in);
	errno = error;
	return ok;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cli_read_hex(const char *text, size_t size, struct cli_buffer *out, size_t *bad)
{
	size_t digits = 0;
	out->data = cli_alloc(size / 2 + 1);
	if (out->data == NULL) {
		*bad = 0;
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		int value = nibble(text[i]);
		if (value < 0 && isspace((unsigned char)text[i]) && digits % 2 == 0) {
			continue;
		}
		if (value < 0) {
			*bad = i;
			return false;
		}
		out->data[digits / 2] = (uint8_t)(out->data[digits / 2] << 4 | value);
		digits++;
	}
	*bad = size;
	out->size = digits / 2;
	return digits % 2 == 0;
}
