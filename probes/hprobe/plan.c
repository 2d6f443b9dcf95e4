/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * How an address would be probed, or why not.
 */
#include "probes/hprobe/internal.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/hooks/mem.h"
#include "runtime/hooks/text.h"
#include "runtime/sym/sym.h"

/* How much of a function is read at once to find where its instructions begin. */
#define CODE_MAX 16384u

/* Bounds of the section of AXB_NOPROBE, by the linker. */
extern const uint8_t __start_axb_noprobe[], __stop_axb_noprobe[];

enum axb_status hprobe_refuse(struct axb_hprobe_error *why, enum axb_status status,
	enum axb_refuse reason, const char *what)
{
	why->refuse = (uint8_t)reason;
	(void)axb_strcpy(why->what, sizeof(why->what), what);
	return status;
}

static enum axb_status add_forbidden(uint64_t start, uint64_t size, const char *reason)
{
	if (size == 0 || start + (size - 1) < start) {
		return AXB_ERR_ARG;
	}
	if (hprobe.forbidden_count == AXB_HPROBE_FORBIDDEN_MAX) {
		return AXB_ERR_LIMIT;
	}
	hprobe.forbidden[hprobe.forbidden_count++] = (struct hprobe_forbidden){start, size, reason};
	return AXB_OK;
}

enum axb_status axb_hprobe_forbid(uint64_t start, uint64_t size, const char *reason)
{
	if (!hprobe.is_initialized) {
		return AXB_ERR_STATE;
	}
	axb_spinlock_lock(&hprobe.lock);
	enum axb_status st = add_forbidden(start, size, reason);
	axb_spinlock_unlock(&hprobe.lock);
	return st;
}

/* The range @index: those of the platform, then our own. */
static bool get_forbidden(uint32_t index, struct hprobe_forbidden *out)
{
	if (index < hprobe.forbidden_count) {
		*out = hprobe.forbidden[index];
		return true;
	}
	*out = (struct hprobe_forbidden){
		.start = (uint64_t)(uintptr_t)__start_axb_noprobe,
		.size = (uint64_t)(uintptr_t)__stop_axb_noprobe -
			(uint64_t)(uintptr_t)__start_axb_noprobe,
		.reason = "it is part of the way into and out of probes",
	};
	return index == hprobe.forbidden_count;
}

bool axb_hprobe_forbidden_next(uint32_t *cursor, struct axb_hprobe_range *out)
{
	struct hprobe_forbidden found;
	axb_spinlock_lock(&hprobe.lock);
	bool is_one = hprobe.is_initialized && get_forbidden(*cursor, &found);
	axb_spinlock_unlock(&hprobe.lock);
	if (is_one) {
		++*cursor;
		*out = (struct axb_hprobe_range){found.start, found.size, found.reason};
	}
	return is_one;
}

/* Why @address is not to be probed; NULL. */
static const char *find_reason(uint64_t address)
{
	struct hprobe_forbidden range;
	for (uint32_t i = 0; get_forbidden(i, &range); i++) {
		if (address - range.start < range.size) {
			return range.reason;
		}
	}
	return NULL;
}

/* The text as it was before any probe of ours. */
static bool read_code(uint64_t from, uint8_t *to, size_t size)
{
	if (!axb_plat_copy_from(to, from, size)) {
		return false;
	}
	for (uint32_t i = 0; i < hprobe.site_count; i++) {
		const struct hprobe_site *site = &hprobe.sites[i];
		for (size_t k = 0; site->is_armed && k < site->patched; k++) {
			if (site->address + k - from < size) {
				to[site->address + k - from] = site->insn[k];
			}
		}
	}
	return true;
}

static bool is_entry(uint64_t address)
{
	for (size_t i = 0; i < hprobe.entry_count; i++) {
		if (hprobe.entries[i] == address) {
			return true;
		}
	}
	return false;
}

void hprobe_join_nops(void)
{
	for (size_t i = 0; i < hprobe.entry_count; i++) {
		uint8_t code[HPROBE_INSN_MAX];
		uint64_t address = hprobe.entries[i];
		if (axb_plat_copy_from(code, address, hprobe_jump_size) &&
			hprobe_is_split_nop(code)) {
			/* Where this is refused, the site keeps NOPs that are not taken for one. */
			(void)axb_plat_text_write(address, hprobe_nop, hprobe_jump_size);
		}
	}
}

/*
 * A probe at the beginning of a function goes behind its landing pad, when the compiler left a
 * patch site there, or when a breakpoint may not be instead of the landing pad.
 * @return the offset.
 */
static uint64_t find_entry(
	const struct axb_symbol *symbol, const uint8_t *code, size_t size, bool *is_site)
{
	size_t pad = hprobe_landing_pad(code, size);
	*is_site = is_entry(symbol->address + pad) && hprobe_is_nop(code + pad, size - pad);
	if (*is_site || hprobe_must_keep_landing_pad) {
		return pad;
	}
	return 0;
}

/* The code of the function, from its beginning to behind @out->address. */
static enum axb_status plan_insn(const struct axb_symbol *symbol, struct axb_hprobe_plan *out,
	uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	static uint8_t code[CODE_MAX]; /* under the lock */
	bool is_boundary = false;
	bool is_site = false;
	size_t size = symbol->size < CODE_MAX ? (size_t)symbol->size : CODE_MAX;
	if (symbol->offset >= size) {
		return hprobe_refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE,
			"further than 16 KiB into its function");
	}
	if (!read_code(symbol->address, code, size)) {
		return hprobe_refuse(
			why, AXB_ERR_REJECTED, AXB_REFUSE_NONE, "the text cannot be read");
	}
	uint64_t entry = find_entry(symbol, code, size, &is_site);
	uint64_t offset = symbol->offset == 0 ? entry : symbol->offset;
	if (offset == entry) {
		out->symbol_offset = 0;
		out->function = symbol->address;
		out->address = symbol->address + entry;
	}
	hprobe_step(code, size, (size_t)offset, &out->step, &is_boundary);
	if (!is_boundary) {
		return hprobe_refuse(
			why, AXB_ERR_ARG, AXB_REFUSE_NONE, "no instruction begins at this address");
	}
	if (offset == entry && is_site) {
		out->step.kind = AXB_STEP_SITE;
	}
	if (out->step.kind == AXB_STEP_REFUSE) {
		enum axb_refuse reason = (enum axb_refuse)out->step.refuse;
		return hprobe_refuse(why, AXB_ERR_REJECTED, reason, axb_refuse_text(reason));
	}
	memset(insn, 0, HPROBE_INSN_MAX);
	memcpy(insn, code + offset, out->step.length);
	return AXB_OK;
}

enum axb_status hprobe_plan(uint64_t address, struct axb_hprobe_plan *out,
	uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	struct axb_symbol symbol;
	memset(out, 0, sizeof(*out));
	if (axb_sym_self() == NULL) {
		return hprobe_refuse(why, AXB_ERR_STATE, AXB_REFUSE_NONE, "there are no symbols");
	}
	if (axb_symtab_lookup_address(axb_sym_self(), address, &symbol) != AXB_OK ||
		(symbol.type != 't' && symbol.type != 'T')) {
		return hprobe_refuse(
			why, AXB_ERR_NOT_FOUND, AXB_REFUSE_NONE, "this address is in no function");
	}
	out->address = address;
	out->function = address;
	out->symbol_offset = symbol.offset;
	(void)axb_strcpy(out->symbol, sizeof(out->symbol), symbol.name);
	const char *reason = find_reason(address);
	if (reason != NULL) {
		return hprobe_refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE, reason);
	}
	return plan_insn(&symbol, out, insn, why);
}

enum axb_status axb_hprobe_plan(
	uint64_t address, struct axb_hprobe_plan *out, struct axb_hprobe_error *why)
{
	uint8_t insn[HPROBE_INSN_MAX];
	memset(why, 0, sizeof(*why));
	if (!hprobe.is_initialized) {
		return hprobe_refuse(
			why, AXB_ERR_STATE, AXB_REFUSE_NONE, "probes are not initialized");
	}
	axb_spinlock_lock(&hprobe.lock);
	enum axb_status st = hprobe_plan(address, out, insn, why);
	axb_spinlock_unlock(&hprobe.lock);
	return st;
}
