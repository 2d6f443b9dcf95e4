/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Flight recorder of one CPU: the newest events, overwriting the oldest, read by others while it
 * is written. Internal to runtime/event.
 */
#ifndef AXB_RUNTIME_EVENT_RECORDER_H_
#define AXB_RUNTIME_EVENT_RECORDER_H_

#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/event_gen.h" // Generated.

#ifdef __cplusplus
extern "C" {
#endif

struct axb_recorder {
	uint64_t *states;
	uint64_t *words;
	uint64_t mask;
};

/** Bytes of memory that @capacity events take. */
size_t axb_recorder_memory_size(uint32_t capacity);

/** @memory: zeros, aligned to AXB_CACHE_LINE. */
void axb_recorder_init(struct axb_recorder *recorder, uint32_t capacity, void *memory);

/**
 * Record @event as number @position of this CPU. Not recorded when a newer event, of a trap in the
 * middle of this one's, has the place.
 *
 * Context: any, on the recording CPU only. Positions come from one counter of that CPU.
 */
void axb_recorder_put(
	struct axb_recorder *recorder, uint64_t position, const struct axb_trace_event *event);

/**
 * Copy up to @max of the newest events before @end, oldest first, without those that are being
 * overwritten. Context: thread, any CPU.
 */
size_t axb_recorder_get(
	struct axb_recorder *recorder, uint64_t end, struct axb_trace_event *out, size_t max);

#ifdef __cplusplus
}
#endif

#endif
