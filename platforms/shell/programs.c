/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Commands about programs and maps: load, unload, attach, detach, progs, maps.
 */
#include "platforms/shell/internal.h"

#include "bpf/embedded.h"
#include "probes/control/control.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/hooks/core.h"
#include "runtime/maps/map.h"

#include "codegen/gen/maps_gen.h" // Generated.

/* Keys and values that can be shown. */
#define CELL_MAX 256u

static bool object_name(axb_object_id_t id, char name[AXB_NAME_MAX])
{
	axb_prog_id_t prog = {0};
	struct axb_prog_info info;
	while (axb_prog_next(&prog)) {
		if (axb_prog_info(prog, &info) == AXB_OK && info.object.value == id.value) {
			(void)axb_strcpy(name, AXB_NAME_MAX, info.object_name);
			return true;
		}
	}
	return false;
}

static bool find_object(const char *name, axb_object_id_t *out)
{
	char found[AXB_NAME_MAX];
	char wanted[AXB_NAME_MAX];
	axb_object_id_t id = {0};
	/* A long path was cut when it was loaded. */
	(void)axb_strcpy(wanted, sizeof(wanted), name);
	while (axb_object_next(&id)) {
		if (object_name(id, found) && axb_streq(found, wanted)) {
			*out = id;
			return true;
		}
	}
	return false;
}

/* "vcpu/exit", as sections say it, to "vcpu:exit". */
static void tracepoint_of(const struct axb_prog_info *info, char name[AXB_NAME_MAX])
{
	(void)axb_strcpy(name, AXB_NAME_MAX, info->target);
	for (char *c = name; *c != '\0'; c++) {
		if (*c == '/') {
			*c = ':';
			return;
		}
	}
}

enum axb_status shell_control_error(
	const char *spec, enum axb_status status, const struct axb_control_error *error)
{
	const struct axb_shell_config *config = shell_config();
	char buffer[512];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	axb_control_explain(spec, error, &text);
	config->write(config->cookie, buffer, text.length);
	return status;
}

/* Attach a program at @spec, NULL = where its section says. */
static enum axb_status attach(const struct axb_prog_info *info, const char *spec)
{
	const struct axb_control_config config = {.prog = info->id};
	char target[AXB_NAME_MAX];
	struct axb_control_error error;
	uint32_t count;
	tracepoint_of(info, target);
	enum axb_status st = spec == NULL ? axb_control_attach_auto(info->id, &count, &error)
					  : axb_control_attach(spec, &config, &count, &error);
	spec = spec == NULL ? target : spec;
	if (st != AXB_OK) {
		return shell_control_error(spec, st, &error);
	}
	shell_say2("Attached: ", info->name, " to ", spec);
	return AXB_OK;
}

/* Attach each program of @object where its section says. */
static enum axb_status attach_all(axb_object_id_t object)
{
	axb_prog_id_t prog = {0};
	struct axb_prog_info info;
	while (axb_prog_next(&prog)) {
		if (axb_prog_info(prog, &info) == AXB_OK && info.object.value == object.value) {
			AXB_TRY(attach(&info, NULL));
		}
	}
	return AXB_OK;
}

static enum axb_status find_bytes(const struct shell_args *args, struct axb_bytes *out)
{
	const struct axb_shell_config *config = shell_config();
	const struct axb_embedded_object *embedded = axb_embedded_find(args->words[1]);
	struct axb_nearest nearest;
	if (embedded != NULL) {
		*out = axb_bytes_of(embedded->bytes, *embedded->size);
		return AXB_OK;
	}
	if (config->read_file != NULL && config->read_file(config->cookie, args->words[1], out)) {
		return AXB_OK;
	}
	axb_nearest_init(&nearest, args->words[1]);
	for (uint32_t i = 0; i < axb_embedded_object_count; i++) {
		axb_nearest_offer(&nearest, axb_embedded_objects[i].name);
	}
	return shell_error(args, 1, AXB_ERR_NOT_FOUND, "no such object or file", &nearest);
}

/** What follows the object in a load command. */
struct load_options {
	bool attach;
	uint32_t global_count;
	struct axb_global globals[SHELL_WORD_MAX];
	char names[SHELL_WORD_MAX][AXB_NAME_MAX];
};

/* Word @word is NAME=VALUE. */
static bool take_global(const char *word, struct load_options *options)
{
	uint32_t length = 0;
	char *name = options->names[options->global_count];
	struct axb_global *global = &options->globals[options->global_count];
	while (word[length] != '\0' && word[length] != '=') {
		length++;
	}
	if (length == 0 || length >= AXB_NAME_MAX || word[length] == '\0' ||
		!axb_parse_u64(&word[length + 1], &global->value)) {
		return false;
	}
	memcpy(name, word, length);
	name[length] = '\0';
	global->name = name;
	options->global_count++;
	return true;
}

static enum axb_status take_load_options(
	const struct shell_args *args, struct load_options *options)
{
	options->attach = false;
	options->global_count = 0;
	for (uint32_t i = 2; i < args->count; i++) {
		if (axb_streq(args->words[i], "--attach")) {
			options->attach = true;
		} else if (!take_global(args->words[i], options)) {
			return shell_error(args, i, AXB_ERR_ARG,
				"only --attach and NAME=NUMBER are known here", NULL);
		}
	}
	return AXB_OK;
}

enum axb_status shell_load(const struct shell_args *args)
{
	struct axb_bytes bytes = {0};
	struct axb_load_error why;
	struct load_options options;
	axb_object_id_t object;
	AXB_TRY(take_load_options(args, &options));
	if (find_object(args->words[1], &object)) {
		return shell_error(args, 1, AXB_ERR_EXISTS, "it is loaded already", NULL);
	}
	enum axb_status st = find_bytes(args, &bytes);
	if (st != AXB_OK) {
		return st;
	}
	st = axb_object_load_with(
		bytes, args->words[1], options.globals, options.global_count, &object, &why);
	if (st != AXB_OK) {
		struct shell_line text;
		shell_begin(&text);
		axb_load_explain(&why, &text.text);
		return shell_error(args, 1, st, text.buffer, NULL);
	}
	struct shell_line line;
	shell_begin(&line);
	axb_text_str(&line.text, "Loaded: ");
	axb_text_str(&line.text, args->words[1]);
	axb_text_str(&line.text, " (");
	axb_text_u64(&line.text, bytes.size);
	axb_text_str(&line.text, " bytes)");
	shell_end(&line);
	return options.attach ? attach_all(object) : AXB_OK;
}

enum axb_status shell_unload(const struct shell_args *args)
{
	axb_object_id_t object;
	if (!find_object(args->words[1], &object)) {
		return shell_error(args, 1, AXB_ERR_NOT_FOUND, "no such object is loaded", NULL);
	}
	enum axb_status st = axb_object_unload(object);
	if (st != AXB_OK) {
		return shell_error(args, 1, st, axb_status_text(st), NULL);
	}
	shell_say2("Unloaded: ", args->words[1], "", "");
	return AXB_OK;
}

enum axb_status shell_find_prog(
	const struct shell_args *args, uint32_t word, struct axb_prog_info *out)
{
	axb_prog_id_t prog = {0};
	struct axb_nearest nearest;
	axb_nearest_init(&nearest, args->words[word]);
	while (axb_prog_next(&prog)) {
		char buffer[2 * AXB_NAME_MAX];
		struct axb_text full;
		if (axb_prog_info(prog, out) != AXB_OK) {
			continue;
		}
		axb_text_init(&full, buffer, sizeof(buffer));
		axb_text_str(&full, out->object_name);
		axb_text_char(&full, '/');
		axb_text_str(&full, out->name);
		if (axb_streq(args->words[word], out->name) ||
			axb_streq(args->words[word], buffer)) {
			return AXB_OK;
		}
		axb_nearest_offer(&nearest, out->name);
	}
	return shell_error(args, word, AXB_ERR_NOT_FOUND, "no such program is loaded", &nearest);
}

enum axb_status shell_attach(const struct shell_args *args)
{
	struct axb_prog_info info = {0};
	AXB_TRY(shell_find_prog(args, 1, &info));
	return attach(&info, args->count > 2 ? args->words[2] : NULL);
}

enum axb_status shell_detach(const struct shell_args *args)
{
	struct axb_prog_info info = {0};
	struct axb_control_error error;
	char target[AXB_NAME_MAX];
	uint32_t count;
	AXB_TRY(shell_find_prog(args, 1, &info));
	tracepoint_of(&info, target);
	const char *spec = args->count > 2 ? args->words[2] : target;
	enum axb_status st = axb_control_detach(spec, info.id, &count, &error);
	if (st != AXB_OK) {
		return shell_control_error(spec, st, &error);
	}
	shell_say2("Detached: ", info.name, " from ", spec);
	return AXB_OK;
}

enum axb_status shell_check(const struct shell_args *args)
{
	const struct axb_shell_config *config = shell_config();
	static char buffer[0x8000]; /* a line for each site */
	struct axb_text text;
	struct axb_control_error error;
	axb_text_init(&text, buffer, sizeof(buffer));
	enum axb_status st = axb_control_check(args->words[1], &text, &error);
	if (st != AXB_OK) {
		return shell_control_error(args->words[1], st, &error);
	}
	config->write(config->cookie, buffer, text.length);
	return AXB_OK;
}

static void prog_row(const struct axb_prog_info *info, bool json)
{
	struct shell_line line;
	char target[AXB_NAME_MAX];
	tracepoint_of(info, target);
	if (json) {
		shell_json_begin(&line);
		shell_json_text(&line, "prog", info->name);
		shell_json_text(&line, "object", info->object_name);
		shell_json_text(&line, "target", target);
		shell_json_u64(&line, "insns", info->insn_count);
		shell_json_u64(&line, "attached", info->attach_count);
		shell_json_u64(&line, "runs", info->runs);
		shell_json_u64(&line, "faults", info->faults);
		shell_json_u64(&line, "missed", info->missed);
		shell_json_end(&line);
		return;
	}
	shell_begin(&line);
	axb_text_field(&line.text, info->name, 20);
	axb_text_field(&line.text, info->object_name, 16);
	axb_text_field(&line.text, target, 18);
	axb_text_u64_field(&line.text, info->insn_count, -6);
	axb_text_u64_field(&line.text, info->attach_count, -9);
	axb_text_u64_field(&line.text, info->runs, -10);
	axb_text_u64_field(&line.text, info->faults, -7);
	axb_text_u64_field(&line.text, info->missed, -7);
	shell_end(&line);
}

enum axb_status shell_progs(const struct shell_args *args)
{
	struct shell_line line;
	axb_prog_id_t id = {0};
	struct axb_prog_info info;
	if (!args->json) {
		shell_say("Embedded objects, for trace load:");
		for (uint32_t i = 0; i < axb_embedded_object_count; i++) {
			shell_begin(&line);
			axb_text_str(&line.text, "  ");
			axb_text_field(&line.text, axb_embedded_objects[i].name, 14);
			axb_text_str(&line.text, axb_embedded_objects[i].description);
			shell_end(&line);
		}
		shell_say("PROGRAM             OBJECT          TARGET             INSNS ATTACHED"
			  "      RUNS FAULTS MISSED");
		shell_rule(93);
	}
	while (axb_prog_next(&id)) {
		if (axb_prog_info(id, &info) == AXB_OK) {
			prog_row(&info, args->json);
		}
	}
	return AXB_OK;
}

static void map_row(const struct axb_map_info *info, bool json)
{
	struct shell_line line;
	const struct axb_map *map = info->map;
	const char *type = axb_map_type_name(map->def.type);
	if (json) {
		shell_json_begin(&line);
		shell_json_text(&line, "map", map->name);
		shell_json_text(&line, "object", info->object_name);
		shell_json_text(&line, "type", type);
		shell_json_u64(&line, "key_size", map->def.key_size);
		shell_json_u64(&line, "value_size", map->def.value_size);
		shell_json_u64(&line, "max_entries", map->def.max_entries);
		shell_json_u64(&line, "entries", axb_map_entry_count(map));
		shell_json_end(&line);
		return;
	}
	shell_begin(&line);
	axb_text_field(&line.text, map->name, 20);
	axb_text_field(&line.text, info->object_name, 16);
	axb_text_field(&line.text, type, 14);
	axb_text_u64_field(&line.text, map->def.key_size, -5);
	axb_text_u64_field(&line.text, map->def.value_size, -7);
	axb_text_u64_field(&line.text, map->def.max_entries, -9);
	axb_text_u64_field(&line.text, axb_map_entry_count(map), -9);
	shell_end(&line);
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != 0) {
			return false;
		}
	}
	return true;
}

/* 1, 2, 4 and 8 bytes as a number, others as hex. */
static void cell(struct axb_text *text, const uint8_t *bytes, uint32_t size)
{
	uint64_t number = 0;
	if (size == 1 || size == 2 || size == 4 || size == 8) {
		memcpy(&number, bytes, size);
		axb_text_u64(text, number);
		return;
	}
	for (uint32_t i = 0; i < size; i++) {
		axb_text_hex(text, bytes[i], 2);
	}
}

static void entry_row(const struct axb_map *map, const uint8_t *key, const uint8_t *value,
	uint32_t cpu, bool json)
{
	struct shell_line line;
	bool per_cpu = map->cpu_count > 1;
	/* A slot that nobody used says nothing, and arrays have many. */
	if (all_zero(value, map->def.value_size)) {
		return;
	}
	if (!json) {
		shell_begin(&line);
		axb_text_str(&line.text, "  ");
		cell(&line.text, key, map->def.key_size);
		axb_text_str(&line.text, per_cpu ? " on cpu " : "");
		if (per_cpu) {
			axb_text_u64(&line.text, cpu);
		}
		axb_text_str(&line.text, ": ");
		cell(&line.text, value, map->def.value_size);
		shell_end(&line);
		return;
	}
	char buffer[2 * CELL_MAX + 1];
	struct axb_text text;
	shell_json_begin(&line);
	shell_json_text(&line, "map", map->name);
	axb_text_init(&text, buffer, sizeof(buffer));
	cell(&text, key, map->def.key_size);
	shell_json_text(&line, "key", buffer);
	if (per_cpu) {
		shell_json_u64(&line, "cpu", cpu);
	}
	axb_text_init(&text, buffer, sizeof(buffer));
	cell(&text, value, map->def.value_size);
	shell_json_text(&line, "value", buffer);
	shell_json_end(&line);
}

static void ringbuf_rows(const struct axb_map *map)
{
	struct axb_ringbuf_stats s;
	struct shell_line line;
	axb_ringbuf_stats(map, &s);
	shell_json_begin(&line);
	shell_json_text(&line, "map", map->name);
	shell_json_u64(&line, "attempts", s.attempts);
	shell_json_u64(&line, "submitted", s.submitted);
	shell_json_u64(&line, "discarded", s.discarded);
	shell_json_u64(&line, "dropped", s.dropped);
	shell_json_u64(&line, "delivered", s.delivered);
	shell_json_end(&line);
}

static enum axb_status map_contents(const struct shell_args *args, struct axb_map *map)
{
	uint8_t key[CELL_MAX] AXB_ALIGNED(8);
	uint8_t next[CELL_MAX] AXB_ALIGNED(8);
	if (map->def.type == AXB_MAP_TYPE_RINGBUF) {
		ringbuf_rows(map);
		return AXB_OK;
	}
	if (map->def.key_size > CELL_MAX) {
		return shell_error(
			args, 1, AXB_ERR_UNSUPPORTED, "its keys are too large to show", NULL);
	}
	uint32_t limit = map->def.max_entries;
	const void *before = NULL;
	/* Bounded: a hash that changes meanwhile could lead around for ever. */
	for (uint32_t i = 0; i < limit && axb_map_next_key(map, before, next) == 0; i++) {
		memcpy(key, next, map->def.key_size);
		before = key;
		for (uint32_t cpu = 0; cpu < map->cpu_count; cpu++) {
			const uint8_t *value = map->cpu_count > 1
						       ? axb_map_lookup_cpu(map, key, cpu)
						       : axb_map_lookup(map, key);
			if (value != NULL) {
				entry_row(map, key, value, cpu, args->json);
			}
		}
	}
	return AXB_OK;
}

enum axb_status shell_maps(const struct shell_args *args)
{
	axb_map_id_t id = {0};
	struct axb_map_info info;
	struct axb_nearest nearest;
	bool all = args->count < 2;
	if (all && !args->json) {
		shell_say("MAP                 OBJECT          TYPE            KEY  VALUE      MAX"
			  "  ENTRIES");
		shell_rule(80);
	}
	axb_nearest_init(&nearest, all ? "" : args->words[1]);
	while (axb_map_next(&id)) {
		if (axb_map_info(id, &info) != AXB_OK) {
			continue;
		}
		if (all) {
			map_row(&info, args->json);
		} else if (axb_streq(info.map->name, args->words[1])) {
			return map_contents(args, info.map);
		} else {
			axb_nearest_offer(&nearest, info.map->name);
		}
	}
	return all ? AXB_OK
		   : shell_error(args, 1, AXB_ERR_NOT_FOUND, "no such map is loaded", &nearest);
}
