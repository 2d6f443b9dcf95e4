/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Transactions: what is attached where changes in staged lists, which come into force together.
 */
#include "probes/hprobe/hprobe.h"

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "probes/hprobe/internal.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"
#include "runtime/hooks/text.h"

static bool is_cpu_count(uint32_t cpu_count)
{
	return cpu_count != 0 && cpu_count <= AXB_CPU_MAX;
}

size_t axb_hprobe_memory_size(uint32_t cpu_count)
{
	if (!is_cpu_count(cpu_count)) {
		return 0;
	}
	size_t site = sizeof(struct hprobe_site) + cpu_count * sizeof(struct hprobe_counters);
	return 4 * AXB_CACHE_LINE + AXB_HPROBE_SITE_MAX * site +
	       cpu_count * sizeof(struct hprobe_cpu) +
	       AXB_HPROBE_FETCH_MAX * sizeof(struct axb_fetch);
}

/* Lists. */

static uint8_t type_of(bool is_return)
{
	return is_return ? AXB_PROBE_TYPE_HRETPROBE : AXB_PROBE_TYPE_HPROBE;
}

/* Index of the probe, or the count. */
static uint32_t find_attachment(const struct hprobe_list *list, bool is_return, uint32_t prog)
{
	uint32_t i = 0;
	for (; i < list->count; i++) {
		const struct hprobe_attachment *a = &list->attachments[i];
		uint32_t found = a->prog == NULL ? 0 : axb_prog_id(a->prog).value;
		if (a->is_return == is_return && found == prog) {
			break;
		}
	}
	return i;
}

static bool has(const struct hprobe_list *list, const struct hprobe_attachment *a)
{
	uint32_t prog = a->prog == NULL ? 0 : axb_prog_id(a->prog).value;
	return find_attachment(list, a->is_return, prog) < list->count;
}

static void sum_up(struct hprobe_list *list)
{
	list->active = 0;
	list->may_write = false;
	list->is_told = false;
	memset(list->order_count, 0, sizeof(list->order_count));
	for (uint32_t i = 0; i < list->count; i++) {
		const struct hprobe_attachment *a = &list->attachments[i];
		if (a->is_off) {
			continue;
		}
		uint8_t *count = &list->order_count[a->is_return];
		list->order[a->is_return][(*count)++] = (uint8_t)i;
		list->active++;
		list->may_write = list->may_write || (!a->is_return && a->may_write);
		list->is_told = list->is_told || (a->is_return && a->prog == NULL);
	}
	list->returns = list->order_count[1];
}

/* The list of @site that the transaction changes. */
static struct hprobe_list *stage(struct hprobe_site *site)
{
	if (!site->is_staged) {
		site->staged = site->live == &site->lists[0] ? &site->lists[1] : &site->lists[0];
		*site->staged = *site->live;
		site->is_staged = true;
		site->next_staged = hprobe.staged;
		hprobe.staged = site;
	}
	return site->staged;
}

/* The list as the transaction has it so far. */
static const struct hprobe_list *list_of(const struct hprobe_site *site)
{
	return site->is_staged ? site->staged : site->live;
}

static void put_missing(const struct hprobe_list *from, const struct hprobe_list *in)
{
	for (uint32_t i = 0; i < from->count; i++) {
		const struct hprobe_attachment *a = &from->attachments[i];
		if (a->prog != NULL && !has(in, a)) {
			axb_prog_put(a->prog);
		}
	}
}

/* Transactions. */

void axb_hprobe_begin(void)
{
	axb_spinlock_lock(&hprobe.lock);
}

/* Forgets what is staged. Programs that are no longer attached, or not after all, are put. */
static void end(bool is_done)
{
	while (hprobe.staged != NULL) {
		struct hprobe_site *site = hprobe.staged;
		const struct hprobe_list *other =
			site->staged == &site->lists[0] ? &site->lists[1] : &site->lists[0];
		put_missing(is_done ? other : site->staged, is_done ? site->staged : other);
		hprobe.staged = site->next_staged;
		site->is_staged = false;
	}
	axb_spinlock_unlock(&hprobe.lock);
}

void axb_hprobe_abort(void)
{
	end(false);
}

/* Hits that were missed and not told of yet. */
static uint64_t take_missed(struct hprobe_site *site)
{
	uint64_t missed = 0;
	for (uint32_t cpu = 0; cpu < hprobe.cpu_count; cpu++) {
		missed += axb_load_relaxed(&site->cpus[cpu].numbers.missed);
	}
	uint64_t untold = missed - site->missed_told;
	site->missed_told = missed;
	return untold;
}

/* Tell whose text was left as somebody else had made it. */
static void tell_overwritten(const struct hprobe_site *site)
{
	uint64_t expected = 0;
	uint64_t found = 0;
	memcpy(&expected, site->armed, site->patched);
	if (site->is_overwritten && axb_plat_copy_from(&found, site->address, site->patched)) {
		axb_trace_probe_text_changed(
			AXB_VM_HYPERVISOR, site->event_id, site->address, expected, found);
	}
}

/* Tell of what came and what went. */
static void tell(struct hprobe_site *site)
{
	const struct hprobe_list *now = site->staged;
	const struct hprobe_list *before =
		now == &site->lists[0] ? &site->lists[1] : &site->lists[0];
	for (uint32_t i = 0; i < now->count; i++) {
		const struct hprobe_attachment *a = &now->attachments[i];
		if (!has(before, a)) {
			axb_trace_probe_armed(AXB_VM_HYPERVISOR, site->event_id, site->address,
				type_of(a->is_return));
		}
	}
	for (uint32_t i = 0; i < before->count; i++) {
		const struct hprobe_attachment *a = &before->attachments[i];
		if (has(now, a)) {
			continue;
		}
		uint64_t missed = take_missed(site);
		if (missed != 0) {
			axb_trace_probe_lost(
				AXB_VM_HYPERVISOR, site->event_id, site->address, missed);
		}
		axb_trace_probe_gone(
			AXB_VM_HYPERVISOR, site->event_id, site->address, type_of(a->is_return));
	}
}

/* Sites were staged last first; they are told of in their own order. */
static void reverse_staged(void)
{
	struct hprobe_site *first = NULL;
	while (hprobe.staged != NULL) {
		struct hprobe_site *site = hprobe.staged;
		hprobe.staged = site->next_staged;
		site->next_staged = first;
		first = site;
	}
	hprobe.staged = first;
}

enum axb_status axb_hprobe_commit(struct axb_hprobe_error *why)
{
	enum axb_status st = AXB_OK;
	memset(why, 0, sizeof(*why));
	reverse_staged();
	for (struct hprobe_site *site = hprobe.staged; site != NULL; site = site->next_staged) {
		sum_up(site->staged);
	}
	if (hprobe.staged != NULL) {
		st = hprobe_site_commit();
	}
	for (struct hprobe_site *site = st == AXB_OK ? hprobe.staged : NULL; site != NULL;
		site = site->next_staged) {
		tell(site);
		tell_overwritten(site);
	}
	end(st == AXB_OK);
	return st == AXB_OK ? AXB_OK
			    : hprobe_refuse(why, st, AXB_REFUSE_NONE, "the text cannot be written");
}

/* The program of @config, referenced; NULL for none. */
static enum axb_status get_prog(
	const struct axb_hprobe_config *config, struct axb_prog **out, struct axb_hprobe_error *why)
{
	struct axb_prog_info info;
	enum axb_prog_type wanted =
		config->is_return ? AXB_PROG_TYPE_HRETPROBE : AXB_PROG_TYPE_HPROBE;
	*out = NULL;
	if (config->prog.value == 0) {
		return AXB_OK;
	}
	enum axb_status st = axb_prog_info(config->prog, &info);
	if (st == AXB_OK && info.type != wanted) {
		return hprobe_refuse(why, AXB_ERR_UNSUPPORTED, AXB_REFUSE_NONE,
			"the program is for another kind of probe (its section says so)");
	}
	if (st == AXB_OK) {
		st = axb_prog_get(config->prog, out);
	}
	return st == AXB_OK ? st : hprobe_refuse(why, st, AXB_REFUSE_NONE, "the program is gone");
}

static enum axb_status check_room(const struct hprobe_site *site,
	const struct axb_hprobe_config *config, struct axb_hprobe_error *why)
{
	const struct hprobe_list *list = list_of(site);
	if (find_attachment(list, config->is_return, config->prog.value) < list->count) {
		return hprobe_refuse(
			why, AXB_ERR_EXISTS, AXB_REFUSE_NONE, "the same probe is there already");
	}
	if (list->count == AXB_HPROBE_PER_SITE_MAX) {
		return hprobe_refuse(why, AXB_ERR_FULL, AXB_REFUSE_NONE,
			"this address has as many probes as it can have");
	}
	return AXB_OK;
}

static enum axb_status find_place(const struct axb_hprobe_config *config, struct hprobe_site **out,
	struct axb_hprobe_error *why)
{
	struct axb_hprobe_plan plan;
	uint8_t insn[HPROBE_INSN_MAX];
	AXB_TRY(hprobe_plan(config->address, &plan, insn, why));
	if (config->is_return && plan.symbol_offset != 0) {
		return hprobe_refuse(why, AXB_ERR_ARG, AXB_REFUSE_NONE,
			"a return probe goes to the beginning of a function");
	}
	if (config->fetch != NULL && config->fetch->uses_arguments && plan.symbol_offset != 0) {
		return hprobe_refuse(why, AXB_ERR_ARG, AXB_REFUSE_NONE,
			"$argN is known at the beginning of a function only");
	}
	struct hprobe_site *site = hprobe_site_for(&plan, insn);
	if (site == NULL) {
		return hprobe_refuse(
			why, AXB_ERR_LIMIT, AXB_REFUSE_NONE, "too many addresses are probed");
	}
	AXB_TRY(check_room(site, config, why));
	AXB_TRY(hprobe_site_prepare(site, &plan, insn, why));
	*out = site;
	return AXB_OK;
}

enum axb_status axb_hprobe_add(const struct axb_hprobe_config *config, struct axb_hprobe_error *why)
{
	struct axb_prog *prog;
	struct hprobe_site *site = NULL;
	memset(why, 0, sizeof(*why));
	if (!hprobe.is_initialized) {
		return hprobe_refuse(
			why, AXB_ERR_STATE, AXB_REFUSE_NONE, "probes are not initialized");
	}
	AXB_TRY(get_prog(config, &prog, why));
	struct hprobe_attachment attachment = {
		.prog = prog,
		.cookie = config->cookie,
		.is_return = config->is_return,
		.may_write = config->may_write,
	};
	enum axb_status st = find_place(config, &site, why);
	if (st == AXB_OK) {
		AXB_CHECK(site != NULL);
		st = hprobe_fetch_keep(site, config, &attachment, why);
	}
	if (st != AXB_OK) {
		if (prog != NULL) {
			axb_prog_put(prog);
		}
		return st;
	}
	struct hprobe_list *list = stage(site);
	list->attachments[list->count++] = attachment;
	if (prog != NULL && has(site->live, &attachment)) {
		/* This transaction removed it before: it has its reference still. */
		axb_prog_put(prog);
	}
	return AXB_OK;
}

/* The site with that probe, and where the probe is in its list; NULL. */
static struct hprobe_site *find_probe(
	uint64_t address, bool is_return, axb_prog_id_t prog, uint32_t *at)
{
	struct hprobe_site *site = hprobe_site_at(address);
	if (site == NULL) {
		return NULL;
	}
	*at = find_attachment(list_of(site), is_return, prog.value);
	return *at < list_of(site)->count ? site : NULL;
}

enum axb_status axb_hprobe_remove(uint64_t address, bool is_return, axb_prog_id_t prog)
{
	uint32_t at = 0;
	struct hprobe_site *site = find_probe(address, is_return, prog, &at);
	if (site == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	struct hprobe_list *list = stage(site);
	const struct hprobe_attachment removed = list->attachments[at];
	if (removed.prog != NULL && !has(site->live, &removed)) {
		/* This transaction added it. */
		axb_prog_put(removed.prog);
	}
	list->count--;
	for (uint32_t i = at; i < list->count; i++) {
		list->attachments[i] = list->attachments[i + 1];
	}
	return AXB_OK;
}

enum axb_status axb_hprobe_enable(uint64_t address, bool is_return, axb_prog_id_t prog, bool on)
{
	uint32_t at = 0;
	struct hprobe_site *site = find_probe(address, is_return, prog, &at);
	if (site == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	stage(site)->attachments[at].is_off = !on;
	return AXB_OK;
}

enum axb_status axb_hprobe_attach(
	const struct axb_hprobe_config *config, struct axb_hprobe_error *why)
{
	axb_hprobe_begin();
	enum axb_status st = axb_hprobe_add(config, why);
	if (st != AXB_OK) {
		axb_hprobe_abort();
		return st;
	}
	return axb_hprobe_commit(why);
}

enum axb_status axb_hprobe_detach(uint64_t address, bool is_return, axb_prog_id_t prog)
{
	struct axb_hprobe_error why;
	if (!hprobe.is_initialized) {
		return AXB_ERR_STATE;
	}
	axb_hprobe_begin();
	enum axb_status st = axb_hprobe_remove(address, is_return, prog);
	if (st != AXB_OK) {
		axb_hprobe_abort();
		return st;
	}
	return axb_hprobe_commit(&why);
}

enum axb_status axb_hprobe_throttle(uint64_t address, uint32_t hits_per_ms)
{
	struct hprobe_site *site = hprobe_site_at(address);
	if (site == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	axb_store_relaxed(&site->throttle, hits_per_ms);
	return AXB_OK;
}

void axb_hprobe_quiescent(void)
{
	uint32_t cpu_id = axb_plat_cpu_id();
	if (hprobe.is_initialized && cpu_id < hprobe.cpu_count) {
		/* Acquire; pairs with the release in hprobe_site_commit(). Release; pairs with the
		 * acquire in is_quiet(). */
		axb_store_release(
			&hprobe.cpus[cpu_id].generation, axb_load_acquire(&hprobe.generation));
	}
}

/* Listing. */

static void add_stats(struct axb_hprobe_stats *sum, const struct axb_hprobe_stats *s)
{
	const uint64_t *from = (const uint64_t *)(const void *)s;
	uint64_t *to = (uint64_t *)(void *)sum;
	for (size_t i = 0; i < sizeof(*s) / sizeof(*from); i++) {
		to[i] += axb_load_relaxed(&from[i]);
	}
}

static void describe(const struct hprobe_site *site, struct axb_hprobe_info *out)
{
	memset(out, 0, sizeof(*out));
	out->address = site->address;
	out->function = site->function;
	memcpy(out->name, site->name, sizeof(out->name));
	out->step = site->step;
	out->throttle = site->throttle;
	for (uint32_t i = 0; i < site->live->count; i++) {
		const struct hprobe_attachment *a = &site->live->attachments[i];
		out->entry_count += !a->is_return;
		out->entries_off += !a->is_return && a->is_off;
		out->return_count += a->is_return;
		out->returns_off += a->is_return && a->is_off;
	}
	for (uint32_t cpu = 0; cpu < hprobe.cpu_count; cpu++) {
		add_stats(&out->stats, &site->cpus[cpu].numbers);
	}
	out->stats.hits = out->stats.handled + out->stats.missed + out->stats.throttled;
}

bool axb_hprobe_next(uint32_t *cursor, struct axb_hprobe_info *out)
{
	bool found = false;
	if (!hprobe.is_initialized) {
		return false;
	}
	axb_spinlock_lock(&hprobe.lock);
	while (!found && *cursor < hprobe.site_count) {
		const struct hprobe_site *site = &hprobe.sites[(*cursor)++];
		found = site->live->count != 0;
		if (found) {
			describe(site, out);
		}
	}
	axb_spinlock_unlock(&hprobe.lock);
	return found;
}

/* Life. */

static enum axb_status init_slots(void)
{
	uint64_t start = 0;
	size_t size = 0;
	if (!axb_plat_slot_area(&start, &size) || size < AXB_SLOT_SIZE) {
		return AXB_ERR_UNSUPPORTED;
	}
	size_t slots = size / AXB_SLOT_SIZE;
	hprobe.slots = start;
	hprobe.site_max = slots < AXB_HPROBE_SITE_MAX ? (uint32_t)slots : AXB_HPROBE_SITE_MAX;
	return AXB_OK;
}

enum axb_status axb_hprobe_init(uint32_t cpu_count, struct axb_arena *arena)
{
	if (hprobe.is_initialized) {
		return AXB_ERR_STATE;
	}
	if (!is_cpu_count(cpu_count)) {
		return AXB_ERR_ARG;
	}
	size_t mark = axb_arena_mark(arena);
	struct hprobe_site *sites = axb_arena_alloc_array(
		arena, AXB_HPROBE_SITE_MAX, sizeof(*sites), _Alignof(struct hprobe_site));
	struct hprobe_counters *counters =
		axb_arena_alloc_array(arena, (size_t)AXB_HPROBE_SITE_MAX * cpu_count,
			sizeof(*counters), _Alignof(struct hprobe_counters));
	struct hprobe_cpu *cpus =
		axb_arena_alloc_array(arena, cpu_count, sizeof(*cpus), _Alignof(struct hprobe_cpu));
	struct axb_fetch *fetches = axb_arena_alloc_array(
		arena, AXB_HPROBE_FETCH_MAX, sizeof(*fetches), _Alignof(struct axb_fetch));
	enum axb_status st = sites == NULL || counters == NULL || cpus == NULL || fetches == NULL
				     ? AXB_ERR_NOMEM
				     : init_slots();
	if (st != AXB_OK) {
		axb_arena_reset(arena, mark);
		return st;
	}
	for (uint32_t i = 0; i < AXB_HPROBE_SITE_MAX; i++) {
		sites[i].cpus = &counters[(size_t)i * cpu_count];
		sites[i].live = &sites[i].lists[0];
	}
	hprobe.sites = sites;
	hprobe.cpus = cpus;
	hprobe.fetches = fetches;
	hprobe.cpu_count = cpu_count;
	hprobe.entry_count = axb_plat_patch_sites(&hprobe.entries);
	hprobe_join_nops();
	hprobe_prepare_stubs();
	hprobe.is_initialized = true;
	axb_trap_handler_add(hprobe_on_trap);
	return AXB_OK;
}

void axb_hprobe_deinit(void)
{
	struct axb_hprobe_error why;
	axb_hprobe_begin();
	for (uint32_t i = 0; i < hprobe.site_count; i++) {
		if (hprobe.sites[i].live->count != 0) {
			stage(&hprobe.sites[i])->count = 0;
		}
	}
	/* What was written can be written again. */
	AXB_CHECK(axb_hprobe_commit(&why) == AXB_OK);
	memset(&hprobe, 0, sizeof(hprobe));
}
