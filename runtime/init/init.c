/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Boot context, one CPU: no locks. The memory is laid out as events, tracepoints, programs.
 */
#include "runtime/init/init.h"

#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/hooks/core.h"
#include "runtime/init/internal.h"
#include "runtime/trace/tracepoint.h"

struct init_state init_state;

enum axb_status init_refuse(
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
	const struct axb_event_config *event, const struct init_programs *programs,
	struct axb_init_error *why)
{
	const char *bad = find_bad_field(event);
	size_t prog_size = 0;
	if (programs != NULL && bad == NULL) {
		bad = programs->check(config, &prog_size);
	}
	if (bad != NULL) {
		return init_refuse(why, AXB_ERR_ARG, bad, 0);
	}
	size_t needed = axb_event_memory_size(event) + axb_tp_memory_size(event->cpu_count);
	if (prog_size > SIZE_MAX - needed) {
		return init_refuse(why, AXB_ERR_ARG, "prog_memory_size", 0);
	}
	if (config->memory == NULL || config->memory_size < needed + prog_size) {
		return init_refuse(why, AXB_ERR_NOMEM, "memory", needed + prog_size);
	}
	return AXB_OK;
}

/* Initialize the parts, or none: one that somebody else initialized stays as it is. */
static enum axb_status init_each(const struct axb_config *config,
	const struct axb_event_config *event, const struct init_programs *programs,
	struct axb_init_error *why)
{
	struct axb_arena arena;
	axb_arena_init(&arena, config->memory, config->memory_size);
	enum axb_status st = axb_event_init(event, &arena);
	if (st != AXB_OK) {
		return init_refuse(why, st, "events", 0);
	}
	st = axb_tp_init(event->cpu_count, &arena);
	if (st != AXB_OK) {
		axb_event_deinit();
		return init_refuse(why, st, "tracepoints", 0);
	}
	st = programs == NULL ? AXB_OK : programs->init(config, event->cpu_count, &arena);
	if (st != AXB_OK) {
		axb_tp_deinit();
		axb_event_deinit();
		return init_refuse(why, st, "programs", 0);
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

enum axb_status init_parts(const struct axb_config *config, const struct init_programs *programs,
	struct axb_init_error *why)
{
	if (init_state.initialized) {
		return init_state.programs == programs && is_same(&init_state.config, config)
			       ? init_refuse(why, AXB_OK, "", 0)
			       : init_refuse(
					 why, AXB_ERR_STATE, "another configuration is in use", 0);
	}
	const struct axb_event_config event = event_config(config);
	AXB_TRY(check_config(config, &event, programs, why));
	AXB_TRY(init_each(config, &event, programs, why));
	init_state.config = *config;
	init_state.cpu_count = event.cpu_count;
	init_state.programs = programs;
	init_state.initialized = true;
	return init_refuse(why, AXB_OK, "", 0);
}

enum axb_status axb_init_tracepoints(const struct axb_config *config, struct axb_init_error *why)
{
	return init_parts(config, NULL, why);
}

enum axb_status axb_cpu_init(void)
{
	if (!init_state.initialized) {
		return AXB_ERR_STATE;
	}
	return axb_plat_cpu_id() < init_state.cpu_count ? AXB_OK : AXB_ERR_LIMIT;
}

void axb_deinit(void)
{
	if (!init_state.initialized) {
		return;
	}
	axb_tp_deinit();
	if (init_state.programs != NULL) {
		init_state.programs->deinit();
	}
	axb_event_deinit();
	if (init_state.clear_symbols != NULL) {
		init_state.clear_symbols();
	}
	memset(&init_state, 0, sizeof(init_state));
}
