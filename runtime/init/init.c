/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/init/init.h"

#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/hooks/core.h"
#include "runtime/prog/prog.h"
#include "runtime/sym/sym.h"
#include "runtime/trace/tracepoint.h"

#define RING_EVENTS_DEFAULT 4096u
#define RECENT_EVENTS_DEFAULT 512u
#define NAME_MAX_DEFAULT 512u

static struct {
	bool initialized;
	struct axb_config config;
} state;

static void explain(struct axb_init_error *why, const char *what, size_t memory_needed)
{
	if (why != NULL) {
		why->what = what;
		why->memory_needed = memory_needed;
	}
}

static struct axb_event_config event_config(const struct axb_config *config)
{
	struct axb_event_config event = config->event;
	event.cpu_count = event.cpu_count != 0 ? event.cpu_count : axb_plat_cpu_count();
	event.ring_events = event.ring_events != 0 ? event.ring_events : RING_EVENTS_DEFAULT;
	event.recent_events =
		event.recent_events != 0 ? event.recent_events : RECENT_EVENTS_DEFAULT;
	event.name_max = event.name_max != 0 ? event.name_max : NAME_MAX_DEFAULT;
	return event;
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

static enum axb_status init_prog(const struct axb_config *config, uint32_t cpu_count,
	struct axb_arena *arena, struct axb_init_error *why)
{
	/* Page-aligned use inside: what alignment costs was counted by the caller. */
	size_t size = config->prog_memory_size != 0 ? config->prog_memory_size
						    : axb_arena_free_bytes(arena);
	const struct axb_prog_config prog = {
		.memory = axb_arena_alloc(arena, size, 1),
		.memory_size = size,
		.helpers = config->helpers,
		.cpu_count = cpu_count,
	};
	enum axb_status st = prog.memory == NULL ? AXB_ERR_NOMEM : axb_prog_init(&prog);
	if (st != AXB_OK) {
		explain(why, "memory for programs", config->memory_size + size);
	}
	return st;
}

static enum axb_status init_parts(const struct axb_config *config, struct axb_init_error *why)
{
	const struct axb_event_config event = event_config(config);
	size_t event_size = axb_event_memory_size(&event);
	size_t fixed = event_size + axb_tp_memory_size(event.cpu_count);
	if (event_size == 0) {
		explain(why, "event configuration", 0);
		return AXB_ERR_ARG;
	}
	if (config->memory == NULL || config->memory_size < fixed) {
		explain(why, "memory", fixed + config->prog_memory_size);
		return AXB_ERR_NOMEM;
	}
	struct axb_arena arena;
	axb_arena_init(&arena, config->memory, config->memory_size);
	explain(why, "events", fixed);
	AXB_TRY(axb_event_init(&event, &arena));
	explain(why, "tracepoints", fixed);
	AXB_TRY(axb_tp_init(event.cpu_count, &arena));
	return init_prog(config, event.cpu_count, &arena, why);
}

enum axb_status axb_init(const struct axb_config *config, struct axb_init_error *why)
{
	if (config->helpers == NULL) {
		explain(why, "helpers", 0);
		return AXB_ERR_ARG;
	}
	if (state.initialized) {
		explain(why, "another configuration is in use", 0);
		return is_same(&state.config, config) ? AXB_OK : AXB_ERR_STATE;
	}
	enum axb_status st = init_parts(config, why);
	if (st != AXB_OK) {
		axb_deinit();
		return st;
	}
	state.config = *config;
	state.initialized = true;
	explain(why, "", 0);
	return AXB_OK;
}

enum axb_status axb_init_with_symbols(const struct axb_config *config, struct axb_bytes blob,
	uint64_t stext, uint64_t etext, struct axb_init_error *why)
{
	enum axb_status st = axb_sym_set_self(blob, stext, etext);
	if (st != AXB_OK) {
		explain(why, "symbols", 0);
		return st;
	}
	st = axb_init(config, why);
	if (st != AXB_OK) {
		axb_sym_clear_self();
	}
	return st;
}

enum axb_status axb_cpu_init(void)
{
	uint32_t cpu = axb_plat_cpu_id();
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	if (cpu >= event_config(&state.config).cpu_count) {
		return AXB_ERR_LIMIT;
	}
	return AXB_OK;
}

void axb_deinit(void)
{
	axb_tp_deinit();
	axb_prog_deinit();
	axb_event_deinit();
	axb_sym_clear_self();
	memset(&state, 0, sizeof(state));
}
