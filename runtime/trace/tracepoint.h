/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Static tracepoints at run time: find, enable, attach programs. The emitters
 * axb_trace_<subsystem>_<event>() are generated (codegen/gen/tracepoints_gen.h). A tracepoint that
 * is off costs one load and one branch; it is on while it is enabled (it then emits TraceEvents) or
 * has programs.
 */
#ifndef AXB_RUNTIME_TRACE_TRACEPOINT_H_
#define AXB_RUNTIME_TRACE_TRACEPOINT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/prog/prog.h"
#include "runtime/trace/histogram.h"
#include "runtime/trace/tp_core.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of arena that axb_tp_init() takes for @cpu_count CPUs; 0 for a bad @cpu_count. */
size_t axb_tp_memory_size(uint32_t cpu_count);

/**
 * Context: boot, after axb_event_init(); programs need axb_prog_init() with as many CPUs.
 * @return AXB_OK; AXB_ERR_ARG (@cpu_count); AXB_ERR_NOMEM; AXB_ERR_FULL (the name table is too
 * small for the tracepoints' names); AXB_ERR_STATE (done already).
 */
AXB_MUST_USE enum axb_status axb_tp_init(uint32_t cpu_count, struct axb_arena *arena);
/** All off, all programs detached. Nothing may be running. Before axb_prog_deinit(). */
void axb_tp_deinit(void);
bool axb_tp_is_initialized(void);

/**
 * Index of "subsystem:event", which splits at the first colon.
 * @return AXB_OK; AXB_ERR_ARG (no colon or an empty half); AXB_ERR_NOT_FOUND; AXB_ERR_STATE.
 */
AXB_MUST_USE enum axb_status axb_tp_find(const char *name, uint32_t *index);

/** Definition of tracepoint @index below axb_tp_count. */
const struct axb_tp_def *axb_tp_def(uint32_t index);

/** Let it emit TraceEvents, or not. Idempotent. Context: thread. AXB_ERR_ARG, AXB_ERR_STATE. */
AXB_MUST_USE enum axb_status axb_tp_set_enabled(uint32_t index, bool enabled);
bool axb_tp_is_enabled(uint32_t index);

/**
 * Enable or disable all whose name matches the glob @pattern ("vcpu:*"; a bare "vcpu" means
 * "vcpu:*"). @param count  how many matched. AXB_ERR_NOT_FOUND when none does (nothing changed);
 * AXB_ERR_STATE. Context: thread.
 */
AXB_MUST_USE enum axb_status axb_tp_set_enabled_glob(
	const char *pattern, bool enabled, uint32_t *count);

/**
 * Attach a program; several per tracepoint run in order of attaching. The program keeps a reference
 * until detached. Its context is read-only for it. Context: thread.
 * @param cookie  for bpf_get_attach_cookie.
 * @return AXB_OK; AXB_ERR_ARG (index); AXB_ERR_STATE; AXB_ERR_STALE; AXB_ERR_EXISTS (this program
 * is on it); AXB_ERR_FULL (AXB_TP_PROG_MAX); AXB_ERR_UNSUPPORTED (the program's type cannot run
 * here).
 */
AXB_MUST_USE enum axb_status axb_tp_attach(uint32_t index, axb_prog_id_t prog, uint64_t cookie);

/**
 * Detach; returns when no CPU runs the program here any more. Context: thread.
 * @return AXB_OK; AXB_ERR_ARG; AXB_ERR_STATE; AXB_ERR_NOT_FOUND (it is not on this one).
 */
AXB_MUST_USE enum axb_status axb_tp_detach(uint32_t index, axb_prog_id_t prog);

/** Programs on @index, oldest first, to @out; returns their number. Context: thread. */
uint32_t axb_tp_progs(uint32_t index, axb_prog_id_t out[AXB_TP_PROG_MAX]);

/**
 * Numbers of a tracepoint over all CPUs, since init or the last reset.
 * hits = times it was reached while on; law for its programs, summed:
 * hits * programs = ran + missed (while the set of programs did not change).
 * A hit on a CPU from cpu_count on runs nothing: it counts as missed, and as lost when enabled.
 */
struct axb_tp_stats {
	uint64_t hits;
	uint64_t ran;
	uint64_t missed;
	uint64_t emitted; /**< TraceEvents into the ring */
	uint64_t lost;    /**< TraceEvents dropped; neither of the two while events are off */
	uint64_t duration_count;
	uint64_t duration_sum_ns;
	uint64_t duration_min_ns; /**< 0 when duration_count is 0 */
	uint64_t duration_max_ns;
	uint64_t duration_log2[AXB_HISTOGRAM_BUCKETS]; /**< histogram.h */
	uint64_t last_timestamp_ns;
};
/** All zeros for a bad @index. Context: thread. */
void axb_tp_stats(uint32_t index, struct axb_tp_stats *out);
/** Zero the numbers of all tracepoints. */
void axb_tp_stats_reset(void);

#ifdef __cplusplus
}
#endif

#endif
