/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/control/control.h"

#include "runtime/base/mem.h"
#include "runtime/base/nearest.h"
#include "runtime/base/types.h"

#define SPEC_MAX 256u
#define TERM_MAX 16u

/* All kinds that a spec may name, linked in or not. */
static const struct {
	const char *name;
	const char *short_name;
} kind_words[] = {
	{"tracepoint", "t"},
	{"hprobe", "h"},
	{"hretprobe", "hr"},
	{"kprobe", "k"},
	{"kretprobe", "kr"},
};

static struct {
	const struct axb_probe_kind *const *kinds;
	uint32_t count;
} linked;

/** One member of a comma list. */
struct term {
	const struct axb_probe_kind *kind;
	const char *pattern;
	uint32_t column; /**< of the pattern */
};

/** A spec taken apart; the terms point into text. */
struct spec {
	char text[SPEC_MAX];
	const char *arguments; /**< fetch arguments; "" = none */
	uint32_t arguments_column;
	uint32_t count;
	struct term terms[TERM_MAX];
};

void axb_control_init(const struct axb_probe_kind *const *kinds, uint32_t kind_count)
{
	linked.kinds = kinds;
	linked.count = kind_count;
}

void axb_vm_gone(uint16_t vm)
{
	for (uint32_t i = 0; i < linked.count; i++) {
		if (linked.kinds[i]->vm_gone != NULL) {
			linked.kinds[i]->vm_gone(vm);
		}
	}
}

uint32_t axb_control_kind_count(void)
{
	return linked.count;
}

const char *axb_control_kind_name(uint32_t kind)
{
	return linked.kinds[kind]->name;
}

bool axb_control_next(uint32_t kind, uint32_t *cursor, struct axb_probe_info *out)
{
	return kind < linked.count && linked.kinds[kind]->next != NULL &&
	       linked.kinds[kind]->next(cursor, out);
}

bool axb_control_next_range(uint32_t kind, uint32_t *cursor, struct axb_probe_range *out)
{
	return kind < linked.count && linked.kinds[kind]->next_range != NULL &&
	       linked.kinds[kind]->next_range(cursor, out);
}

bool axb_control_site(uint32_t kind, uint32_t index, char *spec, size_t size)
{
	char name[AXB_NAME_MAX];
	struct axb_text text;
	if (kind >= linked.count || !linked.kinds[kind]->site(index, name, sizeof(name))) {
		return false;
	}
	axb_text_init(&text, spec, size);
	axb_text_str(&text, linked.kinds[kind]->name);
	axb_text_char(&text, ':');
	axb_text_str(&text, name);
	return !text.cut;
}

static enum axb_status fail(struct axb_control_error *why, enum axb_status status, size_t column,
	const char *what, const char *nearest)
{
	why->column = (uint32_t)column;
	(void)axb_strcpy(why->what, sizeof(why->what), what);
	(void)axb_strcpy(why->nearest, sizeof(why->nearest), nearest);
	return status;
}

static const struct axb_probe_kind *find_linked(const char *name)
{
	for (uint32_t i = 0; i < linked.count; i++) {
		if (axb_streq(linked.kinds[i]->name, name)) {
			return linked.kinds[i];
		}
	}
	return NULL;
}

/* The full name of the kind called @word; NULL when no kind is. */
static const char *kind_name(const char *word)
{
	for (size_t i = 0; i < AXB_ARRAY_COUNT(kind_words); i++) {
		if (axb_streq(kind_words[i].name, word) ||
			axb_streq(kind_words[i].short_name, word)) {
			return kind_words[i].name;
		}
	}
	return NULL;
}

static enum axb_status unknown_kind(struct axb_control_error *why, const char *word, size_t column)
{
	struct axb_nearest search;
	axb_nearest_init(&search, word);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(kind_words); i++) {
		axb_nearest_offer(&search, kind_words[i].name);
	}
	return fail(why, AXB_ERR_NOT_FOUND, column,
		"no kind of probe has this name (tracepoint hprobe hretprobe kprobe kretprobe)",
		search.best);
}

static uint32_t count_char(const char *s, char c)
{
	uint32_t count = 0;
	for (; *s != '\0'; s++) {
		count += *s == c;
	}
	return count;
}

/*
 * "kind:pattern", or "subsystem:event" alone for a tracepoint. @text is cut at the colon while the
 * kind is looked up.
 */
static enum axb_status parse_term(
	char *text, size_t column, struct term *out, struct axb_control_error *why)
{
	uint32_t colons = count_char(text, ':');
	size_t at = 0;
	if (colons == 0) {
		return fail(why, AXB_ERR_ARG, column + axb_strnlen(text, SPEC_MAX),
			"a probe is written KIND:SITE, for example tracepoint:vcpu:exit", "");
	}
	while (text[at] != ':') {
		at++;
	}
	text[at] = '\0';
	const char *name = kind_name(text);
	bool bare = name == NULL && colons == 1;
	if (name == NULL && !bare) {
		return unknown_kind(why, text, column);
	}
	if (bare) {
		name = "tracepoint";
		text[at] = ':';
	}
	out->pattern = bare ? text : text + at + 1;
	out->column = (uint32_t)(bare ? column : column + at + 1);
	out->kind = find_linked(name);
	if (out->kind == NULL) {
		return fail(why, AXB_ERR_UNSUPPORTED, column,
			"this binary is built without this kind of probe", "");
	}
	if (out->pattern[0] == '\0') {
		return fail(why, AXB_ERR_ARG, out->column, "the site is missing", "");
	}
	return AXB_OK;
}

static bool is_spec_char(char c)
{
	return c > ' ' && c < 0x7f && c != '/' && c != '=' && c != '"';
}

/* Cut off what stands behind the terms. */
static enum axb_status split(struct spec *out, struct axb_control_error *why)
{
	size_t end = 0;
	while (is_spec_char(out->text[end])) {
		end++;
	}
	size_t next = end;
	while (out->text[next] == ' ') {
		next++;
	}
	bool is_end = out->text[end] == '\0' || out->text[end] == ' ';
	if (!is_end || out->text[next] == '/') {
		return fail(why, AXB_ERR_UNSUPPORTED, next,
			"predicates and options are not supported yet", "");
	}
	out->text[end] = '\0';
	out->arguments = &out->text[next];
	out->arguments_column = (uint32_t)next;
	return AXB_OK;
}

static enum axb_status parse(const char *text, struct spec *out, struct axb_control_error *why)
{
	if (!axb_strcpy(out->text, sizeof(out->text), text)) {
		return fail(
			why, AXB_ERR_ARG, 0, "the probe spec is longer than 255 characters", "");
	}
	AXB_TRY(split(out, why));
	out->count = 0;
	size_t begin = 0;
	for (size_t i = 0;; i++) {
		bool end = out->text[i] == '\0';
		if (!end && out->text[i] != ',') {
			continue;
		}
		out->text[i] = '\0';
		if (out->count == TERM_MAX) {
			return fail(why, AXB_ERR_LIMIT, begin, "more than 16 probes in a list", "");
		}
		AXB_TRY(parse_term(&out->text[begin], begin, &out->terms[out->count], why));
		out->count++;
		if (end) {
			return AXB_OK;
		}
		begin = i + 1;
	}
}

/* No site matches: say so, with the nearest one. */
static enum axb_status no_site(const struct term *term, struct axb_control_error *why)
{
	struct axb_nearest search;
	char name[AXB_NAME_MAX];
	axb_nearest_init(&search, term->pattern);
	for (uint32_t i = 0; term->kind->site(i, name, sizeof(name)); i++) {
		axb_nearest_offer(&search, name);
	}
	return fail(why, AXB_ERR_NOT_FOUND, term->column, "no site matches this", search.best);
}

/* The arguments of @spec as the kind of @term means them. */
static enum axb_status make_fetch(const struct spec *spec, const struct term *term,
	struct axb_fetch *out, struct axb_control_error *why)
{
	struct axb_fetch_error error;
	if (term->kind->fetch == NULL) {
		return fail(why, AXB_ERR_UNSUPPORTED, spec->arguments_column,
			"this kind of probe does not fetch arguments", "");
	}
	enum axb_status st = term->kind->fetch(spec->arguments, out, &error);
	return st == AXB_OK ? st
			    : fail(why, st, spec->arguments_column + error.column, error.what,
				      error.nearest);
}

static enum axb_status attach_term(const struct spec *spec, uint32_t index,
	const struct axb_control_config *config, uint32_t *attached, struct axb_control_error *why)
{
	const struct term *term = &spec->terms[index];
	struct axb_control_config with = *config;
	struct axb_fetch fetch;
	with.fetch = NULL;
	if (spec->arguments[0] != '\0') {
		AXB_TRY(make_fetch(spec, term, &fetch, why));
		with.fetch = &fetch;
	}
	enum axb_status st = term->kind->attach(term->pattern, &with, attached, why);
	if (st == AXB_ERR_NOT_FOUND) {
		return no_site(term, why);
	}
	if (st != AXB_OK) {
		why->column = term->column;
	}
	return st;
}

/* Does term @index have a transaction that no earlier term has? */
static bool has_own_transaction(const struct spec *spec, uint32_t index)
{
	const struct axb_probe_kind *kind = spec->terms[index].kind;
	bool is_own = kind->begin != NULL;
	for (uint32_t i = 0; i < index && is_own; i++) {
		is_own = spec->terms[i].kind->begin != kind->begin;
	}
	return is_own;
}

static void begin(const struct spec *spec)
{
	for (uint32_t i = 0; i < spec->count; i++) {
		if (has_own_transaction(spec, i)) {
			spec->terms[i].kind->begin();
		}
	}
}

/* Abort the transactions of the terms from @from on. */
static void abort_from(const struct spec *spec, uint32_t from)
{
	for (uint32_t i = from; i < spec->count; i++) {
		if (has_own_transaction(spec, i)) {
			spec->terms[i].kind->abort();
		}
	}
}

/* On an error, *@done = how many terms are through. */
static enum axb_status commit(
	const struct spec *spec, uint32_t *done, struct axb_control_error *why)
{
	for (*done = 0; *done < spec->count; ++*done) {
		const struct term *term = &spec->terms[*done];
		if (!has_own_transaction(spec, *done)) {
			continue;
		}
		enum axb_status st = term->kind->commit(why);
		if (st != AXB_OK) {
			why->column = term->column;
			abort_from(spec, *done + 1);
			return st;
		}
	}
	return AXB_OK;
}

/* What was there before this call made it fail with EXISTS: all that the first @count terms match,
 * and that no transaction has taken back, is ours. */
static void undo(const struct spec *spec, uint32_t count, axb_prog_id_t prog)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct term *term = &spec->terms[i];
		uint32_t detached = 0;
		if (term->kind->begin == NULL) {
			(void)term->kind->detach(term->pattern, prog, &detached);
		}
	}
}

enum axb_status axb_control_attach(const char *text, const struct axb_control_config *config,
	uint32_t *attached, struct axb_control_error *why)
{
	struct spec spec;
	uint32_t total = 0;
	uint32_t done = 0;
	AXB_TRY(parse(text, &spec, why));
	begin(&spec);
	for (uint32_t i = 0; i < spec.count; i++) {
		uint32_t count = 0;
		enum axb_status st = attach_term(&spec, i, config, &count, why);
		if (st != AXB_OK) {
			abort_from(&spec, 0);
			undo(&spec, i, config->prog);
			return st;
		}
		total += count;
	}
	enum axb_status st = commit(&spec, &done, why);
	if (st != AXB_OK) {
		undo(&spec, spec.count, config->prog);
		return st;
	}
	*attached = total;
	return AXB_OK;
}

/* For all that does not attach. */
static enum axb_status parse_plain(
	const char *text, struct spec *out, struct axb_control_error *why)
{
	AXB_TRY(parse(text, out, why));
	return out->arguments[0] == '\0' ? AXB_OK
					 : fail(why, AXB_ERR_ARG, out->arguments_column,
						   "arguments are for attaching", "");
}

/* What a change does to the sites of a term. */
struct change {
	enum axb_status (*apply)(
		const struct change *change, const struct term *term, uint32_t *count);
	axb_prog_id_t prog;
	bool on;
	uint32_t hits_per_ms;
	const char *none; /* why nothing was changed */
};

static enum axb_status check_sites(const struct spec *spec, struct axb_control_error *why)
{
	for (uint32_t i = 0; i < spec->count; i++) {
		const struct term *term = &spec->terms[i];
		uint32_t sites = 0;
		if (term->kind->count(term->pattern, &sites) != AXB_OK) {
			return no_site(term, why);
		}
	}
	return AXB_OK;
}

/* Change what is there already, at all terms. */
static enum axb_status apply(const struct spec *spec, const struct change *change,
	uint32_t *changed, struct axb_control_error *why)
{
	uint32_t total = 0;
	uint32_t done = 0;
	AXB_TRY(check_sites(spec, why));
	begin(spec);
	for (uint32_t i = 0; i < spec->count; i++) {
		uint32_t count = 0;
		enum axb_status st = change->apply(change, &spec->terms[i], &count);
		if (st == AXB_ERR_UNSUPPORTED) {
			abort_from(spec, 0);
			return fail(why, st, spec->terms[i].column,
				"this kind of probe does not have that", "");
		}
		total += count;
	}
	AXB_TRY(commit(spec, &done, why));
	if (total == 0) {
		return fail(why, AXB_ERR_NOT_FOUND, 0, change->none, "");
	}
	*changed = total;
	return AXB_OK;
}

static enum axb_status apply_detach(
	const struct change *change, const struct term *term, uint32_t *count)
{
	return term->kind->detach(term->pattern, change->prog, count);
}

enum axb_status axb_control_detach(
	const char *text, axb_prog_id_t prog, uint32_t *detached, struct axb_control_error *why)
{
	const struct change change = {
		.apply = apply_detach,
		.prog = prog,
		.none = "the program is attached at none of these",
	};
	struct spec spec;
	AXB_TRY(parse_plain(text, &spec, why));
	return apply(&spec, &change, detached, why);
}

static enum axb_status apply_enable(
	const struct change *change, const struct term *term, uint32_t *count)
{
	return term->kind->enable == NULL
		       ? AXB_ERR_UNSUPPORTED
		       : term->kind->enable(term->pattern, change->prog, change->on, count);
}

enum axb_status axb_control_enable(const char *text, axb_prog_id_t prog, bool on, uint32_t *changed,
	struct axb_control_error *why)
{
	const struct change change = {
		.apply = apply_enable,
		.prog = prog,
		.on = on,
		.none = "nothing is attached at any of these",
	};
	struct spec spec;
	AXB_TRY(parse_plain(text, &spec, why));
	return apply(&spec, &change, changed, why);
}

static enum axb_status apply_throttle(
	const struct change *change, const struct term *term, uint32_t *count)
{
	return term->kind->throttle == NULL
		       ? AXB_ERR_UNSUPPORTED
		       : term->kind->throttle(term->pattern, change->hits_per_ms, count);
}

enum axb_status axb_control_throttle(
	const char *text, uint32_t hits_per_ms, uint32_t *changed, struct axb_control_error *why)
{
	const struct change change = {
		.apply = apply_throttle,
		.hits_per_ms = hits_per_ms,
		.none = "nothing is attached at any of these",
	};
	struct spec spec;
	AXB_TRY(parse_plain(text, &spec, why));
	return apply(&spec, &change, changed, why);
}

static const char *const type_words[AXB_PROG_TYPE_COUNT_] = {
	[AXB_PROG_TYPE_TRACEPOINT] = "tracepoint",
	[AXB_PROG_TYPE_HPROBE] = "hprobe",
	[AXB_PROG_TYPE_HRETPROBE] = "hretprobe",
	[AXB_PROG_TYPE_KPROBE] = "kprobe",
	[AXB_PROG_TYPE_KRETPROBE] = "kretprobe",
};

enum axb_status axb_control_attach_auto(
	axb_prog_id_t prog, uint32_t *attached, struct axb_control_error *why)
{
	struct axb_prog_info info;
	enum axb_status st = axb_prog_info(prog, &info);
	if (st != AXB_OK) {
		return fail(why, st, 0, "the program is gone", "");
	}
	if (info.target[0] == '\0' || type_words[info.type] == NULL) {
		return fail(why, AXB_ERR_ARG, 0,
			"the program's section names no site: say where to attach it", "");
	}
	char buffer[SPEC_MAX];
	struct axb_text spec;
	axb_text_init(&spec, buffer, sizeof(buffer));
	axb_text_str(&spec, type_words[info.type]);
	axb_text_char(&spec, ':');
	for (const char *at = info.target; *at != '\0'; at++) {
		char c = *at;
		if (c == '/') {
			c = ':';
		}
		axb_text_char(&spec, c);
	}
	const struct axb_control_config config = {.prog = prog};
	return axb_control_attach(buffer, &config, attached, why);
}

enum axb_status axb_control_check(
	const char *text, struct axb_text *out, struct axb_control_error *why)
{
	struct spec spec;
	AXB_TRY(parse(text, &spec, why));
	for (uint32_t i = 0; i < spec.count; i++) {
		const struct term *term = &spec.terms[i];
		uint32_t count = 0;
		struct axb_fetch fetch;
		if (spec.arguments[0] != '\0') {
			AXB_TRY(make_fetch(&spec, term, &fetch, why));
		}
		if (term->kind->count(term->pattern, &count) != AXB_OK) {
			return no_site(term, why);
		}
		axb_text_str(out, term->kind->name);
		axb_text_char(out, ':');
		axb_text_str(out, term->pattern);
		axb_text_str(out, ": ");
		axb_text_u64(out, count);
		axb_text_str(out, count == 1 ? " site; " : " sites; ");
		axb_text_str(out, term->kind->cost);
		axb_text_char(out, '\n');
		if (term->kind->explain != NULL) {
			term->kind->explain(term->pattern, out);
		}
	}
	return AXB_OK;
}

void axb_control_explain(
	const char *spec, const struct axb_control_error *error, struct axb_text *out)
{
	axb_text_str(out, spec);
	axb_text_char(out, '\n');
	for (uint32_t i = 0; i < error->column; i++) {
		axb_text_char(out, ' ');
	}
	axb_text_str(out, "^ ");
	axb_text_str(out, error->what);
	if (error->nearest[0] != '\0') {
		axb_text_str(out, "; did you mean ");
		axb_text_str(out, error->nearest);
		axb_text_char(out, '?');
	}
	axb_text_char(out, '\n');
}
