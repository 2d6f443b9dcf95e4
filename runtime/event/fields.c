/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/event/fields.h"

#include "runtime/base/limits.h"
#include "runtime/base/mem.h"

static bool is_display(char c)
{
	return c == 'u' || c == 'd' || c == 'x' || c == 'c' || c == 's';
}

static size_t word_length(const char *text)
{
	size_t length = 0;
	while (text[length] != '\0' && text[length] != ' ') {
		length++;
	}
	return length;
}

/* "name:d" of @length characters. */
static bool parse(const char *text, size_t length, struct axb_event_field *out)
{
	if (length < 3 || text[length - 2] != ':' || !is_display(text[length - 1])) {
		return false;
	}
	*out = (struct axb_event_field){
		.name = text,
		.name_length = (uint32_t)length - 2,
		.display = text[length - 1],
		.slots = 1,
	};
	return true;
}

/* @return slots of all. */
static uint32_t share(struct axb_event_field fields[AXB_EVENT_ARG_MAX], uint32_t count)
{
	uint32_t texts = 0;
	uint32_t slots = 0;
	for (uint32_t i = 0; i < count; i++) {
		texts += fields[i].display == 's';
	}
	uint32_t left = AXB_EVENT_ARG_MAX - (count - texts);
	for (uint32_t i = 0; i < count; i++) {
		if (fields[i].display == 's') {
			fields[i].slots = (uint8_t)((left + texts - 1) / texts);
			left -= fields[i].slots;
			texts--;
		}
		fields[i].slot = (uint8_t)slots;
		slots += fields[i].slots;
	}
	return slots;
}

uint32_t axb_event_fields(const struct axb_trace_event *event, const char *name,
	size_t *name_length, struct axb_event_field out[AXB_EVENT_ARG_MAX])
{
	uint32_t count = 0;
	*name_length = name == NULL ? 0 : axb_strnlen(name, AXB_NAME_MAX);
	if (name == NULL || event->probe_type == AXB_PROBE_TYPE_TRACEPOINT) {
		return 0;
	}
	size_t site = word_length(name);
	for (size_t at = site; name[at] != '\0';) {
		size_t length = word_length(&name[++at]);
		if (count == AXB_EVENT_ARG_MAX || !parse(&name[at], length, &out[count])) {
			return 0;
		}
		at += length;
		count++;
	}
	if (count == 0 || share(out, count) != event->nr_args) {
		return 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		out[i].is_fault = (event->flags & (AXB_EVENT_FAULT0 << out[i].slot)) != 0;
	}
	*name_length = site;
	return count;
}
