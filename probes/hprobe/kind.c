/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * hprobe:SITE and hretprobe:SITE as kinds of probes, where SITE is a function, a function with an
 * offset ("f+0x10"), an address ("0x40201000") or a glob over functions ("vm_*").
 */
#include "probes/control/control.h"
#include "probes/hprobe/hprobe.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/sym/sym.h"

/** Sites of a pattern, one after the other. */
struct search {
	const char *pattern;
	uint32_t cursor;
	bool is_glob;
	bool is_done;
};

static bool has_glob(const char *pattern)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '*' || *pattern == '?' || *pattern == '[') {
			return true;
		}
	}
	return false;
}

static bool is_function(const struct axb_symbol *symbol)
{
	return symbol->type == 't' || symbol->type == 'T';
}

/* "NAME", "NAME+OFFSET", "0xADDRESS". */
static bool resolve(const char *pattern, uint64_t *address)
{
	char name[AXB_NAME_MAX];
	struct axb_symbol symbol;
	uint64_t offset = 0;
	size_t plus = 0;
	if (axb_parse_u64(pattern, address)) {
		return true;
	}
	while (pattern[plus] != '\0' && pattern[plus] != '+') {
		plus++;
	}
	if (pattern[plus] == '+' && !axb_parse_u64(pattern + plus + 1, &offset)) {
		return false;
	}
	if (plus == 0 || plus >= sizeof(name)) {
		return false;
	}
	memcpy(name, pattern, plus);
	name[plus] = '\0';
	if (axb_sym_self() == NULL ||
		axb_symtab_lookup_name(axb_sym_self(), name, &symbol) != AXB_OK ||
		!is_function(&symbol) || offset >= symbol.size) {
		return false;
	}
	*address = symbol.address + offset;
	return true;
}

static struct search begin_search(const char *pattern)
{
	return (struct search){.pattern = pattern, .is_glob = has_glob(pattern)};
}

static bool next(struct search *search, uint64_t *address)
{
	struct axb_symbol symbol;
	if (!search->is_glob) {
		bool found = !search->is_done && resolve(search->pattern, address);
		search->is_done = true;
		return found;
	}
	while (axb_sym_self() != NULL && axb_symtab_search(axb_sym_self(), search->pattern,
						 &search->cursor, &symbol) == AXB_OK) {
		if (is_function(&symbol)) {
			*address = symbol.address;
			return true;
		}
	}
	return false;
}

static enum axb_status count_sites(const char *pattern, uint32_t *count)
{
	struct search search = begin_search(pattern);
	uint64_t address;
	*count = 0;
	while (next(&search, &address)) {
		++*count;
	}
	return *count == 0 ? AXB_ERR_NOT_FOUND : AXB_OK;
}

/* Inside a transaction from here to commit(). */

static enum axb_status detach(
	const char *pattern, bool is_return, axb_prog_id_t prog, uint32_t *detached)
{
	struct search search = begin_search(pattern);
	uint64_t address;
	*detached = 0;
	while (next(&search, &address)) {
		*detached += axb_hprobe_remove(address, is_return, prog) == AXB_OK;
	}
	return *detached == 0 ? AXB_ERR_NOT_FOUND : AXB_OK;
}

/* A glob takes what can be probed, and nothing when nothing can; a single site must be. */
static bool may_skip(const struct search *search, enum axb_status status)
{
	return search->is_glob && status == AXB_ERR_REJECTED;
}

static bool find_symbol(void *cookie, const char *name, uint64_t *address)
{
	struct axb_symbol symbol;
	(void)cookie;
	if (axb_sym_self() == NULL ||
		axb_symtab_lookup_name(axb_sym_self(), name, &symbol) != AXB_OK) {
		return false;
	}
	*address = symbol.address;
	return true;
}

static enum axb_status fetch(
	const char *text, bool is_return, struct axb_fetch *out, struct axb_fetch_error *why)
{
	const struct axb_fetch_target target = {
		.arch = axb_hprobe_fetch_arch(),
		.is_return = is_return,
		.symbol = find_symbol,
	};
	return axb_fetch_parse(text, &target, out, why);
}

static enum axb_status fetch_entry(
	const char *text, struct axb_fetch *out, struct axb_fetch_error *why)
{
	return fetch(text, false, out, why);
}

static enum axb_status fetch_return(
	const char *text, struct axb_fetch *out, struct axb_fetch_error *why)
{
	return fetch(text, true, out, why);
}

static enum axb_status attach(const char *pattern, bool is_return,
	const struct axb_control_config *what, uint32_t *attached, struct axb_control_error *why)
{
	struct search search = begin_search(pattern);
	struct axb_hprobe_config config = {
		.is_return = is_return,
		.prog = what->prog,
		.cookie = what->cookie,
		.may_write = what->may_write,
		.fetch = what->fetch,
	};
	struct axb_hprobe_error error = {.what = ""};
	enum axb_status last = AXB_ERR_NOT_FOUND;
	*attached = 0;
	while (next(&search, &config.address)) {
		last = axb_hprobe_add(&config, &error);
		if (last == AXB_OK) {
			++*attached;
		} else if (!may_skip(&search, last)) {
			*attached = 0;
			break;
		}
	}
	if (*attached != 0) {
		return AXB_OK;
	}
	(void)axb_strcpy(why->what, sizeof(why->what), error.what);
	why->nearest[0] = '\0';
	return last;
}

static enum axb_status enable(
	const char *pattern, bool is_return, axb_prog_id_t prog, bool on, uint32_t *changed)
{
	struct search search = begin_search(pattern);
	uint64_t address;
	*changed = 0;
	while (next(&search, &address)) {
		*changed += axb_hprobe_enable(address, is_return, prog, on) == AXB_OK;
	}
	return *changed == 0 ? AXB_ERR_NOT_FOUND : AXB_OK;
}

static enum axb_status throttle(const char *pattern, uint32_t hits_per_ms, uint32_t *changed)
{
	struct search search = begin_search(pattern);
	uint64_t address;
	*changed = 0;
	while (next(&search, &address)) {
		*changed += axb_hprobe_throttle(address, hits_per_ms) == AXB_OK;
	}
	return *changed == 0 ? AXB_ERR_NOT_FOUND : AXB_OK;
}

static enum axb_status commit(struct axb_control_error *why)
{
	struct axb_hprobe_error error;
	enum axb_status st = axb_hprobe_commit(&error);
	(void)axb_strcpy(why->what, sizeof(why->what), error.what);
	why->nearest[0] = '\0';
	return st;
}

static bool next_range(uint32_t *cursor, struct axb_probe_range *out)
{
	struct axb_hprobe_range range;
	if (!axb_hprobe_forbidden_next(cursor, &range)) {
		return false;
	}
	*out = (struct axb_probe_range){range.start, range.size, range.reason};
	return true;
}

static enum axb_status attach_entry(const char *pattern, const struct axb_control_config *config,
	uint32_t *attached, struct axb_control_error *why)
{
	return attach(pattern, false, config, attached, why);
}

static enum axb_status attach_return(const char *pattern, const struct axb_control_config *config,
	uint32_t *attached, struct axb_control_error *why)
{
	return attach(pattern, true, config, attached, why);
}

static enum axb_status detach_entry(const char *pattern, axb_prog_id_t prog, uint32_t *detached)
{
	return detach(pattern, false, prog, detached);
}

static enum axb_status detach_return(const char *pattern, axb_prog_id_t prog, uint32_t *detached)
{
	return detach(pattern, true, prog, detached);
}

static enum axb_status enable_entry(
	const char *pattern, axb_prog_id_t prog, bool on, uint32_t *changed)
{
	return enable(pattern, false, prog, on, changed);
}

static enum axb_status enable_return(
	const char *pattern, axb_prog_id_t prog, bool on, uint32_t *changed)
{
	return enable(pattern, true, prog, on, changed);
}

static bool site(uint32_t index, char *name, size_t size)
{
	struct axb_symbol symbol;
	uint32_t cursor = index;
	if (axb_sym_self() == NULL ||
		axb_symtab_search(axb_sym_self(), "*", &cursor, &symbol) != AXB_OK) {
		return false;
	}
	/* Names longer than that are cut: nobody means them. */
	(void)axb_strcpy(name, size, symbol.name);
	return true;
}

static const char *how(const struct axb_hprobe_info *site)
{
	static const char *const words[] = {
		[AXB_STEP_REFUSE] = "",
		[AXB_STEP_SIMULATE] = "simulate",
		[AXB_STEP_SLOT] = "slot",
		[AXB_STEP_SITE] = "site",
	};
	return words[site->step];
}

static bool next_site(uint32_t *cursor, struct axb_hprobe_info *site, struct axb_probe_info *out)
{
	if (!axb_hprobe_next(cursor, site)) {
		return false;
	}
	*out = (struct axb_probe_info){
		.address = site->address, .how = how(site), .throttle = site->throttle};
	memcpy(out->name, site->name, sizeof(out->name));
	return true;
}

static bool next_entry(uint32_t *cursor, struct axb_probe_info *out)
{
	struct axb_hprobe_info site;
	while (next_site(cursor, &site, out)) {
		if (site.entry_count != 0) {
			out->attached = site.entry_count;
			out->disabled = site.entries_off;
			out->hits = site.stats.hits;
			out->handled = site.stats.handled;
			out->missed = site.stats.missed;
			out->throttled = site.stats.throttled;
			return true;
		}
	}
	return false;
}

/* Hits are those of the entry; one is handled when the function has returned. */
static bool next_return(uint32_t *cursor, struct axb_probe_info *out)
{
	struct axb_hprobe_info site;
	while (next_site(cursor, &site, out)) {
		if (site.return_count != 0) {
			const struct axb_hprobe_stats *s = &site.stats;
			out->attached = site.return_count;
			out->disabled = site.returns_off;
			out->hits = s->armed + s->no_instance + s->missed + s->throttled;
			out->handled = s->returned;
			out->missed = s->no_instance + s->missed + s->abandoned;
			out->throttled = s->throttled;
			return true;
		}
	}
	return false;
}

/* How each site is probed, in words: for check. */
static void explain(const char *pattern, struct axb_text *out)
{
	struct search search = begin_search(pattern);
	static const char *const words[] = {
		[AXB_STEP_REFUSE] = "refused: ",
		[AXB_STEP_SIMULATE] = "breakpoint, simulated",
		[AXB_STEP_SLOT] = "breakpoint, slot",
		[AXB_STEP_SITE] = "patch site, no trap",
	};
	uint64_t address;
	while (next(&search, &address)) {
		struct axb_hprobe_plan plan;
		struct axb_hprobe_error why;
		bool refused = axb_hprobe_plan(address, &plan, &why) != AXB_OK;
		axb_text_str(out, "  ");
		axb_text_str(out, plan.symbol);
		if (plan.symbol_offset != 0) {
			axb_text_char(out, '+');
			axb_text_0x(out, plan.symbol_offset, 1);
		}
		axb_text_str(out, ": ");
		axb_text_str(out, words[refused ? AXB_STEP_REFUSE : plan.step.kind]);
		axb_text_str(out, refused ? why.what : "");
		axb_text_char(out, '\n');
	}
}

const struct axb_probe_kind axb_probe_kind_hprobe = {
	.name = "hprobe",
	.cost = "off: nothing or a NOP; on: at most one trap",
	.count = count_sites,
	.attach = attach_entry,
	.fetch = fetch_entry,
	.detach = detach_entry,
	.begin = axb_hprobe_begin,
	.commit = commit,
	.abort = axb_hprobe_abort,
	.enable = enable_entry,
	.throttle = throttle,
	.site = site,
	.explain = explain,
	.next = next_entry,
	.next_range = next_range,
};

const struct axb_probe_kind axb_probe_kind_hretprobe = {
	.name = "hretprobe",
	.cost = "off: nothing or a NOP; on: at most one trap",
	.count = count_sites,
	.attach = attach_return,
	.fetch = fetch_return,
	.detach = detach_return,
	.begin = axb_hprobe_begin,
	.commit = commit,
	.abort = axb_hprobe_abort,
	.enable = enable_return,
	.throttle = throttle,
	.site = site,
	.explain = explain,
	.next = next_return,
};
