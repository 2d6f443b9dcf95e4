/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Probes on the hypervisor's own code, while it runs. Where the compiler left NOPs at the entry of
 * a function (-fpatchable-function-entry), they become a jump to a stub; elsewhere a breakpoint
 * replaces the first bytes of an instruction, which a hit gets past by simulating it or by a copy
 * of it in a slot. A hit runs the programs and emits the events. A return probe replaces the return
 * address at the entry of a function. Several probes share a site. Nothing here allocates after
 * init.
 */
#ifndef AXB_PROBES_HPROBE_HPROBE_H_
#define AXB_PROBES_HPROBE_HPROBE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/core/dispatch.h"
#include "probes/fetch/fetch.h"
#include "probes/insn/step.h"
#include "runtime/base/arena.h"
#include "runtime/base/limits.h"
#include "runtime/base/status.h"
#include "runtime/prog/prog.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of arena that axb_hprobe_init() takes; 0 for a bad @cpu_count. */
size_t axb_hprobe_memory_size(uint32_t cpu_count);

/**
 * Set up and take part in axb_probe_dispatch(). Context: boot, after axb_init_with_symbols().
 * @return AXB_OK; AXB_ERR_ARG; AXB_ERR_NOMEM; AXB_ERR_STATE (done already); AXB_ERR_UNSUPPORTED (no
 *   slot area); AXB_ERR_FAULT (it cannot be written).
 */
AXB_MUST_USE enum axb_status axb_hprobe_init(uint32_t cpu_count, struct axb_arena *arena);

/** Remove all probes. Nothing may be running. For tests and platforms that stop. */
void axb_hprobe_deinit(void);

/** Why a probe was refused; text in axb_hprobe_refuse_text(). */
struct axb_hprobe_error {
	uint8_t refuse; /**< enum axb_refuse of the instruction, or 0 */
	char what[128]; /**< "" for AXB_OK */
};

/** How a site would be probed. */
struct axb_hprobe_plan {
	uint64_t address;       /**< where the text changes: perhaps behind a landing pad */
	uint64_t function;      /**< where programs are told that they are */
	uint64_t symbol_offset; /**< in its function; 0 at its landing pad, too */
	struct axb_step step;
	char symbol[AXB_NAME_MAX];
};

/**
 * Look at @address without touching anything.
 * @return AXB_OK; AXB_ERR_NOT_FOUND (in no function); AXB_ERR_ARG (no instruction begins there);
 *   AXB_ERR_REJECTED (it cannot be probed: @why). Context: thread.
 */
AXB_MUST_USE enum axb_status axb_hprobe_plan(
	uint64_t address, struct axb_hprobe_plan *out, struct axb_hprobe_error *why);

/** The registers of this architecture, for axb_fetch_parse(). */
const struct axb_fetch_arch *axb_hprobe_fetch_arch(void);

struct axb_hprobe_config {
	uint64_t address;
	bool is_return;     /**< at the return of the function that begins at address */
	bool may_write;     /**< the program may change the registers */
	axb_prog_id_t prog; /**< {0} = events only */
	uint64_t cookie;
	const struct axb_fetch
		*fetch; /**< arguments of the events, copied; NULL = the usual ones */
};

/**
 * Attach. With a program: it runs at each hit, no event is emitted; without: a TraceEvent each, of
 * an entry with the first four arguments, of a return with the result, the first three arguments as
 * they were at the entry, and the duration. With fetch arguments: these instead, and a name that
 * says what they are (runtime/event/fields.h).
 * A program that may write may change all registers; when it changes the pc, execution goes on
 * there. The stack pointer and the flags follow it at a breakpoint only: at a patch site what it
 * makes of them is ignored.
 * @return AXB_OK; what axb_hprobe_plan() refuses with; AXB_ERR_EXISTS (the same is there);
 * AXB_ERR_FULL (AXB_HPROBE_PER_SITE_MAX); AXB_ERR_LIMIT (sites, lists of arguments); AXB_ERR_STALE,
 * AXB_ERR_UNSUPPORTED (the program); AXB_ERR_FAULT (the text cannot be written); AXB_ERR_STATE.
 * Context: thread.
 */
AXB_MUST_USE enum axb_status axb_hprobe_attach(
	const struct axb_hprobe_config *config, struct axb_hprobe_error *why);

/** Detach what was attached with these; on return none of its programs runs. AXB_ERR_NOT_FOUND.
 * Tells of missed hits by probe:lost, and of itself by probe:gone, as attaching does by
 * probe:armed. Text that somebody else has changed meanwhile stays as it is: probe:text_changed.
 */
AXB_MUST_USE enum axb_status axb_hprobe_detach(
	uint64_t address, bool is_return, axb_prog_id_t prog);

/**
 * A transaction: what is added, removed, enabled and disabled between begin and commit comes into
 * force at once, or none of it; however much it is, other CPUs are stopped or synchronized as often
 * as for one. Others that change probes wait meanwhile. Context: thread; not nested; not inside a
 * hit.
 */
void axb_hprobe_begin(void);
/** As axb_hprobe_attach(). What was staged before an error stays staged. */
AXB_MUST_USE enum axb_status axb_hprobe_add(
	const struct axb_hprobe_config *config, struct axb_hprobe_error *why);
/** As axb_hprobe_detach(). */
AXB_MUST_USE enum axb_status axb_hprobe_remove(
	uint64_t address, bool is_return, axb_prog_id_t prog);
/** Let a probe rest without removing it: a site of which all probes rest has its own text.
 * AXB_ERR_NOT_FOUND. */
AXB_MUST_USE enum axb_status axb_hprobe_enable(
	uint64_t address, bool is_return, axb_prog_id_t prog, bool on);
/**
 * Let a CPU handle at most @hits_per_ms hits of the site at @address in a millisecond of the clock;
 * 0 = any number. The others count as throttled; the first of each millisecond emits
 * probe:throttled. In force at once. @return AXB_OK; AXB_ERR_NOT_FOUND.
 */
AXB_MUST_USE enum axb_status axb_hprobe_throttle(uint64_t address, uint32_t hits_per_ms);
/** @return AXB_OK; AXB_ERR_FAULT: the text cannot be written, and nothing has changed. */
AXB_MUST_USE enum axb_status axb_hprobe_commit(struct axb_hprobe_error *why);
void axb_hprobe_abort(void);

/**
 * This CPU has interrupted nothing of the hypervisor's, so that it is in no slot or stub: a
 * platform says so now and then, for example in the loop around its guests. When all CPUs have, the
 * places of removed probes are used again; without it, AXB_HPROBE_SITE_MAX addresses can be probed
 * in all. Costs a load and a store. Context: thread.
 */
void axb_hprobe_quiescent(void);

/** Code that no probe may be put on, and why. */
struct axb_hprobe_range {
	uint64_t start;
	uint64_t size; /**< bytes */
	const char *reason;
};

/** Keep probes away from a range, from now on. @param reason must stay. @return AXB_OK;
 * AXB_ERR_ARG (empty, or beyond the end of the address space); AXB_ERR_LIMIT; AXB_ERR_STATE. */
AXB_MUST_USE enum axb_status axb_hprobe_forbid(uint64_t start, uint64_t size, const char *reason);

/** The next such range from *@cursor (0 at first) on; false at the end. Context: thread. */
bool axb_hprobe_forbidden_next(uint32_t *cursor, struct axb_hprobe_range *out);

/**
 * Numbers of a site, over all CPUs. Laws: hits = handled + missed + throttled; while nothing is in
 * flight, armed = returned + abandoned.
 */
struct axb_hprobe_stats {
	uint64_t hits;
	uint64_t handled;
	uint64_t missed;    /**< in the middle of the handling of another hit on that CPU */
	uint64_t throttled; /**< more than axb_hprobe_throttle() lets through */
	uint64_t ran;       /**< programs run */
	uint64_t armed;     /**< returns waited for */
	uint64_t returned;
	uint64_t abandoned;   /**< never came: the frame was gone */
	uint64_t no_instance; /**< not waited for: AXB_HPROBE_RETURN_MAX pending on that CPU */
};

struct axb_hprobe_info {
	uint64_t address;
	uint64_t function;       /**< as in struct axb_hprobe_plan */
	char name[AXB_NAME_MAX]; /**< "function" or "function+0x10" */
	uint8_t step;            /**< enum axb_step_kind */
	uint32_t throttle;       /**< axb_hprobe_throttle() */
	uint32_t entry_count;    /**< attached */
	uint32_t entries_off;    /**< of them */
	uint32_t return_count;
	uint32_t returns_off;
	struct axb_hprobe_stats stats;
};

/** The next site from *@cursor (0 at first) on; false at the end. Context: thread. */
bool axb_hprobe_next(uint32_t *cursor, struct axb_hprobe_info *out);

#ifdef __cplusplus
}
#endif

#endif
