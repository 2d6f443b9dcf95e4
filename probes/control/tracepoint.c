/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Static tracepoints as a kind of probe.
 */
#include "probes/control/control.h"
#include "runtime/base/mem.h"
#include "runtime/trace/tracepoint.h"

static bool matches(uint32_t index, const char *pattern)
{
	return axb_glob_match(pattern, axb_tp_def(index)->name);
}

static enum axb_status count_sites(const char *pattern, uint32_t *count)
{
	uint32_t matched = 0;
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		matched += matches(i, pattern);
	}
	if (matched == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	*count = matched;
	return AXB_OK;
}

static const char *reason_of(enum axb_status status)
{
	switch (status) {
	case AXB_ERR_EXISTS:
		return "the program is attached there already";
	case AXB_ERR_FULL:
		return "this tracepoint has as many programs as it can have";
	case AXB_ERR_UNSUPPORTED:
		return "the program is not for tracepoints (its section says so)";
	case AXB_ERR_STALE:
		return "the program is gone";
	default:
		return axb_status_text(status);
	}
}

static enum axb_status detach(const char *pattern, axb_prog_id_t prog, uint32_t *detached)
{
	*detached = 0;
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		if (matches(i, pattern) && axb_tp_detach(i, prog) == AXB_OK) {
			++*detached;
		}
	}
	return *detached == 0 ? AXB_ERR_NOT_FOUND : AXB_OK;
}

static enum axb_status refuse(struct axb_control_error *why, enum axb_status st, const char *what)
{
	(void)axb_strcpy(why->what, sizeof(why->what), what);
	why->nearest[0] = '\0';
	return st;
}

static enum axb_status attach(const char *pattern, const struct axb_control_config *config,
	uint32_t *attached, struct axb_control_error *why)
{
	*attached = 0;
	if (config->may_write) {
		return refuse(
			why, AXB_ERR_UNSUPPORTED, "programs cannot change what a tracepoint shows");
	}
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		if (!matches(i, pattern)) {
			continue;
		}
		enum axb_status st = axb_tp_attach(i, config->prog, config->cookie);
		if (st != AXB_OK) {
			for (uint32_t k = 0; k < i; k++) {
				if (matches(k, pattern)) {
					/* It was attached just now, so this cannot fail. */
					enum axb_status undone = axb_tp_detach(k, config->prog);
					(void)undone;
				}
			}
			return refuse(why, st, reason_of(st));
		}
		++*attached;
	}
	return *attached == 0 ? AXB_ERR_NOT_FOUND : AXB_OK;
}

static bool site(uint32_t index, char *name, size_t size)
{
	return index < axb_tp_count && axb_strcpy(name, size, axb_tp_def(index)->name);
}

const struct axb_probe_kind axb_probe_kind_tracepoint = {
	.name = "tracepoint",
	.cost = "off: one load and one branch; on: no trap",
	.count = count_sites,
	.attach = attach,
	.detach = detach,
	.site = site,
};
