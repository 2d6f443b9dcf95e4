/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The event pipeline: every TraceEvent goes to this CPU's ring (for the stream; a full ring drops
 * and counts, and a loss record stands in the stream where the gap is) and to this CPU's flight
 * recorder (always the newest, for the shell). Timestamps are taken inside the reservation.
 */
#ifndef AXB_RUNTIME_EVENT_EVENT_H_
#define AXB_RUNTIME_EVENT_EVENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/event_gen.h" // Generated.
#include "runtime/base/arena.h"
#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axb_event_config {
	uint32_t cpu_count;
	uint32_t ring_events;   /**< per CPU, power of two, 4 .. 2^20 */
	uint32_t recent_events; /**< per CPU in the flight recorder, likewise */
	uint32_t name_max;      /**< capacity of the name table, at most 65535 */
};

/** Bytes of arena that axb_event_init() takes; 0 for a bad @config. */
size_t axb_event_memory_size(const struct axb_event_config *config);

/** Context: boot. AXB_ERR_ARG, AXB_ERR_NOMEM, AXB_ERR_STATE (initialized already). */
AXB_MUST_USE enum axb_status axb_event_init(
	const struct axb_event_config *config, struct axb_arena *arena);

/** Back to uninitialized: emitting is a counted no-op. For tests and platforms that stop. */
void axb_event_deinit(void);

/**
 * Emit. The caller fills probe_type, event_id, name_offset, nr_args, flags, args, duration_ns,
 * vm_id and vcpu_id of @event; timestamp_ns, cpu_id and sequence are set here, in @event too.
 *
 * Context: any.
 * @return AXB_OK; AXB_ERR_FULL (not in the ring, counted; in the flight recorder all the same);
 *   AXB_ERR_STATE before init.
 */
enum axb_status axb_event_emit(struct axb_trace_event *event);

/**
 * Emit @length bytes of text as events with id AXB_EVENT_ID_PRINTK: up to 32 bytes each in args,
 * NUL-padded, AXB_EVENT_CONTINUED on all but the last. More than AXB_PRINTK_MAX bytes are cut, with
 * AXB_EVENT_TRUNCATED on the last. Context: any.
 * @return AXB_OK; else the status of the first event that axb_event_emit() refused.
 */
enum axb_status axb_event_printk(const char *text, size_t length);

/**
 * Events that came before axb_event_init(), after axb_event_deinit(), or on a CPU that the
 * configuration does not have, since the program began.
 */
uint64_t axb_event_refused_count(void);

/**
 * Master switch (tracefs tracing_on), on at first: off = axb_event_emit() does nothing and says
 * AXB_OK.
 */
void axb_event_set_on(bool on);
bool axb_event_is_on(void);

/**
 * Take events of @cpu from its ring, oldest first. Context: thread, one consumer per CPU.
 * Loss records (AXB_EVENT_ID_LOST) are among them at their place.
 */
size_t axb_event_read(uint32_t cpu, struct axb_trace_event *out, size_t max);

/** Records in the ring of @cpu now, loss records included: at most so many can be read. Context:
 * any. */
uint64_t axb_event_backlog(uint32_t cpu);

/**
 * Copy the newest events of @cpu from the flight recorder, oldest first, without consuming them.
 * Records that are overwritten meanwhile are left out. Context: thread.
 */
size_t axb_event_recent(uint32_t cpu, struct axb_trace_event *out, size_t max);

/** Law: attempts = committed + dropped + open; committed = delivered + pending. Loss records are
 * not counted. */
struct axb_event_stats {
	uint64_t attempts;
	uint64_t committed;
	uint64_t dropped;
	uint64_t delivered;
	uint64_t pending;
};
/** All 0 for a CPU that is not configured. Exact while nobody emits or reads. Context: thread. */
void axb_event_stats(uint32_t cpu, struct axb_event_stats *out);

/**
 * Index of @name (cut to AXB_NAME_MAX) in the name table, added when new. Indices never change.
 * Context: thread. @return AXB_OK; AXB_ERR_FULL; AXB_ERR_STATE before init.
 */
AXB_MUST_USE enum axb_status axb_event_name_add(const char *name, uint16_t *index);

/** Name at @index; NULL when there is none. Context: any. */
const char *axb_event_name(uint16_t index);
uint16_t axb_event_name_count(void);

#define AXB_EVENT_NAME_NONE 0xffffu

#ifdef __cplusplus
}
#endif

#endif
