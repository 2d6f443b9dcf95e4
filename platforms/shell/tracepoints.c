/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Commands about tracepoints: list, enable, disable, format, stat, reset, marker; and sym.
 */
#include "platforms/shell/internal.h"

#include "runtime/base/mem.h"
#include "runtime/hooks/core.h"
#include "runtime/sym/sym.h"
#include "runtime/trace/tracepoint.h"

#include "codegen/gen/formats_gen.h"     // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.

#define NAME_WIDTH 30
#define STATE_WIDTH 10
#define ID_WIDTH 6
#define COUNT_WIDTH 10
#define SYMBOLS_SHOWN_MAX 20u

static const struct axb_nearest *nearest_tracepoint(const char *wanted, struct axb_nearest *nearest)
{
	axb_nearest_init(nearest, wanted);
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		axb_nearest_offer(nearest, axb_tp_def(i)->name);
	}
	return nearest;
}

enum axb_status shell_find_tracepoint(const struct shell_args *args, uint32_t word, uint32_t *index)
{
	struct axb_nearest nearest;
	enum axb_status st = axb_tp_find(args->words[word], index);
	if (st == AXB_OK) {
		return AXB_OK;
	}
	return shell_error(args, word, st, "no such tracepoint",
		nearest_tracepoint(args->words[word], &nearest));
}

static void list_row(uint32_t index, bool json)
{
	axb_prog_id_t progs[AXB_TP_PROG_MAX];
	struct axb_tp_stats stats;
	struct shell_line line;
	const struct axb_tp_def *def = axb_tp_def(index);
	const char *status = axb_tp_is_enabled(index) ? "enabled" : "disabled";
	uint32_t count = axb_tp_progs(index, progs);
	axb_tp_stats(index, &stats);
	if (json) {
		shell_json_begin(&line);
		shell_json_text(&line, "tracepoint", def->name);
		shell_json_text(&line, "status", status);
		shell_json_u64(&line, "id", def->id);
		shell_json_u64(&line, "progs", count);
		shell_json_u64(&line, "hits", stats.hits);
		shell_json_end(&line);
		return;
	}
	shell_begin(&line);
	axb_text_field(&line.text, def->name, NAME_WIDTH);
	axb_text_field(&line.text, status, STATE_WIDTH);
	axb_text_u64_field(&line.text, def->id, ID_WIDTH);
	axb_text_u64_field(&line.text, count, -5);
	axb_text_u64_field(&line.text, stats.hits, -COUNT_WIDTH);
	shell_end(&line);
}

enum axb_status shell_list(const struct shell_args *args)
{
	const char *pattern = args->count > 1 ? args->words[1] : "*";
	struct shell_line line;
	uint32_t shown = 0;
	if (!args->json) {
		shell_begin(&line);
		axb_text_field(&line.text, "NAME", NAME_WIDTH);
		axb_text_field(&line.text, "STATUS", STATE_WIDTH);
		axb_text_field(&line.text, "ID", ID_WIDTH);
		axb_text_field(&line.text, "PROGS", -5);
		axb_text_field(&line.text, "HITS", -COUNT_WIDTH);
		shell_end(&line);
		shell_rule(NAME_WIDTH + STATE_WIDTH + ID_WIDTH + 5 + COUNT_WIDTH);
	}
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		if (axb_glob_match(pattern, axb_tp_def(i)->name)) {
			list_row(i, args->json);
			shown++;
		}
	}
	if (!args->json) {
		shell_begin(&line);
		axb_text_str(&line.text, "Total: ");
		axb_text_u64(&line.text, shown);
		axb_text_str(&line.text, " tracepoints");
		shell_end(&line);
	}
	return AXB_OK;
}

static enum axb_status set_enabled(const struct shell_args *args, bool enabled)
{
	for (uint32_t i = 1; i < args->count; i++) {
		struct axb_nearest nearest;
		struct shell_line line;
		uint32_t count = 0;
		if (shell_is_probe(args->words[i])) {
			AXB_TRY(shell_enable_probe(args->words[i], enabled));
			continue;
		}
		enum axb_status st = axb_tp_set_enabled_glob(args->words[i], enabled, &count);
		if (st != AXB_OK) {
			return shell_error(args, i, st, "matches no tracepoint",
				nearest_tracepoint(args->words[i], &nearest));
		}
		shell_begin(&line);
		axb_text_str(&line.text, enabled ? "Enabled: " : "Disabled: ");
		axb_text_str(&line.text, args->words[i]);
		axb_text_str(&line.text, " (");
		axb_text_u64(&line.text, count);
		axb_text_char(&line.text, ')');
		shell_end(&line);
	}
	return AXB_OK;
}

enum axb_status shell_enable(const struct shell_args *args)
{
	return set_enabled(args, true);
}

enum axb_status shell_disable(const struct shell_args *args)
{
	return set_enabled(args, false);
}

enum axb_status shell_format(const struct shell_args *args)
{
	uint32_t index;
	enum axb_status st = shell_find_tracepoint(args, 1, &index);
	if (st != AXB_OK) {
		return st;
	}
	const struct axb_shell_config *config = shell_config();
	const char *text = axb_tp_format_text(index);
	config->write(config->cookie, text, axb_strnlen(text, SIZE_MAX));
	return AXB_OK;
}

static void stat_row(uint32_t index, const struct axb_tp_stats *s, bool json)
{
	struct shell_line line;
	uint64_t mean_ns = s->duration_count == 0 ? 0 : s->duration_sum_ns / s->duration_count;
	if (json) {
		shell_json_begin(&line);
		shell_json_text(&line, "tracepoint", axb_tp_def(index)->name);
		shell_json_u64(&line, "hits", s->hits);
		shell_json_u64(&line, "ran", s->ran);
		shell_json_u64(&line, "missed", s->missed);
		shell_json_u64(&line, "emitted", s->emitted);
		shell_json_u64(&line, "lost", s->lost);
		shell_json_u64(&line, "duration_count", s->duration_count);
		shell_json_u64(&line, "duration_min_ns", s->duration_min_ns);
		shell_json_u64(&line, "duration_mean_ns", mean_ns);
		shell_json_u64(&line, "duration_max_ns", s->duration_max_ns);
		shell_json_end(&line);
		return;
	}
	const uint64_t counts[] = {s->hits, s->ran, s->missed, s->emitted, s->lost};
	const uint64_t durations[] = {s->duration_min_ns, mean_ns, s->duration_max_ns};
	shell_begin(&line);
	axb_text_field(&line.text, axb_tp_def(index)->name, 22);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(counts); i++) {
		axb_text_u64_field(&line.text, counts[i], -9);
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(durations); i++) {
		if (s->duration_count == 0) {
			axb_text_field(&line.text, "-", -9);
		} else {
			shell_duration_field(&line.text, durations[i], 9);
		}
	}
	shell_end(&line);
}

static void stat_rings(bool json)
{
	struct shell_line line;
	for (uint32_t cpu = 0; cpu < axb_plat_cpu_count(); cpu++) {
		struct axb_event_stats s;
		axb_event_stats(cpu, &s);
		const struct {
			const char *name;
			uint64_t value;
		} members[] = {{"attempts", s.attempts}, {"committed", s.committed},
			{"dropped", s.dropped}, {"delivered", s.delivered}, {"pending", s.pending}};
		if (json) {
			shell_json_begin(&line);
			shell_json_u64(&line, "cpu", cpu);
		} else {
			shell_begin(&line);
			axb_text_str(&line.text, "ring of cpu ");
			axb_text_u64(&line.text, cpu);
			axb_text_char(&line.text, ':');
		}
		for (size_t i = 0; i < AXB_ARRAY_COUNT(members); i++) {
			if (json) {
				shell_json_u64(&line, members[i].name, members[i].value);
			} else {
				axb_text_char(&line.text, ' ');
				axb_text_str(&line.text, members[i].name);
				axb_text_char(&line.text, ' ');
				axb_text_u64(&line.text, members[i].value);
			}
		}
		if (json) {
			shell_json_end(&line);
		} else {
			shell_end(&line);
		}
	}
}

static enum axb_status stat_histogram(const struct shell_args *args)
{
	struct axb_tp_stats stats;
	uint32_t index;
	AXB_TRY(shell_find_tracepoint(args, 2, &index));
	axb_tp_stats(index, &stats);
	shell_say2("Durations of ", axb_tp_def(index)->name, ":", "");
	if (stats.duration_count == 0) {
		shell_say("  (no samples)");
	}
	shell_histogram(stats.duration_log2);
	return AXB_OK;
}

static void stat_head(void)
{
	static const char *const heads[] = {
		"HITS", "RAN", "MISSED", "EMITTED", "LOST", "MIN", "MEAN", "MAX"};
	struct shell_line line;
	shell_begin(&line);
	axb_text_field(&line.text, "EVENT", 22);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(heads); i++) {
		axb_text_field(&line.text, heads[i], -9);
	}
	shell_end(&line);
	shell_rule(22 + 8 * 9);
}

/* The tracepoint with the most hits of those not yet in @done; AXB_TP_COUNT_ when none has any. */
static uint32_t most_hit(const bool done[AXB_TP_COUNT_])
{
	struct axb_tp_stats stats;
	uint32_t best = AXB_TP_COUNT_;
	uint64_t most = 0;
	for (uint32_t i = 0; i < AXB_TP_COUNT_; i++) {
		axb_tp_stats(i, &stats);
		if (!done[i] && stats.hits > most) {
			most = stats.hits;
			best = i;
		}
	}
	return best;
}

static enum axb_status stat_top(const struct shell_args *args)
{
	bool done[AXB_TP_COUNT_] = {false};
	struct axb_tp_stats stats;
	uint64_t count;
	if (!axb_parse_u64(args->words[2], &count)) {
		return shell_error(args, 2, AXB_ERR_ARG, "not a number", NULL);
	}
	if (!args->json) {
		stat_head();
	}
	for (uint64_t i = 0; i < count && i < AXB_TP_COUNT_; i++) {
		uint32_t index = most_hit(done);
		if (index == AXB_TP_COUNT_) {
			break;
		}
		done[index] = true;
		axb_tp_stats(index, &stats);
		stat_row(index, &stats, args->json);
	}
	return AXB_OK;
}

enum axb_status shell_stat(const struct shell_args *args)
{
	struct axb_tp_stats stats;
	if (args->count == 3 && axb_streq(args->words[1], "--hist")) {
		return stat_histogram(args);
	}
	if (args->count == 3 && axb_streq(args->words[1], "--top")) {
		return stat_top(args);
	}
	if (args->count > 1) {
		return shell_error(args, 1, AXB_ERR_ARG, "--hist TRACEPOINT or --top COUNT", NULL);
	}
	if (!args->json) {
		stat_head();
	}
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		axb_tp_stats(i, &stats);
		if (stats.hits != 0) {
			stat_row(i, &stats, args->json);
		}
	}
	stat_rings(args->json);
	return AXB_OK;
}

enum axb_status shell_reset(const struct shell_args *args)
{
	(void)args;
	axb_tp_stats_reset();
	shell_say("Counts of tracepoints are zero; those of programs and rings stay.");
	return AXB_OK;
}

enum axb_status shell_marker(const struct shell_args *args)
{
	axb_trace_user_marker(args->line + args->columns[1]);
	return AXB_OK;
}

static void say_symbol(const struct axb_symbol *symbol)
{
	struct shell_line line;
	shell_begin(&line);
	axb_text_0x(&line.text, symbol->address + symbol->offset, 16);
	axb_text_char(&line.text, ' ');
	axb_text_char(&line.text, symbol->type);
	axb_text_char(&line.text, ' ');
	axb_text_str(&line.text, symbol->name);
	if (symbol->offset != 0) {
		axb_text_char(&line.text, '+');
		axb_text_0x(&line.text, symbol->offset, 1);
	}
	shell_end(&line);
}

/* What word @word of @args names in @table. */
static enum axb_status say_symbols(
	const struct axb_symtab *table, const struct shell_args *args, uint32_t word)
{
	struct axb_symbol symbol;
	uint64_t address;
	uint32_t cursor = 0;
	uint32_t shown = 0;
	if (axb_parse_u64(args->words[word], &address)) {
		enum axb_status st = axb_symtab_lookup_address(table, address, &symbol);
		if (st != AXB_OK) {
			return shell_error(args, word, st, "no symbol covers this address", NULL);
		}
		say_symbol(&symbol);
		return AXB_OK;
	}
	while (shown < SYMBOLS_SHOWN_MAX &&
		axb_symtab_search(table, args->words[word], &cursor, &symbol) == AXB_OK) {
		say_symbol(&symbol);
		shown++;
	}
	return shown > 0 ? AXB_OK
			 : shell_error(args, word, AXB_ERR_NOT_FOUND, "no such symbol", NULL);
}

enum axb_status shell_sym(const struct shell_args *args)
{
	const struct axb_symtab *table = axb_sym_self();
	if (table == NULL) {
		return shell_error(args, 0, AXB_ERR_STATE, "this image has no symbols", NULL);
	}
	return say_symbols(table, args, 1);
}

/* "1" or "vm1". */
static bool parse_vm(const char *word, uint16_t *vm)
{
	uint64_t number;
	bool ok = axb_parse_u64(axb_str_has_prefix(word, "vm") ? word + 2 : word, &number) &&
		  number != 0 && number <= UINT16_MAX;
	*vm = ok ? (uint16_t)number : 0;
	return ok;
}

enum axb_status shell_gsym(const struct shell_args *args)
{
	const struct axb_shell_config *config = shell_config();
	const char *why = "this platform has no VMs";
	uint16_t vm;
	if (!parse_vm(args->words[1], &vm)) {
		return shell_error(args, 1, AXB_ERR_ARG, "a VM is a number, or vm1", NULL);
	}
	const struct axb_symtab *table = config->guest_symbols == NULL
						 ? NULL
						 : config->guest_symbols(config->cookie, vm, &why);
	if (table == NULL) {
		return shell_error(args, 1, AXB_ERR_STATE, why, NULL);
	}
	return say_symbols(table, args, 2);
}

enum axb_status shell_loadsyms(const struct shell_args *args)
{
	const struct axb_shell_config *config = shell_config();
	struct axb_bytes blob;
	uint16_t vm;
	if (!parse_vm(args->words[1], &vm)) {
		return shell_error(args, 1, AXB_ERR_ARG, "a VM is a number, or vm1", NULL);
	}
	if (config->load_guest_symbols == NULL) {
		return shell_error(args, 1, AXB_ERR_STATE, "this platform has no VMs", NULL);
	}
	if (config->read_file == NULL ||
		!config->read_file(config->cookie, args->words[2], &blob)) {
		return shell_error(args, 2, AXB_ERR_NOT_FOUND, "the file cannot be read", NULL);
	}
	enum axb_status st = config->load_guest_symbols(config->cookie, vm, blob);
	return st == AXB_OK ? AXB_OK : shell_error(args, 2, st, axb_status_text(st), NULL);
}
