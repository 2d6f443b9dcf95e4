/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A state word per event: 2 * position + 1 while it is written, + 2 when it is whole. What lies
 * in the memory may change under a reader, so all of it is read and written atomically.
 */
#include "runtime/event/recorder.h"

#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define EVENT_WORDS (sizeof(struct axb_trace_event) / sizeof(uint64_t))

size_t axb_recorder_memory_size(uint32_t capacity)
{
	return (size_t)capacity * (sizeof(struct axb_trace_event) + sizeof(uint64_t));
}

void axb_recorder_init(struct axb_recorder *recorder, uint32_t capacity, void *memory)
{
	recorder->words = memory;
	recorder->states = recorder->words + (size_t)capacity * EVENT_WORDS;
	recorder->mask = (uint64_t)capacity - 1;
}

void axb_recorder_put(
	struct axb_recorder *recorder, uint64_t position, const struct axb_trace_event *event)
{
	uint64_t *state = &recorder->states[position & recorder->mask];
	uint64_t *words = &recorder->words[(position & recorder->mask) * EVENT_WORDS];
	uint64_t from[EVENT_WORDS];
	uint64_t old = axb_load_relaxed(state);
	/* Odd: this very trap interrupts the writing of an older event there. */
	if ((old & 1) != 0 || old > 2 * position) {
		return;
	}
	memcpy(from, event, sizeof(from));
	axb_store_relaxed(state, 2 * position + 1);
	for (size_t i = 0; i < EVENT_WORDS; i++) {
		/* Release; pairs with the acquire in copy(): who sees this word sees the state
		 * that was stored before it. */
		axb_store_release(&words[i], from[i]);
	}
	/* Release; pairs with the acquire in copy(). */
	axb_store_release(state, 2 * position + 2);
}

/** Copy the event at @position; false when it is not there, or no longer. */
static bool copy(
	const struct axb_recorder *recorder, uint64_t position, struct axb_trace_event *out)
{
	const uint64_t *state = &recorder->states[position & recorder->mask];
	const uint64_t *words = &recorder->words[(position & recorder->mask) * EVENT_WORDS];
	uint64_t to[EVENT_WORDS];
	if (axb_load_acquire(state) != 2 * position + 2) {
		return false;
	}
	for (size_t i = 0; i < EVENT_WORDS; i++) {
		to[i] = axb_load_acquire(&words[i]);
	}
	if (axb_load_relaxed(state) != 2 * position + 2) {
		return false;
	}
	memcpy(out, to, sizeof(to));
	return true;
}

size_t axb_recorder_get(
	struct axb_recorder *recorder, uint64_t end, struct axb_trace_event *out, size_t max)
{
	uint64_t span = max <= recorder->mask ? max : recorder->mask + 1;
	uint64_t position = end > span ? end - span : 0;
	size_t count = 0;
	for (; position < end; position++) {
		count += copy(recorder, position, &out[count]);
	}
	return count;
}
