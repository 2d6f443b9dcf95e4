/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Sites: which address has which, what a hit there needs, and how changes of several come into
 * force together. The lock is held.
 */
#include "probes/hprobe/internal.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"
#include "runtime/hooks/text.h"

/* Ids of events from probes: above those of tracepoints. */
#define EVENT_ID_FIRST 0x10000u

/* A site is in use while it has probes, or is about to have. */
static bool is_used(const struct hprobe_site *site)
{
	return site->live->count != 0 || site->is_staged;
}

struct hprobe_site *hprobe_site_at(uint64_t address)
{
	for (uint32_t i = 0; i < hprobe.site_count; i++) {
		struct hprobe_site *site = &hprobe.sites[i];
		if (is_used(site) && (site->address == address || site->function == address)) {
			return site;
		}
	}
	return NULL;
}

AXB_NOPROBE uint64_t hprobe_site_slot(const struct hprobe_site *site)
{
	return hprobe.slots + (uint64_t)(site - hprobe.sites) * AXB_SLOT_SIZE;
}

/* No CPU is in its slot or stub, or on the way there, and no return is waited for. */
static bool is_quiet(const struct hprobe_site *site)
{
	uint64_t pending = 0;
	for (uint32_t cpu = 0; cpu < hprobe.cpu_count; cpu++) {
		const struct axb_hprobe_stats *s = &site->cpus[cpu].numbers;
		pending += axb_load_relaxed(&s->armed) - axb_load_relaxed(&s->returned) -
			   axb_load_relaxed(&s->abandoned);
		/* Acquire; pairs with the release in axb_hprobe_quiescent(). */
		if (axb_load_acquire(&hprobe.cpus[cpu].generation) < site->retired) {
			return false;
		}
	}
	return pending == 0;
}

static void make_fresh(struct hprobe_site *site)
{
	struct hprobe_counters *cpus = site->cpus;
	for (uint32_t cpu = 0; cpu < hprobe.cpu_count; cpu++) {
		memset(&cpus[cpu], 0, sizeof(cpus[cpu]));
	}
	memset(site, 0, sizeof(*site));
	site->cpus = cpus;
	site->live = &site->lists[0];
	site->event_id = EVENT_ID_FIRST + hprobe.next_event_id++;
}

/* A site without probes that had this address, for the same instruction. */
static struct hprobe_site *find_former(
	const struct axb_hprobe_plan *plan, const uint8_t insn[HPROBE_INSN_MAX])
{
	for (uint32_t i = 0; i < hprobe.site_count; i++) {
		struct hprobe_site *site = &hprobe.sites[i];
		if (!is_used(site) && site->address == plan->address &&
			site->function == plan->function && site->step == plan->step.kind &&
			memcmp(site->insn, insn, HPROBE_INSN_MAX) == 0) {
			return site;
		}
	}
	return NULL;
}

static struct hprobe_site *take_free(void)
{
	if (hprobe.site_count < hprobe.site_max) {
		return &hprobe.sites[hprobe.site_count++];
	}
	for (uint32_t i = 0; i < hprobe.site_count; i++) {
		if (!is_used(&hprobe.sites[i]) && is_quiet(&hprobe.sites[i])) {
			return &hprobe.sites[i];
		}
	}
	return NULL;
}

struct hprobe_site *hprobe_site_for(
	const struct axb_hprobe_plan *plan, const uint8_t insn[HPROBE_INSN_MAX])
{
	struct hprobe_site *site = hprobe_site_at(plan->address);
	if (site == NULL) {
		site = find_former(plan, insn);
	}
	if (site == NULL) {
		site = take_free();
		if (site != NULL) {
			make_fresh(site);
		}
	}
	return site;
}

static void name_site(struct hprobe_site *site, const struct axb_hprobe_plan *plan)
{
	struct axb_text text;
	axb_text_init(&text, site->name, sizeof(site->name));
	axb_text_str(&text, plan->symbol);
	if (plan->symbol_offset != 0) {
		axb_text_char(&text, '+');
		axb_text_0x(&text, plan->symbol_offset, 1);
	}
	if (axb_event_name_add(site->name, &site->name_offset) != AXB_OK) {
		site->name_offset = AXB_EVENT_NAME_NONE;
	}
}

static enum axb_status make_slot(struct hprobe_site *site, struct axb_hprobe_error *why)
{
	struct axb_slot_code code;
	uint64_t slot = hprobe_site_slot(site);
	enum axb_refuse reason =
		site->step == AXB_STEP_SITE
			? hprobe_stub(slot, site->address + site->length, site, &code)
			: hprobe_slot(site->insn, site->address, slot, &code);
	if (reason != AXB_REFUSE_NONE) {
		return hprobe_refuse(why, AXB_ERR_REJECTED, reason, axb_refuse_text(reason));
	}
	if (!axb_plat_text_write(slot, code.bytes, code.size)) {
		return hprobe_refuse(
			why, AXB_ERR_FAULT, AXB_REFUSE_NONE, "the slot area cannot be written");
	}
	hprobe.has_new_stub = hprobe.has_new_stub || site->step == AXB_STEP_SITE;
	return AXB_OK;
}

/* What goes into the text instead of the instruction. */
static enum axb_status make_armed(struct hprobe_site *site, struct axb_hprobe_error *why)
{
	memcpy(site->armed, site->insn, HPROBE_INSN_MAX);
	if (site->step != AXB_STEP_SITE) {
		site->patched = hprobe_breakpoint_size;
		memcpy(site->armed, hprobe_breakpoint, hprobe_breakpoint_size);
		return AXB_OK;
	}
	if (!hprobe_jump(site->address, hprobe_site_slot(site), site->armed)) {
		return hprobe_refuse(
			why, AXB_ERR_REJECTED, AXB_REFUSE_RANGE, axb_refuse_text(AXB_REFUSE_RANGE));
	}
	site->patched = hprobe_jump_size;
	return AXB_OK;
}

enum axb_status hprobe_site_prepare(struct hprobe_site *site, const struct axb_hprobe_plan *plan,
	const uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	if (site->is_armed || site->patched != 0) {
		return AXB_OK;
	}
	site->address = plan->address;
	site->function = plan->function;
	site->step = plan->step.kind;
	site->length = plan->step.length;
	memcpy(site->insn, insn, HPROBE_INSN_MAX);
	hprobe_decode(site->insn, &site->decoded);
	if (site->step != AXB_STEP_SIMULATE) {
		AXB_TRY(make_slot(site, why));
	}
	AXB_TRY(make_armed(site, why));
	name_site(site, plan);
	return AXB_OK;
}

/* Putting in force. */

static bool will_be_armed(const struct hprobe_site *site)
{
	return site->staged->active != 0;
}

static void link_site(struct hprobe_site *site)
{
	uint32_t *head = &hprobe.buckets[site->address / 4 % HPROBE_BUCKETS];
	axb_store_relaxed(&site->next, axb_load_relaxed(head));
	/* Release; pairs with the acquire in hprobe_find(). */
	axb_store_release(head, (uint32_t)(site - hprobe.sites) + 1);
}

static void unlink_site(struct hprobe_site *site)
{
	uint32_t *link = &hprobe.buckets[site->address / 4 % HPROBE_BUCKETS];
	while (*link != (uint32_t)(site - hprobe.sites) + 1) {
		link = &hprobe.sites[*link - 1].next;
	}
	axb_store_release(link, site->next);
}

/* Returns when no CPU is in a hit that began before all CPUs were synchronized last. */
static void wait_for_hits(void)
{
	uint32_t self = axb_plat_cpu_id();
	for (uint32_t i = 0; i < hprobe.cpu_count; i++) {
		/* Acquire; pairs with the release in leave(). */
		uint64_t epoch = axb_load_acquire(&hprobe.cpus[i].epoch);
		/* A hit ends: runs are bounded by fuel, so this is too. */
		while (i != self && (epoch & 1) != 0 &&
			axb_load_acquire(&hprobe.cpus[i].epoch) == epoch) {
			axb_cpu_relax();
		}
	}
}

/* What of a site that was armed is no longer what was written there stays as it is. */
static void find_overwritten(void)
{
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		uint8_t now[HPROBE_INSN_MAX];
		site->is_overwritten = site->is_armed && !will_be_armed(site) &&
				       axb_plat_copy_from(now, site->address, site->patched) &&
				       memcmp(now, site->armed, site->patched) != 0;
	}
}

/* Staged sites whose text changes. */
static struct hprobe_site *next_changing(struct hprobe_site *site)
{
	while (site != NULL && (site->is_armed == will_be_armed(site) || site->is_overwritten)) {
		site = site->next_staged;
	}
	return site;
}

/* Where axb_patch_apply_all() is in the list of them. */
struct cursor {
	struct hprobe_site *site;
	uint32_t index;
};

static void change_at(void *cookie, uint32_t index, uint64_t *address, struct axb_patch_plan *plan)
{
	struct cursor *cursor = cookie;
	if (index < cursor->index || cursor->site == NULL) {
		*cursor = (struct cursor){.site = next_changing(hprobe.staged)};
	}
	for (; cursor->index < index; cursor->index++) {
		cursor->site = next_changing(cursor->site->next_staged);
	}
	const struct hprobe_site *site = cursor->site;
	bool is_armed = site->is_armed;
	*address = site->address;
	/* Its sizes are those that make_armed() gave. */
	AXB_CHECK(hprobe_plan_patch(is_armed ? site->armed : site->insn,
			  is_armed ? site->insn : site->armed, site->patched, plan) == AXB_OK);
}

/* All other CPUs are synchronized at least once, whatever is written. @return AXB_ERR_FAULT:
 * nothing was. */
static enum axb_status write_texts(void)
{
	struct cursor cursor = {.site = NULL};
	uint32_t count = 0;
	for (struct hprobe_site *site = next_changing(hprobe.staged); site != NULL;
		site = next_changing(site->next_staged)) {
		count++;
	}
	if (count == 0 || (hprobe.has_new_stub && hprobe_jump_is_one_write)) {
		/* A jump to a stub is no context synchronization event, as a trap before a slot is:
		 * what others fetched there before must be gone. A jump that is written behind a
		 * breakpoint has them synchronized on the way. */
		axb_plat_text_sync();
	}
	hprobe.has_new_stub = false;
	return count == 0 ? AXB_OK : axb_patch_apply_all(change_at, &cursor, count);
}

static const struct hprobe_list *other_list(
	const struct hprobe_site *site, const struct hprobe_list *list)
{
	return list == &site->lists[0] ? &site->lists[1] : &site->lists[0];
}

static void publish(void)
{
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		/* Release; pairs with the acquire in hit(). */
		axb_store_release(&site->live, site->staged);
	}
}

static void unpublish(void)
{
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		axb_store_release(&site->live, other_list(site, site->staged));
	}
}

static void link_new(void)
{
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		if (will_be_armed(site) && !site->is_armed) {
			link_site(site);
		}
	}
}

static void unlink_new(void)
{
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		if (will_be_armed(site) && !site->is_armed) {
			unlink_site(site);
		}
	}
}

static void finish(void)
{
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		if (site->is_armed && !will_be_armed(site)) {
			unlink_site(site);
		}
		site->is_armed = will_be_armed(site);
		if (site->staged->count == 0) {
			site->retired = hprobe.generation + 1;
		}
	}
}

enum axb_status hprobe_site_commit(void)
{
	find_overwritten();
	publish();
	link_new();
	/* Who comes into a hit from here on sees the new lists: writing synchronizes. */
	enum axb_status st = write_texts();
	if (st != AXB_OK) {
		unlink_new();
		unpublish();
		axb_plat_text_sync();
		wait_for_hits();
		return st;
	}
	finish();
	wait_for_hits();
	/* Who passes from here on has left what was retired. Release; pairs with the acquire in
	 * axb_hprobe_quiescent(). */
	axb_store_release(&hprobe.generation, hprobe.generation + 1);
	return AXB_OK;
}
