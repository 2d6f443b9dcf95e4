/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/options.h"

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"

#define TICK_US_DEFAULT 10000u
#define PREFIX_MAX 16u

/* What follows @prefix in @word; NULL when it begins otherwise. */
static const char *value_of(const char *word, const char *prefix)
{
	return axb_str_has_prefix(word, prefix) ? word + axb_strnlen(prefix, PREFIX_MAX) : NULL;
}

static enum axb_status parse_word(const char *word, struct options *out)
{
	const struct {
		const char *prefix;
		uint64_t *value;
	} numbers[] = {
		{"tick_us=", &out->tick_us},
		{"stay=", &out->stay},
		{"console=", &out->console},
	};
	const struct {
		const char *prefix;
		const char **value;
	} texts[] = {
		{"script=", &out->script},
		{"finish=", &out->finish},
		{"stream=", &out->stream},
		{"paced=", &out->paced},
	};
	for (size_t i = 0; i < AXB_ARRAY_COUNT(numbers); i++) {
		const char *text = value_of(word, numbers[i].prefix);
		if (text != NULL) {
			return axb_parse_u64(text, numbers[i].value) ? AXB_OK : AXB_ERR_ARG;
		}
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(texts); i++) {
		const char *text = value_of(word, texts[i].prefix);
		if (text != NULL) {
			*texts[i].value = text;
			return *text != '\0' ? AXB_OK : AXB_ERR_ARG;
		}
	}
	return AXB_ERR_ARG;
}

enum axb_status options_parse(char *line, struct options *out, const char **bad)
{
	*out = (struct options){.tick_us = TICK_US_DEFAULT};
	while (*line != '\0') {
		char *word = line;
		while (*line != ' ' && *line != '\0') {
			line++;
		}
		if (*line == ' ') {
			*line++ = '\0';
		}
		if (*word != '\0' && parse_word(word, out) != AXB_OK) {
			*bad = word;
			return AXB_ERR_ARG;
		}
	}
	return AXB_OK;
}
