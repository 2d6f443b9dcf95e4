/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the parts of hprobe share.
 *
 * Lock order: hprobe.lock is the only lock; thread context only. A hit looks its site up in hash
 * chains that are published link by link. What it found stays valid while the epoch of its CPU is
 * odd; a CPU may be in a slot or stub of a site, or on the way there, until it passes
 * axb_hprobe_quiescent().
 */
#ifndef AXB_PROBES_HPROBE_INTERNAL_H_
#define AXB_PROBES_HPROBE_INTERNAL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/fetch/fetch.h"
#include "probes/hprobe/arch.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/base/limits.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"

#define HPROBE_BUCKETS 4096u
/** Arguments that the event of a return has from the entry, behind the result. */
#define HPROBE_ENTRY_ARGUMENTS 3u

struct hprobe_attachment {
	struct axb_prog *prog;         /* NULL: events */
	const struct axb_fetch *fetch; /* their arguments; NULL: the usual ones */
	uint64_t cookie;
	uint16_t name_offset; /* of the events */
	bool is_return;
	bool may_write;
	bool is_off;
};

/** Never changed once published: a change publishes the other one. */
struct hprobe_list {
	uint32_t count;
	uint32_t active;  /* not off */
	uint32_t returns; /* of the active ones */
	bool may_write;   /* a program of an active one may change registers at the entry */
	bool is_told;     /* an active return probe emits events, with what was at the entry */
	/* indices of the active ones: [0] entries, [1] returns */
	uint8_t order_count[2];
	uint8_t order[2][AXB_HPROBE_PER_SITE_MAX];
	struct hprobe_attachment attachments[AXB_HPROBE_PER_SITE_MAX];
};

/** What one CPU counts at one site: written there only, but for what its traps miss. */
struct hprobe_counters {
	struct axb_hprobe_stats numbers; /* hits is summed up by whoever reads */
	uint64_t window;                 /* millisecond of in_window */
	uint32_t in_window;
} AXB_ALIGNED(AXB_CACHE_LINE);

struct hprobe_site {
	uint64_t address;  /* first: stub.S reads it */
	uint64_t function; /* the address by which it was asked for: that of the landing pad */
	uint32_t next;     /* index + 1 in its chain */
	bool is_armed;     /* in a chain, and in the text */
	uint8_t step;      /* enum axb_step_kind */
	uint8_t length;    /* of the instruction */
	uint8_t patched;   /* bytes that arming changes */
	uint8_t insn[HPROBE_INSN_MAX];
	uint8_t armed[HPROBE_INSN_MAX]; /* instead of insn */
	struct hprobe_decoded decoded;  /* of AXB_STEP_SIMULATE */
	uint32_t event_id;
	uint16_t name_offset;
	char name[AXB_NAME_MAX];
	uint32_t throttle; /* hits of one CPU in a millisecond; 0 = any number */
	const struct hprobe_list *live;
	struct hprobe_list lists[2];
	uint64_t missed_told; /* by probe:lost */
	uint64_t retired;     /* generation in which the last probe went */
	bool is_overwritten;  /* somebody else has changed the text while it was armed */
	/* in a transaction */
	bool is_staged;
	struct hprobe_list *staged;
	struct hprobe_site *next_staged;
	struct hprobe_counters *cpus;
};

/** A return that is waited for. Another CPU may take it: a thread may have moved. */
struct hprobe_instance {
	uint64_t frame; /* 0 = free */
	struct hprobe_site *site;
	uint64_t address;
	/* of the entry, for events; left as it was when nobody asked */
	bool is_told;
	uint64_t entered_ns;
	uint64_t arguments[HPROBE_ENTRY_ARGUMENTS];
};

struct hprobe_cpu {
	uint64_t epoch;      /* odd while a hit is handled */
	uint64_t generation; /* of the last axb_hprobe_quiescent() */
	uint32_t instance_count;
	struct hprobe_instance instances[AXB_HPROBE_RETURN_MAX];
} AXB_ALIGNED(AXB_CACHE_LINE);

/** Code that is not probed, and why. */
struct hprobe_forbidden {
	uint64_t start;
	uint64_t size;
	const char *reason;
};

struct hprobe_state {
	struct axb_spinlock lock;
	bool is_initialized;
	uint32_t cpu_count;
	uint32_t site_count; /* ever used */
	uint32_t site_max;
	uint32_t next_event_id;
	struct hprobe_site *sites;
	struct hprobe_cpu *cpus;
	struct axb_fetch *fetches; /* AXB_HPROBE_FETCH_MAX; shared by attachments */
	uint64_t slots;            /* one for each site */
	const uint64_t *entries;   /* patch sites of the compiler */
	size_t entry_count;
	bool has_new_stub;   /* that not all CPUs may fetch yet */
	uint64_t generation; /* of what was retired last */
	struct hprobe_site *staged;
	uint32_t forbidden_count;
	struct hprobe_forbidden forbidden[AXB_HPROBE_FORBIDDEN_MAX];
	uint32_t buckets[HPROBE_BUCKETS];
};

extern struct hprobe_state hprobe;

/** Fill @why; @return @status. */
enum axb_status hprobe_refuse(struct axb_hprobe_error *why, enum axb_status status,
	enum axb_refuse reason, const char *what);

/** hit.c: what axb_probe_dispatch() calls. */
enum axb_verdict hprobe_on_trap(const struct axb_trap *trap, struct axb_regs *regs);
/** The armed site at @address; NULL. Context: any. */
struct hprobe_site *hprobe_find(uint64_t address);

/** plan.c: as axb_hprobe_plan(), and the instruction there. The lock is held. */
enum axb_status hprobe_plan(uint64_t address, struct axb_hprobe_plan *out,
	uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why);
/** Make one instruction of the NOPs at each patch site. Context: boot. */
void hprobe_join_nops(void);

/** fetched.c: set the fetch arguments of @out, and the name that says them, to what @config has. */
enum axb_status hprobe_fetch_keep(const struct hprobe_site *site,
	const struct axb_hprobe_config *config, struct hprobe_attachment *out,
	struct axb_hprobe_error *why);

/** site.c: the site for @plan: the one that has this address, or a free one. NULL = none is. */
struct hprobe_site *hprobe_site_for(
	const struct axb_hprobe_plan *plan, const uint8_t insn[HPROBE_INSN_MAX]);
/** The site in use that was asked for by @address, or is there; NULL. */
struct hprobe_site *hprobe_site_at(uint64_t address);
/** Prepare what a hit at it will need. */
enum axb_status hprobe_site_prepare(struct hprobe_site *site, const struct axb_hprobe_plan *plan,
	const uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why);
/** The slot or stub of @site. */
uint64_t hprobe_site_slot(const struct hprobe_site *site);
/** Put all staged lists in force: text, chains and lists. On return no CPU is in a hit that saw
 * the old ones. @return AXB_ERR_FAULT when the text cannot be written: nothing has changed. */
enum axb_status hprobe_site_commit(void);

#endif
