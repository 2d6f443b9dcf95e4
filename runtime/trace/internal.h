/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What tracepoint.c and programs.c share. A binary that attaches no program does not link
 * programs.c, and with it the whole eBPF runtime: tracepoint.c reaches it only through
 * tp_state.programs, which the first axb_tp_attach() sets.
 */
#ifndef AXB_RUNTIME_TRACE_INTERNAL_H_
#define AXB_RUNTIME_TRACE_INTERNAL_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/limits.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"
#include "runtime/trace/tracepoint.h"

/** Bits of axb_tp_state.enabled. */
enum {
	TP_ON_EVENTS = 1,
	TP_ON_PROGS = 2,
};

struct tp_attachment {
	struct axb_prog *prog;
	uint64_t cookie;
};

/** The programs of a tracepoint. Never changed once published: a change publishes the other one. */
struct tp_prog_list {
	uint32_t count;
	struct tp_attachment attachments[AXB_TP_PROG_MAX];
};

/** Numbers of one tracepoint on one CPU: written there, but also by traps that nest there. */
struct tp_cpu_stats {
	struct axb_tp_stats stats;      /* duration_count: not used; the histogram has it */
	uint64_t duration_min_inverted; /* ~minimum, so that 0 is "none yet" */
} AXB_ALIGNED(AXB_CACHE_LINE);

struct tracepoint {
	uint16_t name_offset;
	const struct tp_prog_list *live;
	struct tp_prog_list lists[2];
	struct tp_cpu_stats *cpus; /* cpu_count of them, and one of all other CPUs */
};

struct tp_programs {
	/** Run the programs of a hit on @ctx and count them. Context: any. */
	void (*run)(const struct axb_tp_def *def, const struct tracepoint *tp, void *ctx,
		struct axb_tp_stats *s);
	/** Give up the references of @list. Context: thread; nothing runs. */
	void (*release)(const struct tp_prog_list *list);
};

/* Lock order: .lock is the only lock here; thread context only. A hit reads the published list of
 * programs inside a read section of prog and counts on its own CPU. */
extern struct tp_state {
	struct axb_spinlock lock;
	bool initialized;
	uint32_t cpu_count;
	struct tracepoint *tracepoints;
	const struct tp_programs *programs; /* NULL until one is attached */
} tp_state;

/** AXB_ERR_STATE, AXB_ERR_ARG. */
enum axb_status tp_check_index(uint32_t index);

/** Set or clear a bit of the emitter's switch. The lock is held. */
void tp_set_switch(uint32_t index, uint32_t bit, bool on);

/** Add to a counter of this CPU, atomically although only this CPU writes it: a trap may hit
 * between the halves of an addition. */
void tp_count(uint64_t *counter, uint64_t n);

#endif
