/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Lock order: state.lock is the only lock here; thread context only. Trap context reads
 * program pointers inside read sections and touches nothing but per-CPU words and the program's
 * own counters.
 */
#include "runtime/prog/prog.h"

#include "runtime/base/arena.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/pages.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"
#include "runtime/hooks/core.h"
#include "runtime/interp/interp.h"

/** Counters of one program on one CPU: written there only, read anywhere. */
struct cpu_counters {
	uint64_t runs;
	uint64_t faults;
	uint64_t missed;
	uint64_t fault_time_ns;
	struct axb_run_fault last_fault;
} AXB_ALIGNED(AXB_CACHE_LINE);

struct loaded;

struct axb_prog {
	axb_prog_id_t id;
	struct loaded *object;
	const struct axb_interp *interp;
	uint32_t references;
	enum axb_prog_type type;
	uint32_t insn_count;
	uint32_t map_count;
	char name[AXB_NAME_MAX];
	char section[AXB_NAME_MAX];
	char target[AXB_NAME_MAX];
	struct cpu_counters *counters; /**< one per CPU */
};

struct loaded_map {
	axb_map_id_t id;
	struct axb_map *map;
};

/** A loaded object; lives at the head of its own pages. */
struct loaded {
	axb_object_id_t id;
	char name[AXB_NAME_MAX];
	struct axb_prog *progs;
	uint32_t prog_count;
	struct loaded_map *maps;
	uint32_t map_count;
	void *pages;
	size_t page_count;
};

/** A place in a handle table. */
struct slot {
	void *object; /**< NULL = free */
	uint16_t generation;
};

/** What this CPU is doing. Written by its CPU only. */
struct cpu_state {
	uint64_t epoch;   /**< odd while in a read section */
	uint32_t depth;   /**< nested read sections */
	uint32_t running; /**< a program runs */
} AXB_ALIGNED(AXB_CACHE_LINE);

static struct {
	struct axb_spinlock lock;
	bool initialized;
	uint32_t cpu_count;
	const struct axb_helper_table *helpers;
	struct axb_pages pages;
	struct slot objects[AXB_OBJECT_MAX];
	struct slot progs[AXB_PROG_MAX];
	struct slot maps[AXB_MAP_MAX];
	struct cpu_state cpus[AXB_CPU_MAX];
} state;

/* Handles. */

static uint32_t handle_of(const struct slot *table, uint32_t index)
{
	return ((uint32_t)table[index].generation << 16) | index;
}

static void *slot_find(const struct slot *table, uint32_t size, uint32_t handle)
{
	uint32_t index = handle & 0xffffu;
	if (handle == 0 || index >= size || table[index].generation != handle >> 16) {
		return NULL;
	}
	return table[index].object;
}

/* The number of free places. */
static uint32_t slots_free(const struct slot *table, uint32_t size)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < size; i++) {
		count += table[i].object == NULL;
	}
	return count;
}

/* There is a free place: the caller counted. A new generation makes every old handle stale. */
static uint32_t slot_take(struct slot *table, uint32_t size, void *object)
{
	uint32_t i = 0;
	while (i + 1 < size && table[i].object != NULL) {
		i++;
	}
	AXB_CHECK(table[i].object == NULL);
	table[i].object = object;
	table[i].generation++;
	if (table[i].generation == 0) {
		table[i].generation = 1;
	}
	return handle_of(table, i);
}

static void slot_release(struct slot *table, uint32_t handle)
{
	table[handle & 0xffffu].object = NULL;
}

/* The handle after @handle (0 = start) of an object in @table; 0 at the end. */
static uint32_t slot_next(const struct slot *table, uint32_t size, uint32_t handle)
{
	for (uint32_t i = handle == 0 ? 0 : (handle & 0xffffu) + 1; i < size; i++) {
		if (table[i].object != NULL) {
			return handle_of(table, i);
		}
	}
	return 0;
}

/* Life of the whole. */

enum axb_status axb_prog_init(const struct axb_prog_config *config)
{
	if (config->helpers == NULL || config->cpu_count == 0 || config->cpu_count > AXB_CPU_MAX) {
		return AXB_ERR_ARG;
	}
	if (state.initialized) {
		return AXB_ERR_STATE;
	}
	struct axb_pages pages;
	AXB_TRY(axb_pages_init(&pages, config->memory, config->memory_size));
	state.pages = pages;
	state.helpers = config->helpers;
	state.cpu_count = config->cpu_count;
	state.initialized = true;
	return AXB_OK;
}

void axb_prog_deinit(void)
{
	memset(&state, 0, sizeof(state));
}

/* Loading. */

static void fail(struct axb_load_error *why, enum axb_load_stage stage, enum axb_status status,
	const char *name)
{
	why->stage = stage;
	why->status = status;
	(void)axb_strcpy(why->name, sizeof(why->name), name);
}

static enum axb_status no_memory(struct axb_load_error *why, const char *name)
{
	fail(why, AXB_LOAD_STAGE_MEMORY, AXB_ERR_NOMEM, name);
	return AXB_ERR_NOMEM;
}

static enum axb_status make_map(const struct axb_object_map *source, struct axb_arena *arena,
	struct axb_map **out, struct axb_load_error *why)
{
	enum axb_status st =
		axb_map_create(&source->def, source->name, state.cpu_count, arena, out, &why->map);
	if (st != AXB_OK) {
		fail(why, st == AXB_ERR_NOMEM ? AXB_LOAD_STAGE_MEMORY : AXB_LOAD_STAGE_MAP, st,
			source->name);
		return st;
	}
	struct axb_map *map = *out;
	if (source->contents.size > map->values_size) {
		fail(why, AXB_LOAD_STAGE_MAP, AXB_ERR_FORMAT, source->name);
		why->map.field = "value_size";
		why->map.value = map->def.value_size;
		return AXB_ERR_FORMAT;
	}
	if (source->contents.size != 0) {
		memcpy(map->values, source->contents.data, source->contents.size);
	}
	/* Or the definition has BPF_F_RDONLY_PROG itself. */
	map->program_read_only = map->program_read_only || source->read_only;
	return AXB_OK;
}

/* Verify and prepare one program. @maps must stay with the object. */
static enum axb_status make_prog(const struct axb_object_prog *source, struct axb_map *const *maps,
	uint32_t map_count, struct axb_arena *arena, struct axb_prog *prog,
	struct axb_load_error *why)
{
	const struct axb_code code = {
		.insns = source->insns,
		.insn_count = source->insn_count,
		.type = source->type,
		.maps = maps,
		.map_count = map_count,
		.helpers = state.helpers,
	};
	const struct axb_checked *checked = NULL;
	enum axb_status st = axb_verify(&code, arena, &checked, &why->reject);
	if (st != AXB_OK) {
		fail(why, st == AXB_ERR_NOMEM ? AXB_LOAD_STAGE_MEMORY : AXB_LOAD_STAGE_VERIFY, st,
			source->name);
		return st;
	}
	prog->counters = axb_arena_alloc_array(
		arena, state.cpu_count, sizeof(struct cpu_counters), AXB_CACHE_LINE);
	if (prog->counters == NULL || axb_interp_create(checked, arena, &prog->interp) != AXB_OK) {
		return no_memory(why, source->name);
	}
	prog->type = source->type;
	prog->insn_count = source->insn_count;
	prog->map_count = map_count;
	(void)axb_strcpy(prog->name, sizeof(prog->name), source->name);
	(void)axb_strcpy(prog->section, sizeof(prog->section), source->section);
	(void)axb_strcpy(prog->target, sizeof(prog->target), source->target);
	return AXB_OK;
}

/* Build everything of @source in @arena; no table knows it yet. */
static enum axb_status build(const struct axb_object *source, struct axb_arena *arena,
	struct loaded **out, struct axb_load_error *why)
{
	struct loaded *object = AXB_ARENA_NEW(arena, struct loaded);
	struct axb_map **maps = (struct axb_map **)axb_arena_alloc_array(
		arena, source->map_count, sizeof(*maps), _Alignof(struct axb_map *));
	if (object == NULL || maps == NULL) {
		return no_memory(why, "");
	}
	object->prog_count = source->prog_count;
	object->map_count = source->map_count;
	object->progs = axb_arena_alloc_array(
		arena, source->prog_count, sizeof(struct axb_prog), _Alignof(struct axb_prog));
	object->maps = axb_arena_alloc_array(
		arena, source->map_count, sizeof(struct loaded_map), _Alignof(struct loaded_map));
	if (object->progs == NULL || object->maps == NULL) {
		return no_memory(why, "");
	}
	for (uint32_t i = 0; i < source->map_count; i++) {
		AXB_TRY(make_map(&source->maps[i], arena, &maps[i], why));
		object->maps[i].map = maps[i];
	}
	for (uint32_t i = 0; i < source->prog_count; i++) {
		AXB_TRY(make_prog(
			&source->progs[i], maps, source->map_count, arena, &object->progs[i], why));
		object->progs[i].object = object;
	}
	*out = object;
	return AXB_OK;
}

static enum axb_status check_room(const struct axb_object *source)
{
	if (slots_free(state.objects, AXB_OBJECT_MAX) == 0 ||
		slots_free(state.progs, AXB_PROG_MAX) < source->prog_count ||
		slots_free(state.maps, AXB_MAP_MAX) < source->map_count) {
		return AXB_ERR_LIMIT;
	}
	return AXB_OK;
}

static void publish(struct loaded *object, const char *name)
{
	(void)axb_strcpy(object->name, sizeof(object->name), name);
	object->id.value = slot_take(state.objects, AXB_OBJECT_MAX, object);
	for (uint32_t i = 0; i < object->prog_count; i++) {
		object->progs[i].id.value = slot_take(state.progs, AXB_PROG_MAX, &object->progs[i]);
	}
	for (uint32_t i = 0; i < object->map_count; i++) {
		object->maps[i].id.value = slot_take(state.maps, AXB_MAP_MAX, &object->maps[i]);
	}
}

/** A way to get an axb_object: from ELF bytes or from raw instructions. */
struct source {
	struct axb_bytes elf;
	const struct axb_object *raw; /**< NULL = parse elf */
	const struct axb_global *globals;
	uint32_t global_count;
};

static enum axb_status set_globals(const struct source *source, struct axb_object *object,
	struct axb_arena *arena, struct axb_load_error *why)
{
	for (uint32_t i = 0; i < source->global_count; i++) {
		const struct axb_global *global = &source->globals[i];
		enum axb_status st = axb_object_set_global(object, source->elf, global, arena);
		if (st != AXB_OK) {
			fail(why, AXB_LOAD_STAGE_GLOBAL, st, global->name);
			return st;
		}
	}
	return AXB_OK;
}

static enum axb_status parse(const struct source *source, struct axb_arena *arena,
	const struct axb_object **out, struct axb_load_error *why)
{
	if (source->raw != NULL) {
		*out = source->raw;
		return AXB_OK;
	}
	struct axb_object *object = NULL;
	enum axb_status st = axb_object_parse(source->elf, arena, &object, &why->object);
	if (st != AXB_OK) {
		fail(why, st == AXB_ERR_NOMEM ? AXB_LOAD_STAGE_MEMORY : AXB_LOAD_STAGE_OBJECT, st,
			why->object.name);
		return st;
	}
	*out = object;
	return set_globals(source, object, arena, why);
}

static size_t pages_for(size_t bytes)
{
	return (bytes + AXB_PAGE_SIZE - 1) / AXB_PAGE_SIZE;
}

/*
 * The longest run of free pages is used as one arena: first what parsing needs, then, from the next
 * page on, the object. Both ends are given back afterwards, so nothing has to be sized beforehand.
 */
static enum axb_status load_locked(const struct source *source, const char *name,
	axb_object_id_t *out, struct axb_load_error *why)
{
	size_t page_count = 0;
	uint8_t *pages = axb_pages_alloc_largest(&state.pages, &page_count);
	if (pages == NULL) {
		return no_memory(why, name);
	}
	struct axb_arena arena;
	axb_arena_init(&arena, pages, page_count * AXB_PAGE_SIZE);
	const struct axb_object *parsed = NULL;
	struct loaded *object = NULL;
	size_t head = 0;
	size_t kept = 0;
	enum axb_status st = parse(source, &arena, &parsed, why);
	if (st != AXB_OK) {
		goto out;
	}
	st = check_room(parsed);
	if (st != AXB_OK) {
		fail(why, AXB_LOAD_STAGE_MEMORY, st, name);
		goto out;
	}
	head = pages_for(axb_arena_mark(&arena));
	axb_arena_init(&arena, pages + head * AXB_PAGE_SIZE, (page_count - head) * AXB_PAGE_SIZE);
	st = build(parsed, &arena, &object, why);
	if (st == AXB_OK) {
		kept = pages_for(axb_arena_mark(&arena));
		object->pages = pages + head * AXB_PAGE_SIZE;
		object->page_count = kept;
		publish(object, name);
		*out = object->id;
	}
out:
	axb_pages_free(&state.pages, pages, head);
	axb_pages_free(
		&state.pages, pages + (head + kept) * AXB_PAGE_SIZE, page_count - head - kept);
	return st;
}

static enum axb_status load(const struct source *source, const char *name, axb_object_id_t *out,
	struct axb_load_error *why)
{
	memset(why, 0, sizeof(*why));
	if (!state.initialized) {
		fail(why, AXB_LOAD_STAGE_MEMORY, AXB_ERR_STATE, name);
		return AXB_ERR_STATE;
	}
	axb_spinlock_lock(&state.lock);
	enum axb_status st = load_locked(source, name, out, why);
	axb_spinlock_unlock(&state.lock);
	return st;
}

enum axb_status axb_object_load(
	struct axb_bytes elf, const char *name, axb_object_id_t *out, struct axb_load_error *why)
{
	return axb_object_load_with(elf, name, NULL, 0, out, why);
}

enum axb_status axb_object_load_with(struct axb_bytes elf, const char *name,
	const struct axb_global *globals, uint32_t count, axb_object_id_t *out,
	struct axb_load_error *why)
{
	const struct source source = {.elf = elf, .globals = globals, .global_count = count};
	return load(&source, name, out, why);
}

enum axb_status axb_object_load_raw(const struct axb_insn *insns, uint32_t insn_count,
	enum axb_prog_type type, const char *name, axb_object_id_t *out, struct axb_load_error *why)
{
	struct axb_object_prog prog = {
		.name = "raw",
		.section = "",
		.type = type,
		.target = "",
		/* Loading only reads it; the field is writable for the parser's relocations. */
		.insns = (struct axb_insn *)(uintptr_t)insns,
		.insn_count = insn_count,
	};
	const struct axb_object object = {.progs = &prog, .prog_count = 1, .license = ""};
	const struct source source = {.raw = &object};
	return load(&source, name, out, why);
}

static const char *global_text(enum axb_status status)
{
	switch (status) {
	case AXB_ERR_NOT_FOUND:
		return "the object has no such global variable";
	case AXB_ERR_ARG:
		return "the value does not fit the variable";
	case AXB_ERR_UNSUPPORTED:
		return "only variables of 1, 2, 4 and 8 bytes can be set";
	default:
		return axb_status_text(status);
	}
}

static void stage_text(const struct axb_load_error *error, struct axb_text *out)
{
	if (error->stage == AXB_LOAD_STAGE_OBJECT) {
		axb_object_explain(&error->object, out);
	} else if (error->stage == AXB_LOAD_STAGE_VERIFY) {
		axb_reject_explain(&error->reject, out);
	} else if (error->stage == AXB_LOAD_STAGE_MAP) {
		axb_text_str(out, "map: ");
		axb_text_str(out, error->map.field == NULL ? "definition" : error->map.field);
		axb_text_str(out, " = ");
		axb_text_u64(out, error->map.value);
		axb_text_str(out, " is not possible");
	} else if (error->stage == AXB_LOAD_STAGE_GLOBAL) {
		axb_text_str(out, global_text(error->status));
	} else {
		axb_text_str(out, axb_status_text(error->status));
	}
}

void axb_load_explain(const struct axb_load_error *error, struct axb_text *out)
{
	if (error->name[0] != '\0' && error->stage != AXB_LOAD_STAGE_OBJECT) {
		axb_text_str(out, error->name);
		axb_text_str(out, ": ");
	}
	stage_text(error, out);
}

/* Unloading. */

static bool is_referenced(const struct loaded *object)
{
	for (uint32_t i = 0; i < object->prog_count; i++) {
		if (axb_load_acquire(&object->progs[i].references) != 0) {
			return true;
		}
	}
	return false;
}

static void unload_locked(struct loaded *object)
{
	for (uint32_t i = 0; i < object->prog_count; i++) {
		slot_release(state.progs, object->progs[i].id.value);
	}
	for (uint32_t i = 0; i < object->map_count; i++) {
		slot_release(state.maps, object->maps[i].id.value);
	}
	slot_release(state.objects, object->id.value);
	/* Whoever ran a program without a reference of its own (none should) is out after this. */
	axb_prog_synchronize();
	axb_pages_free(&state.pages, object->pages, object->page_count);
}

enum axb_status axb_object_unload(axb_object_id_t id)
{
	enum axb_status st = AXB_ERR_STALE;
	axb_spinlock_lock(&state.lock);
	struct loaded *object = slot_find(state.objects, AXB_OBJECT_MAX, id.value);
	if (object != NULL) {
		st = is_referenced(object) ? AXB_ERR_BUSY : AXB_OK;
	}
	if (st == AXB_OK) {
		unload_locked(object);
	}
	axb_spinlock_unlock(&state.lock);
	return st;
}

/* Finding. */

enum axb_status axb_object_find_prog(axb_object_id_t object, const char *name, axb_prog_id_t *out)
{
	enum axb_status st = AXB_ERR_STALE;
	axb_spinlock_lock(&state.lock);
	const struct loaded *o = slot_find(state.objects, AXB_OBJECT_MAX, object.value);
	if (o != NULL) {
		st = AXB_ERR_NOT_FOUND;
		for (uint32_t i = 0; i < o->prog_count && st != AXB_OK; i++) {
			if (name[0] == '\0' || axb_streq(o->progs[i].name, name)) {
				*out = o->progs[i].id;
				st = AXB_OK;
			}
		}
	}
	axb_spinlock_unlock(&state.lock);
	return st;
}

enum axb_status axb_object_find_map(axb_object_id_t object, const char *name, axb_map_id_t *out)
{
	enum axb_status st = AXB_ERR_STALE;
	axb_spinlock_lock(&state.lock);
	const struct loaded *o = slot_find(state.objects, AXB_OBJECT_MAX, object.value);
	if (o != NULL) {
		st = AXB_ERR_NOT_FOUND;
		for (uint32_t i = 0; i < o->map_count && st != AXB_OK; i++) {
			if (axb_streq(o->maps[i].map->name, name)) {
				*out = o->maps[i].id;
				st = AXB_OK;
			}
		}
	}
	axb_spinlock_unlock(&state.lock);
	return st;
}

static void sum_counters(const struct axb_prog *prog, struct axb_prog_info *out)
{
	uint64_t newest_ns = 0;
	for (uint32_t cpu = 0; cpu < state.cpu_count; cpu++) {
		const struct cpu_counters *c = &prog->counters[cpu];
		out->runs += axb_load_relaxed(&c->runs);
		out->missed += axb_load_relaxed(&c->missed);
		uint64_t faults = axb_load_acquire(&c->faults);
		out->faults += faults;
		uint64_t time_ns = axb_load_relaxed(&c->fault_time_ns);
		if (faults != 0 && time_ns >= newest_ns) {
			newest_ns = time_ns;
			out->last_fault.result = axb_load_relaxed(&c->last_fault.result);
			out->last_fault.insn = axb_load_relaxed(&c->last_fault.insn);
			out->last_fault.address = axb_load_relaxed(&c->last_fault.address);
			out->last_fault.size = axb_load_relaxed(&c->last_fault.size);
		}
	}
}

enum axb_status axb_prog_info(axb_prog_id_t id, struct axb_prog_info *out)
{
	axb_spinlock_lock(&state.lock);
	const struct axb_prog *prog = slot_find(state.progs, AXB_PROG_MAX, id.value);
	if (prog != NULL) {
		memset(out, 0, sizeof(*out));
		out->id = id;
		out->object = prog->object->id;
		out->type = prog->type;
		out->insn_count = prog->insn_count;
		out->map_count = prog->map_count;
		out->attach_count = axb_load_relaxed(&prog->references);
		memcpy(out->name, prog->name, sizeof(out->name));
		memcpy(out->object_name, prog->object->name, sizeof(out->object_name));
		memcpy(out->section, prog->section, sizeof(out->section));
		memcpy(out->target, prog->target, sizeof(out->target));
		sum_counters(prog, out);
	}
	axb_spinlock_unlock(&state.lock);
	return prog == NULL ? AXB_ERR_STALE : AXB_OK;
}

/* The object that holds @map. The lock is held. */
static const struct loaded *object_of_map(const struct loaded_map *map)
{
	for (uint32_t i = 0; i < AXB_OBJECT_MAX; i++) {
		const struct loaded *o = state.objects[i].object;
		if (o != NULL && map >= o->maps && map < o->maps + o->map_count) {
			return o;
		}
	}
	return NULL;
}

enum axb_status axb_map_info(axb_map_id_t id, struct axb_map_info *out)
{
	axb_spinlock_lock(&state.lock);
	const struct loaded_map *map = slot_find(state.maps, AXB_MAP_MAX, id.value);
	const struct loaded *object = map == NULL ? NULL : object_of_map(map);
	if (object != NULL) {
		out->id = id;
		out->object = object->id;
		out->map = map->map;
		memcpy(out->object_name, object->name, sizeof(out->object_name));
	}
	axb_spinlock_unlock(&state.lock);
	return object == NULL ? AXB_ERR_STALE : AXB_OK;
}

static bool next(const struct slot *table, uint32_t size, uint32_t *handle)
{
	axb_spinlock_lock(&state.lock);
	uint32_t found = slot_next(table, size, *handle);
	axb_spinlock_unlock(&state.lock);
	if (found != 0) {
		*handle = found;
	}
	return found != 0;
}

bool axb_prog_next(axb_prog_id_t *id)
{
	return next(state.progs, AXB_PROG_MAX, &id->value);
}

bool axb_map_next(axb_map_id_t *id)
{
	return next(state.maps, AXB_MAP_MAX, &id->value);
}

bool axb_object_next(axb_object_id_t *id)
{
	return next(state.objects, AXB_OBJECT_MAX, &id->value);
}

enum axb_status axb_prog_get(axb_prog_id_t id, struct axb_prog **out)
{
	axb_spinlock_lock(&state.lock);
	struct axb_prog *prog = slot_find(state.progs, AXB_PROG_MAX, id.value);
	if (prog != NULL) {
		(void)axb_fetch_add_acq_rel(&prog->references, 1u);
		*out = prog;
	}
	axb_spinlock_unlock(&state.lock);
	return prog == NULL ? AXB_ERR_STALE : AXB_OK;
}

void axb_prog_put(struct axb_prog *prog)
{
	uint32_t before = axb_fetch_sub_acq_rel(&prog->references, 1u);
	AXB_CHECK(before != 0);
}

axb_prog_id_t axb_prog_id(const struct axb_prog *prog)
{
	return prog->id;
}

/* Running. */

static struct cpu_state *this_cpu(void)
{
	uint32_t cpu = axb_plat_cpu_id();
	AXB_CHECK(cpu < AXB_CPU_MAX);
	return &state.cpus[cpu];
}

/*
 * A trap may come between any two lines of begin and end, and begin and end sections of its own.
 * Both therefore compute the epoch so that doing it twice is harmless: begin makes it odd, end
 * makes it even and greater, and only the outermost end (depth back at 0) does so.
 */
void axb_prog_read_begin(void)
{
	struct cpu_state *cpu = this_cpu();
	axb_store_relaxed(&cpu->depth, axb_load_relaxed(&cpu->depth) + 1);
	axb_compiler_barrier();
	axb_store_relaxed(&cpu->epoch, axb_load_relaxed(&cpu->epoch) | 1u);
	/* Pairs with the fence in axb_prog_synchronize(): either it sees the odd epoch, or this
	 * section sees what was published before it. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void axb_prog_read_end(void)
{
	struct cpu_state *cpu = this_cpu();
	uint32_t depth = axb_load_relaxed(&cpu->depth) - 1;
	axb_store_relaxed(&cpu->depth, depth);
	axb_compiler_barrier();
	if (depth == 0) {
		/* Release: what the section read is read before. */
		axb_store_release(&cpu->epoch, (axb_load_relaxed(&cpu->epoch) | 1u) + 1);
	}
}

void axb_prog_synchronize(void)
{
	uint32_t self = axb_plat_cpu_id();
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < AXB_CPU_MAX; i++) {
		uint64_t epoch = axb_load_acquire(&state.cpus[i].epoch);
		/* A section ends: runs are bounded by fuel, so this is too. */
		while (i != self && (epoch & 1) != 0 &&
			axb_load_acquire(&state.cpus[i].epoch) == epoch) {
			axb_cpu_relax();
		}
	}
}

/* Add to a counter that only this CPU writes. A trap in between may only count missed. */
static void count(uint64_t *counter)
{
	axb_store_relaxed(counter, axb_load_relaxed(counter) + 1);
}

static void count_fault(struct cpu_counters *c, const struct axb_run_fault *fault)
{
	axb_store_relaxed(&c->last_fault.result, fault->result);
	axb_store_relaxed(&c->last_fault.insn, fault->insn);
	axb_store_relaxed(&c->last_fault.address, fault->address);
	axb_store_relaxed(&c->last_fault.size, fault->size);
	axb_store_relaxed(&c->fault_time_ns, axb_plat_time_ns());
	axb_store_release(&c->faults, axb_load_relaxed(&c->faults) + 1);
}

bool axb_prog_run(struct axb_prog *prog, struct axb_env *env)
{
	return axb_prog_run_on(prog, env, axb_plat_cpu_id());
}

bool axb_prog_run_on(struct axb_prog *prog, struct axb_env *env, uint32_t id)
{
	AXB_CHECK(id < state.cpu_count);
	struct cpu_state *cpu = &state.cpus[id];
	struct cpu_counters *counters = &prog->counters[id];
	if (axb_load_relaxed(&cpu->running) != 0) {
		/* A trap inside this trap may miss too: this counter alone needs the atomic. */
		(void)axb_fetch_add_relaxed(&counters->missed, 1u);
		return false;
	}
	axb_store_relaxed(&cpu->running, 1u);
	axb_compiler_barrier();
	count(&counters->runs);
	env->prog_name = prog->name;
	if (axb_interp_run(prog->interp, env) != AXB_RUN_OK) {
		count_fault(counters, &env->fault);
	}
	axb_compiler_barrier();
	axb_store_relaxed(&cpu->running, 0u);
	return true;
}
