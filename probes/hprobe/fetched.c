/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The fetch arguments of attached probes. Probes with the same ones share them: "vm_*" may have
 * hundreds of sites. The lock is held.
 */
#include "probes/hprobe/internal.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"

static void mark(const struct hprobe_list *list, bool used[AXB_HPROBE_FETCH_MAX])
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct axb_fetch *fetch = list->attachments[i].fetch;
		if (fetch != NULL) {
			used[fetch - hprobe.fetches] = true;
		}
	}
}

/* A place that no probe uses; NULL. No hit does either: a commit waits for those under way. */
static struct axb_fetch *find_free(void)
{
	bool used[AXB_HPROBE_FETCH_MAX] = {false};
	for (uint32_t i = 0; i < hprobe.site_count; i++) {
		const struct hprobe_site *site = &hprobe.sites[i];
		mark(site->live, used);
		if (site->is_staged) {
			mark(site->staged, used);
		}
	}
	for (uint32_t i = 0; i < AXB_HPROBE_FETCH_MAX; i++) {
		if (!used[i]) {
			return &hprobe.fetches[i];
		}
	}
	return NULL;
}

static struct axb_fetch *find_equal(const struct axb_fetch *fetch)
{
	for (uint32_t i = 0; i < AXB_HPROBE_FETCH_MAX; i++) {
		if (axb_fetch_equal(&hprobe.fetches[i], fetch)) {
			return &hprobe.fetches[i];
		}
	}
	return NULL;
}

/* "function dfd:d file:s": what readers of the events go by. */
static enum axb_status add_name(const struct hprobe_site *site, const struct axb_fetch *fetch,
	uint16_t *name_offset, struct axb_hprobe_error *why)
{
	char name[AXB_NAME_MAX];
	struct axb_text text;
	axb_text_init(&text, name, sizeof(name));
	axb_text_str(&text, site->name);
	axb_fetch_describe(fetch, &text);
	if (text.cut) {
		return hprobe_refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE,
			"the function and the names of its arguments have more than 63 characters");
	}
	enum axb_status st = axb_event_name_add(name, name_offset);
	return st == AXB_OK ? st
			    : hprobe_refuse(why, AXB_ERR_LIMIT, AXB_REFUSE_NONE,
				      "the table of names is full");
}

enum axb_status hprobe_fetch_keep(const struct hprobe_site *site,
	const struct axb_hprobe_config *config, struct hprobe_attachment *out,
	struct axb_hprobe_error *why)
{
	const struct axb_fetch *fetch = config->fetch;
	out->fetch = NULL;
	out->name_offset = site->name_offset;
	if (fetch == NULL) {
		return AXB_OK;
	}
	if (config->prog.value != 0) {
		return hprobe_refuse(why, AXB_ERR_UNSUPPORTED, AXB_REFUSE_NONE,
			"arguments are for events: a program reads registers itself");
	}
	struct axb_fetch *kept = find_equal(fetch);
	if (kept == NULL) {
		kept = find_free();
	}
	if (kept == NULL) {
		return hprobe_refuse(why, AXB_ERR_LIMIT, AXB_REFUSE_NONE,
			"too many different lists of arguments are attached");
	}
	AXB_TRY(add_name(site, fetch, &out->name_offset, why));
	*kept = *fetch;
	out->fetch = kept;
	return AXB_OK;
}
