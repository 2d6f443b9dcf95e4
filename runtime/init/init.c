/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Boot context, one CPU: no locks. The memory is laid out as events, tracepoints, programs.
 */
#include "runtime/init/init.h"

#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/base/pages.h"
#include "runtime/hooks/core.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/sym.h"
#include "runtime/trace/tracepoint.h"

/** What alignment costs, bookkeeping, and a page to load something into. */
#define PROG_MEMORY_MIN ((size_t)3 * AXB_PAGE_SIZE)

static struct {
	bool initialized;
	bool has_symbols;
	uint32_t cpu_count;
	struct axb_config config;
	struct axb_bytes blob;
	uint64_t stext;
	uint64_t etext;
} state;

static enum axb_status refuse(
	struct axb_init_error *why, enum axb_status st, const char *what, size_t memory_needed)
{
	if (why != NULL) {
		why->what = what;
		why->memory_needed = memory_needed;
	}
	return st;
}

static uint32_t or_default(uint32_t value, uint32_t by_default)
{
	return value != 0 ? value : by_default;
}

static struct axb_event_config event_config(const struct axb_config *config)
{
	const struct axb_event_config event = {
		.cpu_count = or_default(config->event.cpu_count, axb_plat_cpu_count()),
		.ring_events = or_default(config->event.ring_events, AXB_INIT_RING_EVENTS),
		.recent_events = or_default(config->event.recent_events, AXB_INIT_RECENT_EVENTS),
		.name_max = or_default(config->event.name_max, AXB_INIT_NAME_MAX),
	};
	return event;
}

/* The first field of @event that its package refuses; NULL when it takes all. */
static const char *find_bad_field(const struct axb_event_config *event)
{
	struct axb_event_config part = {
		.cpu_count = 1,
		.ring_events = AXB_INIT_RING_EVENTS,
		.recent_events = AXB_INIT_RECENT_EVENTS,
		.name_max = AXB_INIT_NAME_MAX,
	};
	part.cpu_count = event->cpu_count;
	if (axb_event_memory_size(&part) == 0) {
		return "event.cpu_count";
	}
	part.ring_events = event->ring_events;
	if (axb_event_memory_size(&part) == 0) {
		return "event.ring_events";
	}
	part.recent_events = event->recent_events;
	if (axb_event_memory_size(&part) == 0) {
		return "event.recent_events";
	}
	part.name_max = event->name_max;
	if (axb_event_memory_size(&part) == 0 || event->name_max < axb_tp_count) {
		return "event.name_max";
	}
	return NULL;
}

static enum axb_status check_config(const struct axb_config *config,
	const struct axb_event_config *event, struct axb_init_error *why)
{
	const char *bad = find_bad_field(event);
	if (config->helpers == NULL) {
		bad = "helpers";
	} else if (config->prog_memory_size != 0 && config->prog_memory_size < PROG_MEMORY_MIN) {
		bad = "prog_memory_size";
	}
	if (bad != NULL) {
		return refuse(why, AXB_ERR_ARG, bad, 0);
	}
	size_t prog_size =
		config->prog_memory_size != 0 ? config->prog_memory_size : PROG_MEMORY_MIN;
	size_t needed = axb_event_memory_size(event) + axb_tp_memory_size(event->cpu_count);
	if (prog_size > SIZE_MAX - needed) {
		return refuse(why, AXB_ERR_ARG, "prog_memory_size", 0);
	}
	if (config->memory == NULL || config->memory_size < needed + prog_size) {
		return refuse(why, AXB_ERR_NOMEM, "memory", needed + prog_size);
	}
	return AXB_OK;
}

static enum axb_status init_prog(
	const struct axb_config *config, uint32_t cpu_count, struct axb_arena *arena)
{
	size_t size = config->prog_memory_size != 0 ? config->prog_memory_size
						    : axb_arena_free_bytes(arena);
	const struct axb_prog_config prog = {
		.memory = axb_arena_alloc(arena, size, 1),
		.memory_size = size,
		.helpers = config->helpers,
		.cpu_count = cpu_count,
	};
	return prog.memory == NULL ? AXB_ERR_NOMEM : axb_prog_init(&prog);
}

/* Initialize the parts, or none: one that somebody else initialized stays as it is. */
static enum axb_status init_parts(const struct axb_config *config,
	const struct axb_event_config *event, struct axb_init_error *why)
{
	struct axb_arena arena;
	axb_arena_init(&arena, config->memory, config->memory_size);
	enum axb_status st = axb_event_init(event, &arena);
	if (st != AXB_OK) {
		return refuse(why, st, "events", 0);
	}
	st = axb_tp_init(event->cpu_count, &arena);
	if (st != AXB_OK) {
		axb_event_deinit();
		return refuse(why, st, "tracepoints", 0);
	}
	st = init_prog(config, event->cpu_count, &arena);
	if (st != AXB_OK) {
		axb_tp_deinit();
		axb_event_deinit();
		return refuse(why, st, "programs", 0);
	}
	return AXB_OK;
}

static bool is_same(const struct axb_config *a, const struct axb_config *b)
{
	return a->memory == b->memory && a->memory_size == b->memory_size &&
	       a->helpers == b->helpers && a->prog_memory_size == b->prog_memory_size &&
	       a->event.cpu_count == b->event.cpu_count &&
	       a->event.ring_events == b->event.ring_events &&
	       a->event.recent_events == b->event.recent_events &&
	       a->event.name_max == b->event.name_max;
}

enum axb_status axb_init(const struct axb_config *config, struct axb_init_error *why)
{
	if (state.initialized) {
		return is_same(&state.config, config)
			       ? refuse(why, AXB_OK, "", 0)
			       : refuse(why, AXB_ERR_STATE, "another configuration is in use", 0);
	}
	const struct axb_event_config event = event_config(config);
	AXB_TRY(check_config(config, &event, why));
	AXB_TRY(init_parts(config, &event, why));
	state.config = *config;
	state.cpu_count = event.cpu_count;
	state.initialized = true;
	return refuse(why, AXB_OK, "", 0);
}

enum axb_status axb_init_with_symbols(const struct axb_config *config, struct axb_bytes blob,
	uint64_t stext, uint64_t etext, struct axb_init_error *why)
{
	if (state.has_symbols) {
		bool same = state.blob.data == blob.data && state.blob.size == blob.size &&
			    state.stext == stext && state.etext == etext;
		return same ? axb_init(config, why)
			    : refuse(why, AXB_ERR_STATE, "other symbols are in use", 0);
	}
	enum axb_status st = axb_sym_set_self(blob, stext, etext);
	if (st != AXB_OK) {
		return refuse(why, st, "symbols", 0);
	}
	st = axb_init(config, why);
	if (st != AXB_OK) {
		axb_sym_clear_self();
		return st;
	}
	state.has_symbols = true;
	state.blob = blob;
	state.stext = stext;
	state.etext = etext;
	return AXB_OK;
}

enum axb_status axb_cpu_init(void)
{
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	return axb_plat_cpu_id() < state.cpu_count ? AXB_OK : AXB_ERR_LIMIT;
}

void axb_deinit(void)
{
	if (!state.initialized) {
		return;
	}
	axb_tp_deinit();
	axb_prog_deinit();
	axb_event_deinit();
	if (state.has_symbols) {
		axb_sym_clear_self();
	}
	memset(&state, 0, sizeof(state));
}
