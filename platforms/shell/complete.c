/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Completion of trace lines: commands, and what stands where in them: tracepoints, embedded
 * objects, loaded programs and maps, kinds of probes, symbols.
 */
#include "bpf/embedded.h"
#include "platforms/shell/editor.h"
#include "platforms/shell/internal.h"
#include "probes/control/control.h"
#include "runtime/base/mem.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/sym.h"
#include "runtime/trace/tracepoint.h"

static void offer_tracepoints(struct editor_offers *offers)
{
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		editor_offer(offers, axb_tp_def(i)->name);
	}
}

static void offer_objects(struct editor_offers *offers)
{
	for (uint32_t i = 0; i < axb_embedded_object_count; i++) {
		editor_offer(offers, axb_embedded_objects[i].name);
	}
}

static void offer_programs(struct editor_offers *offers)
{
	axb_prog_id_t id = {0};
	struct axb_prog_info info;
	while (axb_prog_next(&id)) {
		if (axb_prog_info(id, &info) == AXB_OK) {
			editor_offer(offers, info.name);
		}
	}
}

static void offer_maps(struct editor_offers *offers)
{
	axb_map_id_t id = {0};
	struct axb_map_info info;
	while (axb_map_next(&id)) {
		if (axb_map_info(id, &info) == AXB_OK) {
			editor_offer(offers, info.map->name);
		}
	}
}

static void offer_symbols(struct editor_offers *offers)
{
	char pattern[AXB_SHELL_LINE_MAX];
	struct axb_text text;
	struct axb_symbol symbol;
	uint32_t cursor = 0;
	if (axb_sym_self() == NULL) {
		return;
	}
	axb_text_init(&text, pattern, sizeof(pattern));
	axb_text_str(&text, editor_offers_prefix(offers));
	axb_text_char(&text, '*');
	while (axb_symtab_search(axb_sym_self(), pattern, &cursor, &symbol) == AXB_OK) {
		editor_offer(offers, symbol.name);
	}
}

static void offer_commands(struct editor_offers *offers)
{
	for (uint32_t i = 0; i < shell_command_count; i++) {
		editor_offer(offers, shell_commands[i].name);
	}
}

static void offer_probes(struct editor_offers *offers)
{
	char spec[AXB_SHELL_LINE_MAX];
	for (uint32_t kind = 0; kind < axb_control_kind_count(); kind++) {
		for (uint32_t i = 0; axb_control_site(kind, i, spec, sizeof(spec)); i++) {
			editor_offer(offers, spec);
		}
	}
}

/* What the words of a command are; the second column is for the second word. */
static const struct {
	const char *command;
	void (*first)(struct editor_offers *offers);
	void (*second)(struct editor_offers *offers);
} arguments[] = {
	{"help", offer_commands, NULL},
	{"list", offer_tracepoints, NULL},
	{"enable", offer_tracepoints, offer_tracepoints},
	{"disable", offer_tracepoints, offer_tracepoints},
	{"format", offer_tracepoints, NULL},
	{"load", offer_objects, NULL},
	{"unload", offer_objects, NULL},
	{"attach", offer_programs, offer_probes},
	{"detach", offer_programs, offer_probes},
	{"maps", offer_maps, NULL},
	{"sym", offer_symbols, NULL},
	{"check", offer_probes, NULL},
	{"hprobe", offer_symbols, offer_programs},
	{"hretprobe", offer_symbols, offer_programs},
	{"unhprobe", offer_symbols, NULL},
};

/* The words of @before, one behind the other, to @words. @return how many there are. */
static uint32_t split(const char *before, char words[2][AXB_SHELL_LINE_MAX])
{
	uint32_t count = 0;
	size_t length = 0;
	for (const char *at = before; *at != '\0'; at++) {
		if (*at != ' ') {
			length++;
			continue;
		}
		if (length != 0 && count < 2 && length < AXB_SHELL_LINE_MAX) {
			memcpy(words[count], at - length, length);
			words[count][length] = '\0';
		}
		count += length != 0;
		length = 0;
	}
	return count;
}

void axb_shell_complete(const char *before, struct editor_offers *offers)
{
	char words[2][AXB_SHELL_LINE_MAX] = {"", ""};
	uint32_t count = split(before, words);
	if (count == 0) {
		editor_offer(offers, "trace");
		return;
	}
	if (!axb_streq(words[0], "trace")) {
		return;
	}
	if (count == 1) {
		offer_commands(offers);
	}
	for (size_t i = 0; i < AXB_ARRAY_COUNT(arguments); i++) {
		void (*offer)(struct editor_offers *) =
			count == 2 ? arguments[i].first : arguments[i].second;
		if (count > 1 && offer != NULL && axb_streq(arguments[i].command, words[1])) {
			offer(offers);
		}
	}
}
