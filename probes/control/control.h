/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The one facade for attaching: parses a probe spec as design and bpftrace have it
 * ("tracepoint:vcpu:exit", "t:vcpu:*", comma lists, fetch arguments), and hands it to the kind of
 * probe that the platform linked in. All or nothing: a spec that matches several sites attaches to
 * all or to none.
 */
#ifndef AXB_PROBES_CONTROL_CONTROL_H_
#define AXB_PROBES_CONTROL_CONTROL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/fetch/fetch.h"
#include "runtime/base/limits.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"
#include "runtime/prog/prog.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is wrong with a spec: caret position, reason, and the nearest valid word. */
struct axb_control_error {
	uint32_t column; /**< 0-based position in the spec */
	char what[128];
	char nearest[AXB_NAME_MAX]; /**< "" = no suggestion */
};

/** A site with attached probes of one kind. Law: hits = handled + missed + throttled, and what is
 * under way. */
struct axb_probe_info {
	uint64_t address;
	char name[AXB_NAME_MAX];
	const char *how;   /**< in a word, how the code there is got past */
	uint32_t attached; /**< probes of this kind */
	uint32_t disabled; /**< of them */
	uint32_t throttle; /**< hits a millisecond and CPU; 0 = any number */
	uint64_t hits;
	uint64_t handled;
	uint64_t missed;
	uint64_t throttled;
};

/** Code that probes of one kind are kept away from. */
struct axb_probe_range {
	uint64_t start;
	uint64_t size; /**< bytes */
	const char *reason;
};

/** What is attached. */
struct axb_control_config {
	axb_prog_id_t prog; /**< {0} = no program, events only, where the kind has that */
	uint64_t cookie;    /**< bpf_get_attach_cookie() */
	bool may_write;     /**< the program may change the registers, where the kind has that */
	/** Arguments of the events: axb_control_attach() sets it from the spec. NULL = the usual
	 * ones. */
	const struct axb_fetch *fetch;
};

/** A kind of probe: one per probe type that a platform links in. */
struct axb_probe_kind {
	const char *name; /**< "tracepoint" */
	const char *cost; /**< cost class in words, for axb_control_check() */
	/** Sites that @pattern (the spec without its kind) matches; AXB_ERR_NOT_FOUND = none. */
	enum axb_status (*count)(const char *pattern, uint32_t *count);
	enum axb_status (*attach)(const char *pattern, const struct axb_control_config *config,
		uint32_t *attached, struct axb_control_error *why);
	/** Make fetch arguments ready, as axb_fetch_parse(). NULL = it has none. */
	enum axb_status (*fetch)(
		const char *text, struct axb_fetch *out, struct axb_fetch_error *why);
	enum axb_status (*detach)(const char *pattern, axb_prog_id_t prog, uint32_t *detached);
	/** A transaction: what is attached, detached and enabled between them comes into force at
	 * commit, in one step, or not at all. Kinds with the same functions share it. NULL = each
	 * change is one of its own. */
	void (*begin)(void);
	enum axb_status (*commit)(struct axb_control_error *why);
	void (*abort)(void);
	/** Let what @prog has at the sites of @pattern rest, or go on. NULL = it cannot. */
	enum axb_status (*enable)(
		const char *pattern, axb_prog_id_t prog, bool on, uint32_t *changed);
	/** At most that many hits a millisecond and CPU at each; 0 = any number. NULL = it cannot.
	 */
	enum axb_status (*throttle)(const char *pattern, uint32_t hits_per_ms, uint32_t *changed);
	/** Name of site @index; false at the end. For suggestions and completion. */
	bool (*site)(uint32_t index, char *name, size_t size);
	/** VM @vm has ended: give up what is attached in it. NULL = this kind has nothing in VMs.
	 */
	void (*vm_gone)(uint16_t vm);
	/** For axb_control_check(): a line for each site of @pattern; NULL = nothing to add. */
	void (*explain)(const char *pattern, struct axb_text *out);
	/** The next site from *@cursor (0 at first) on that has probes of this kind; false at the
	 * end. NULL = not known. */
	bool (*next)(uint32_t *cursor, struct axb_probe_info *out);
	/** The next range from *@cursor on; false at the end. NULL = there are none. */
	bool (*next_range)(uint32_t *cursor, struct axb_probe_range *out);
};

/** The table of kinds; must stay. Context: boot. */
void axb_control_init(const struct axb_probe_kind *const *kinds, uint32_t kind_count);

/** The kinds; each is in a library of its own: :tracepoint, //probes/hprobe:kind. */
extern const struct axb_probe_kind axb_probe_kind_tracepoint;
extern const struct axb_probe_kind axb_probe_kind_hprobe;
extern const struct axb_probe_kind axb_probe_kind_hretprobe;

/**
 * Attach @config at every site of @spec, which may end with fetch arguments for the events:
 * "hprobe:vm_start vm=$arg1:u32 name=+8($arg2):string".
 * @param attached number of sites.
 * Context: thread.
 * @return AXB_OK; AXB_ERR_ARG (@spec is malformed); AXB_ERR_NOT_FOUND (unknown kind or no site);
 *   errors of the kind. On any error nothing is attached and @why says what and where.
 */
AXB_MUST_USE enum axb_status axb_control_attach(const char *spec,
	const struct axb_control_config *config, uint32_t *attached, struct axb_control_error *why);

/** Detach @prog from every site of @spec where it is attached. */
AXB_MUST_USE enum axb_status axb_control_detach(
	const char *spec, axb_prog_id_t prog, uint32_t *detached, struct axb_control_error *why);

/** Let what @prog ({0} = events) has at the sites of @spec rest without detaching it, or go on.
 * @return AXB_OK; AXB_ERR_UNSUPPORTED: these probes cannot rest; else as axb_control_detach(). */
AXB_MUST_USE enum axb_status axb_control_enable(const char *spec, axb_prog_id_t prog, bool on,
	uint32_t *changed, struct axb_control_error *why);

/** Let each CPU handle at most @hits_per_ms hits in a millisecond at each probed site of @spec; 0 =
 * any number. @return as axb_control_enable(). */
AXB_MUST_USE enum axb_status axb_control_throttle(
	const char *spec, uint32_t hits_per_ms, uint32_t *changed, struct axb_control_error *why);

/** Attach a program at what its section name says ("tracepoint/vcpu/exit"). */
AXB_MUST_USE enum axb_status axb_control_attach_auto(
	axb_prog_id_t prog, uint32_t *attached, struct axb_control_error *why);

/** "Can this be probed, how, at what cost, and if not, why": text for `check SPEC`. */
AXB_MUST_USE enum axb_status axb_control_check(
	const char *spec, struct axb_text *out, struct axb_control_error *why);

/** Number of kinds that are linked in. */
uint32_t axb_control_kind_count(void);

const char *axb_control_kind_name(uint32_t kind);

/** The next site from *@cursor (0 at first) on that has probes of kind @kind; false at the end.
 * Context: thread. */
bool axb_control_next(uint32_t kind, uint32_t *cursor, struct axb_probe_info *out);

/** The next range of code that probes of kind @kind are kept away from; as axb_control_next(). */
bool axb_control_next_range(uint32_t kind, uint32_t *cursor, struct axb_probe_range *out);

/**
 * A spec for site @index of kind @kind to @spec, for completion.
 * @return false when there are no more, or it does not fit.
 */
bool axb_control_site(uint32_t kind, uint32_t index, char *spec, size_t size);

/**
 * Tell every kind of probe that VM @vm has ended: what was attached in it is gone, its id may be
 * given to another VM. Idempotent; any id. Context: thread, when none of its vCPUs runs any more.
 */
void axb_vm_gone(uint16_t vm);

/** The spec with a caret under the column, the reason, and the suggestion. */
void axb_control_explain(
	const char *spec, const struct axb_control_error *error, struct axb_text *out);

#ifdef __cplusplus
}
#endif

#endif
