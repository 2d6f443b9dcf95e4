/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Lock order: state.lock is the only lock here; thread context only. A hit reads the published list
 * of programs inside a read section of prog and counts on its own CPU.
 */
#include "runtime/trace/tracepoint.h"

#include "codegen/gen/contexts_gen.h"    // Generated.
#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "runtime/base/atomic.h"
#include "runtime/base/bits.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"
#include "runtime/event/event.h"
#include "runtime/hooks/core.h"

struct attachment {
	struct axb_prog *prog;
	uint64_t cookie;
};

/** The programs of a tracepoint. Never changed once published: a change publishes the other one. */
struct prog_list {
	uint32_t count;
	struct attachment attachments[AXB_TP_PROG_MAX];
};

/** Numbers of one tracepoint on one CPU: written there, but also by traps that nest there. */
struct cpu_stats {
	struct axb_tp_stats stats;
} AXB_ALIGNED(AXB_CACHE_LINE);

struct tracepoint {
	bool enabled;
	uint16_t name_offset;
	const struct prog_list *live;
	struct prog_list lists[2];
	struct cpu_stats *cpus;
};

static struct {
	struct axb_spinlock lock;
	bool initialized;
	uint32_t cpu_count;
	struct tracepoint *tracepoints;
} state;

size_t axb_tp_memory_size(uint32_t cpu_count)
{
	size_t per_tracepoint = sizeof(struct tracepoint) + cpu_count * sizeof(struct cpu_stats);
	return 2 * AXB_CACHE_LINE + (size_t)AXB_TP_COUNT_ * (per_tracepoint + AXB_CACHE_LINE);
}

static enum axb_status init_tracepoint(
	struct tracepoint *tp, uint32_t index, uint32_t cpu_count, struct axb_arena *arena)
{
	tp->cpus = axb_arena_alloc_array(
		arena, cpu_count, sizeof(struct cpu_stats), _Alignof(struct cpu_stats));
	tp->live = &tp->lists[0];
	if (tp->cpus == NULL) {
		return AXB_ERR_NOMEM;
	}
	return axb_event_name_add(axb_tp_defs[index].name, &tp->name_offset);
}

enum axb_status axb_tp_init(uint32_t cpu_count, struct axb_arena *arena)
{
	if (state.initialized) {
		return AXB_ERR_STATE;
	}
	if (cpu_count == 0 || cpu_count > AXB_CPU_MAX) {
		return AXB_ERR_ARG;
	}
	size_t mark = axb_arena_mark(arena);
	struct tracepoint *tracepoints = axb_arena_alloc_array(
		arena, AXB_TP_COUNT_, sizeof(struct tracepoint), _Alignof(struct tracepoint));
	enum axb_status st = tracepoints == NULL ? AXB_ERR_NOMEM : AXB_OK;
	for (uint32_t i = 0; i < AXB_TP_COUNT_ && st == AXB_OK; i++) {
		st = init_tracepoint(&tracepoints[i], i, cpu_count, arena);
	}
	if (st != AXB_OK) {
		axb_arena_reset(arena, mark);
		return st;
	}
	state.tracepoints = tracepoints;
	state.cpu_count = cpu_count;
	state.initialized = true;
	return AXB_OK;
}

void axb_tp_deinit(void)
{
	for (uint32_t i = 0; i < AXB_TP_COUNT_; i++) {
		axb_store_relaxed(&axb_tp_states[i].enabled, 0u);
	}
	memset(&state, 0, sizeof(state));
}

bool axb_tp_is_initialized(void)
{
	return state.initialized;
}

enum axb_status axb_tp_find(const char *name, uint32_t *index)
{
	const char *colon = name;
	while (*colon != '\0' && *colon != ':') {
		colon++;
	}
	if (colon == name || *colon == '\0' || colon[1] == '\0') {
		return AXB_ERR_ARG;
	}
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	for (uint32_t i = 0; i < AXB_TP_COUNT_; i++) {
		if (axb_streq(axb_tp_defs[i].name, name)) {
			*index = i;
			return AXB_OK;
		}
	}
	return AXB_ERR_NOT_FOUND;
}

const struct axb_tp_def *axb_tp_def(uint32_t index)
{
	AXB_CHECK(index < AXB_TP_COUNT_);
	return &axb_tp_defs[index];
}

/* Set the emitter's switch. The lock is held. */
static void update_switch(uint32_t index)
{
	const struct tracepoint *tp = &state.tracepoints[index];
	axb_store_relaxed(
		&axb_tp_states[index].enabled, tp->enabled || tp->live->count != 0 ? 1u : 0u);
}

static enum axb_status check_index(uint32_t index)
{
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	return index < AXB_TP_COUNT_ ? AXB_OK : AXB_ERR_ARG;
}

static void set_enabled_locked(uint32_t index, bool enabled)
{
	axb_store_relaxed(&state.tracepoints[index].enabled, enabled);
	update_switch(index);
}

enum axb_status axb_tp_set_enabled(uint32_t index, bool enabled)
{
	AXB_TRY(check_index(index));
	axb_spinlock_lock(&state.lock);
	set_enabled_locked(index, enabled);
	axb_spinlock_unlock(&state.lock);
	return AXB_OK;
}

bool axb_tp_is_enabled(uint32_t index)
{
	return check_index(index) == AXB_OK && axb_load_relaxed(&state.tracepoints[index].enabled);
}

static bool has_colon(const char *s)
{
	while (*s != '\0' && *s != ':') {
		s++;
	}
	return *s == ':';
}

static bool matches(const struct axb_tp_def *def, const char *pattern)
{
	return axb_glob_match(pattern, has_colon(pattern) ? def->name : def->subsystem);
}

enum axb_status axb_tp_set_enabled_glob(const char *pattern, bool enabled, uint32_t *count)
{
	uint32_t matched = 0;
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	axb_spinlock_lock(&state.lock);
	for (uint32_t i = 0; i < AXB_TP_COUNT_; i++) {
		if (matches(&axb_tp_defs[i], pattern)) {
			set_enabled_locked(i, enabled);
			matched++;
		}
	}
	axb_spinlock_unlock(&state.lock);
	if (matched == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	*count = matched;
	return AXB_OK;
}

/* Programs. */

static uint32_t find_attachment(const struct prog_list *list, axb_prog_id_t id)
{
	uint32_t i = 0;
	while (i < list->count && axb_prog_id(list->attachments[i].prog).value != id.value) {
		i++;
	}
	return i;
}

/* The list that is not live, as a copy of the live one, to be changed and published. */
static struct prog_list *spare_list(struct tracepoint *tp)
{
	struct prog_list *spare = tp->live == &tp->lists[0] ? &tp->lists[1] : &tp->lists[0];
	*spare = *tp->live;
	return spare;
}

/* Returns when no hit uses the former list any more, so that it is the spare one. */
static void publish(uint32_t index, const struct prog_list *list)
{
	struct tracepoint *tp = &state.tracepoints[index];
	/* Release; pairs with the acquire in run_programs(). */
	axb_store_release(&tp->live, list);
	update_switch(index);
	axb_prog_synchronize();
}

static enum axb_status attach_locked(uint32_t index, struct axb_prog *prog, uint64_t cookie)
{
	struct tracepoint *tp = &state.tracepoints[index];
	if (find_attachment(tp->live, axb_prog_id(prog)) < tp->live->count) {
		return AXB_ERR_EXISTS;
	}
	if (tp->live->count == AXB_TP_PROG_MAX) {
		return AXB_ERR_FULL;
	}
	struct prog_list *list = spare_list(tp);
	list->attachments[list->count++] = (struct attachment){prog, cookie};
	publish(index, list);
	return AXB_OK;
}

enum axb_status axb_tp_attach(uint32_t index, axb_prog_id_t id, uint64_t cookie)
{
	struct axb_prog *prog = NULL;
	struct axb_prog_info info;
	AXB_TRY(check_index(index));
	AXB_TRY(axb_prog_info(id, &info));
	if (info.type != AXB_PROG_TYPE_TRACEPOINT) {
		return AXB_ERR_UNSUPPORTED;
	}
	AXB_TRY(axb_prog_get(id, &prog));
	axb_spinlock_lock(&state.lock);
	enum axb_status st = attach_locked(index, prog, cookie);
	axb_spinlock_unlock(&state.lock);
	if (st != AXB_OK) {
		axb_prog_put(prog);
	}
	return st;
}

enum axb_status axb_tp_detach(uint32_t index, axb_prog_id_t id)
{
	struct axb_prog *prog = NULL;
	AXB_TRY(check_index(index));
	axb_spinlock_lock(&state.lock);
	struct tracepoint *tp = &state.tracepoints[index];
	uint32_t at = find_attachment(tp->live, id);
	if (at < tp->live->count) {
		prog = tp->live->attachments[at].prog;
		struct prog_list *list = spare_list(tp);
		list->count--;
		for (uint32_t i = at; i < list->count; i++) {
			list->attachments[i] = list->attachments[i + 1];
		}
		publish(index, list);
	}
	axb_spinlock_unlock(&state.lock);
	if (prog == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	axb_prog_put(prog);
	return AXB_OK;
}

uint32_t axb_tp_progs(uint32_t index, axb_prog_id_t out[AXB_TP_PROG_MAX])
{
	if (check_index(index) != AXB_OK) {
		return 0;
	}
	axb_spinlock_lock(&state.lock);
	const struct prog_list *list = state.tracepoints[index].live;
	uint32_t count = list->count;
	for (uint32_t i = 0; i < count; i++) {
		out[i] = axb_prog_id(list->attachments[i].prog);
	}
	axb_spinlock_unlock(&state.lock);
	return count;
}

/* Hits. Counters are atomic although only this CPU writes them: a trap may hit between the halves
 * of an addition. */

static void record_extremes(struct axb_tp_stats *s, uint64_t duration_ns)
{
	uint64_t low = axb_load_relaxed(&s->duration_min_ns);
	uint64_t high = axb_load_relaxed(&s->duration_max_ns);
	/* 0 stands for "none yet": durations of 0 never come here. */
	for (uint32_t i = 0; i <= AXB_NEST_MAX && (low == 0 || duration_ns < low); i++) {
		if (axb_compare_exchange_relaxed(&s->duration_min_ns, &low, duration_ns)) {
			break;
		}
	}
	for (uint32_t i = 0; i <= AXB_NEST_MAX && duration_ns > high; i++) {
		if (axb_compare_exchange_relaxed(&s->duration_max_ns, &high, duration_ns)) {
			break;
		}
	}
}

static void record_duration(struct axb_tp_stats *s, uint64_t duration_ns)
{
	if (duration_ns == 0) {
		return;
	}
	(void)axb_fetch_add_relaxed(&s->duration_count, 1u);
	(void)axb_fetch_add_relaxed(&s->duration_sum_ns, duration_ns);
	(void)axb_fetch_add_relaxed(&s->duration_log2[axb_log2_u64(duration_ns)], 1u);
	record_extremes(s, duration_ns);
}

static void emit(const struct axb_tp_def *def, const struct tracepoint *tp,
	const struct axb_tp_ctx_header *header, const uint64_t slots[4], uint8_t nr_args,
	struct axb_tp_stats *s)
{
	struct axb_trace_event event = {
		.probe_type = AXB_PROBE_TYPE_TRACEPOINT,
		.vm_id = header->vm_id,
		.event_id = def->id,
		.name_offset = tp->name_offset,
		.nr_args = nr_args,
		.flags = header->flags,
		.vcpu_id = header->vcpu_id,
		.args = {slots[0], slots[1], slots[2], slots[3]},
		.duration_ns = header->duration_ns,
	};
	bool written = axb_event_emit(&event) == AXB_OK;
	(void)axb_fetch_add_relaxed(written ? &s->emitted : &s->lost, 1u);
}

static void run_programs(const struct axb_tp_def *def, const struct tracepoint *tp, void *ctx,
	struct axb_tp_stats *s)
{
	/* Acquire; pairs with the release in publish(). */
	const struct prog_list *list = axb_load_acquire(&tp->live);
	for (uint32_t i = 0; i < list->count; i++) {
		struct axb_env env;
		memset(&env, 0, sizeof(env));
		env.ctx = ctx;
		env.ctx_size = def->ctx_size;
		env.cookie = list->attachments[i].cookie;
		env.tracepoint_id = def->id;
		env.name_offset = tp->name_offset;
		bool ran = axb_prog_run(list->attachments[i].prog, &env);
		(void)axb_fetch_add_relaxed(ran ? &s->ran : &s->missed, 1u);
	}
}

static void complete_header(const struct axb_tp_def *def, struct axb_tp_ctx_header *header)
{
	header->timestamp_ns = axb_plat_time_ns();
	if (!def->gives_vcpu) {
		struct axb_vcpu_context vcpu;
		axb_plat_vcpu_context(&vcpu);
		header->vm_id = vcpu.vm_id;
		header->vcpu_id = vcpu.vcpu_id;
	}
}

void axb_tp_hit(const struct axb_tp_def *def, void *ctx, const uint64_t slots[4], uint8_t nr_args,
	uint64_t duration_ns)
{
	uint32_t cpu = axb_plat_cpu_id();
	if (!state.initialized || cpu >= state.cpu_count) {
		return;
	}
	struct tracepoint *tp = &state.tracepoints[def - axb_tp_defs];
	struct axb_tp_stats *s = &tp->cpus[cpu].stats;
	struct axb_tp_ctx_header *header = (struct axb_tp_ctx_header *)ctx;
	complete_header(def, header);
	(void)axb_fetch_add_relaxed(&s->hits, 1u);
	axb_store_relaxed(&s->last_timestamp_ns, header->timestamp_ns);
	record_duration(s, duration_ns);
	if (axb_load_relaxed(&tp->enabled)) {
		emit(def, tp, header, slots, nr_args, s);
	}
	axb_prog_read_begin();
	run_programs(def, tp, ctx, s);
	axb_prog_read_end();
}

/* Numbers. */

static void add_stats(struct axb_tp_stats *sum, const struct axb_tp_stats *s)
{
	uint64_t low = axb_load_relaxed(&s->duration_min_ns);
	uint64_t high = axb_load_relaxed(&s->duration_max_ns);
	uint64_t last = axb_load_relaxed(&s->last_timestamp_ns);
	sum->hits += axb_load_relaxed(&s->hits);
	sum->ran += axb_load_relaxed(&s->ran);
	sum->missed += axb_load_relaxed(&s->missed);
	sum->emitted += axb_load_relaxed(&s->emitted);
	sum->lost += axb_load_relaxed(&s->lost);
	sum->duration_count += axb_load_relaxed(&s->duration_count);
	sum->duration_sum_ns += axb_load_relaxed(&s->duration_sum_ns);
	if (low != 0 && (sum->duration_min_ns == 0 || low < sum->duration_min_ns)) {
		sum->duration_min_ns = low;
	}
	if (high > sum->duration_max_ns) {
		sum->duration_max_ns = high;
	}
	if (last > sum->last_timestamp_ns) {
		sum->last_timestamp_ns = last;
	}
	for (uint32_t i = 0; i < AXB_ARRAY_COUNT(sum->duration_log2); i++) {
		sum->duration_log2[i] += axb_load_relaxed(&s->duration_log2[i]);
	}
}

void axb_tp_stats(uint32_t index, struct axb_tp_stats *out)
{
	memset(out, 0, sizeof(*out));
	if (check_index(index) != AXB_OK) {
		return;
	}
	for (uint32_t cpu = 0; cpu < state.cpu_count; cpu++) {
		add_stats(out, &state.tracepoints[index].cpus[cpu].stats);
	}
}

static void reset_stats(struct axb_tp_stats *s)
{
	uint64_t *words = (uint64_t *)(void *)s;
	for (size_t i = 0; i < sizeof(*s) / sizeof(*words); i++) {
		axb_store_relaxed(&words[i], 0u);
	}
}

void axb_tp_stats_reset(void)
{
	for (uint32_t i = 0; state.initialized && i < AXB_TP_COUNT_; i++) {
		for (uint32_t cpu = 0; cpu < state.cpu_count; cpu++) {
			reset_stats(&state.tracepoints[i].cpus[cpu].stats);
		}
	}
}
