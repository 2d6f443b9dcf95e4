/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/fetch/fetch.h"

#include "runtime/base/mem.h"

#define WORD 8u

/** Where values come from. */
struct source {
	const uint8_t *regs;
	axb_fetch_read_fn_t read;
	void *cookie;
};

/* Bits of a value that memory or a register has more than its type. */
static uint64_t convert(const struct axb_fetch_arg *arg, uint64_t value)
{
	value <<= arg->shift_up;
	/* Of signed values GCC and Clang shift the sign in. */
	return arg->is_signed ? (uint64_t)((int64_t)value >> arg->shift_down)
			      : value >> arg->shift_down;
}

/* The value before its last read. */
static bool base(const struct source *from, const struct axb_fetch_arg *arg, uint64_t *out)
{
	uint64_t value = arg->value;
	if (arg->is_reg) {
		memcpy(&value, from->regs + arg->value, sizeof(value));
	}
	for (uint32_t i = 0; i + 1 < arg->reads; i++) {
		uint64_t address = value + (uint64_t)arg->offsets[i];
		if (!from->read(from->cookie, address, &value, sizeof(value))) {
			return false;
		}
	}
	*out = arg->reads == 0 ? value : value + (uint64_t)arg->offsets[arg->reads - 1];
	return true;
}

static bool fetch_number(const struct source *from, const struct axb_fetch_arg *arg, uint64_t *out)
{
	uint64_t address = 0;
	uint64_t value = 0;
	if (!base(from, arg, &address)) {
		return false;
	}
	/* Both architectures are little endian: the first bytes are the low ones. */
	if (arg->reads == 0) {
		value = address;
	} else if (!from->read(from->cookie, address, &value, arg->size)) {
		return false;
	}
	*out = convert(arg, value);
	return true;
}

/* In pieces that cross no page, so that nothing behind the end of a string is needed.
 * @return false: it cannot be read. */
static bool fetch_string(const struct source *from, const struct axb_fetch_arg *arg, char *out,
	size_t size, bool *is_cut)
{
	uint64_t address = 0;
	size_t length = 0;
	char next = '\0';
	*is_cut = false;
	if (!base(from, arg, &address)) {
		return false;
	}
	while (length < size) {
		size_t piece = WORD - (size_t)((address + length) % WORD);
		piece = piece < size - length ? piece : size - length;
		if (!from->read(from->cookie, address + length, out + length, piece)) {
			return false;
		}
		size_t got = axb_strnlen(out + length, piece);
		length += got;
		if (got < piece) {
			memset(out + length, 0, size - length);
			return true;
		}
	}
	*is_cut = !from->read(from->cookie, address + length, &next, 1) || next != '\0';
	return true;
}

static void fetch_one(
	const struct source *from, const struct axb_fetch_arg *arg, struct axb_trace_event *event)
{
	char text[sizeof(event->args)];
	size_t size = (size_t)arg->slots * WORD;
	uint64_t value = 0;
	bool is_cut = false;
	bool is_there;
	if (arg->size == 0) {
		is_there = fetch_string(from, arg, text, size, &is_cut);
	} else {
		is_there = fetch_number(from, arg, &value);
		memcpy(text, &value, sizeof(value));
	}
	if (!is_there) {
		memset(text, 0, size);
		event->flags |= (uint8_t)(AXB_EVENT_FAULT0 << arg->slot);
	}
	if (is_cut) {
		event->flags |= AXB_EVENT_TRUNCATED;
	}
	memcpy(&event->args[arg->slot], text, size);
}

void axb_fetch_run(const struct axb_fetch *fetch, const void *regs, axb_fetch_read_fn_t read,
	void *cookie, struct axb_trace_event *event)
{
	const struct source from = {regs, read, cookie};
	for (uint32_t i = 0; i < fetch->count; i++) {
		fetch_one(&from, &fetch->args[i], event);
	}
	event->nr_args = (uint8_t)fetch->slots;
}

/* The slots follow from the displays. */
static bool is_equal(const struct axb_fetch_arg *a, const struct axb_fetch_arg *b)
{
	bool same = axb_streq(a->name, b->name) && a->value == b->value && a->is_reg == b->is_reg &&
		    a->is_signed == b->is_signed && a->reads == b->reads && a->size == b->size &&
		    a->shift_up == b->shift_up && a->shift_down == b->shift_down &&
		    a->display == b->display;
	for (uint32_t i = 0; i < a->reads && same; i++) {
		same = a->offsets[i] == b->offsets[i];
	}
	return same;
}

bool axb_fetch_equal(const struct axb_fetch *a, const struct axb_fetch *b)
{
	bool same = a->count == b->count && a->uses_arguments == b->uses_arguments;
	for (uint32_t i = 0; i < a->count && same; i++) {
		same = is_equal(&a->args[i], &b->args[i]);
	}
	return same;
}

void axb_fetch_describe(const struct axb_fetch *fetch, struct axb_text *out)
{
	for (uint32_t i = 0; i < fetch->count; i++) {
		axb_text_char(out, ' ');
		axb_text_str(out, fetch->args[i].name);
		axb_text_char(out, ':');
		axb_text_char(out, fetch->args[i].display);
	}
}
