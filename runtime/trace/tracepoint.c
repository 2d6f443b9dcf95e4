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
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/hooks/core.h"

/** Bits of axb_tp_state.enabled. */
enum {
	ON_EVENTS = 1,
	ON_PROGS = 2,
};

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
	struct axb_tp_stats stats;      /* duration_count: not used; the histogram has it */
	uint64_t duration_min_inverted; /* ~minimum, so that 0 is "none yet" */
} AXB_ALIGNED(AXB_CACHE_LINE);

struct tracepoint {
	uint16_t name_offset;
	const struct prog_list *live;
	struct prog_list lists[2];
	struct cpu_stats *cpus; /* cpu_count of them, and one of all other CPUs */
};

static struct {
	struct axb_spinlock lock;
	bool initialized;
	uint32_t cpu_count;
	struct tracepoint *tracepoints;
} state;

static bool is_cpu_count(uint32_t cpu_count)
{
	return cpu_count != 0 && cpu_count <= AXB_CPU_MAX;
}

size_t axb_tp_memory_size(uint32_t cpu_count)
{
	if (!is_cpu_count(cpu_count)) {
		return 0;
	}
	size_t per_tracepoint =
		sizeof(struct tracepoint) + (cpu_count + 1) * sizeof(struct cpu_stats);
	return 2 * AXB_CACHE_LINE + (size_t)AXB_TP_COUNT_ * (per_tracepoint + AXB_CACHE_LINE);
}

static enum axb_status init_tracepoint(
	struct tracepoint *tp, uint32_t index, uint32_t cpu_count, struct axb_arena *arena)
{
	tp->cpus = axb_arena_alloc_array(
		arena, cpu_count + 1, sizeof(struct cpu_stats), _Alignof(struct cpu_stats));
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
	if (!is_cpu_count(cpu_count)) {
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
	for (uint32_t i = 0; state.initialized && i < AXB_TP_COUNT_; i++) {
		const struct prog_list *list = state.tracepoints[i].live;
		axb_store_relaxed(&axb_tp_states[i].enabled, 0u);
		for (uint32_t p = 0; p < list->count; p++) {
			axb_prog_put(list->attachments[p].prog);
		}
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

/* Set or clear a bit of the emitter's switch. The lock is held. */
static void set_switch(uint32_t index, uint32_t bit, bool on)
{
	uint32_t *enabled = &axb_tp_states[index].enabled;
	uint32_t others = axb_load_relaxed(enabled) & ~bit;
	axb_store_relaxed(enabled, others | (on ? bit : 0));
}

static enum axb_status check_index(uint32_t index)
{
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	return index < AXB_TP_COUNT_ ? AXB_OK : AXB_ERR_ARG;
}

enum axb_status axb_tp_set_enabled(uint32_t index, bool enabled)
{
	AXB_TRY(check_index(index));
	axb_spinlock_lock(&state.lock);
	set_switch(index, ON_EVENTS, enabled);
	axb_spinlock_unlock(&state.lock);
	return AXB_OK;
}

bool axb_tp_is_enabled(uint32_t index)
{
	return check_index(index) == AXB_OK &&
	       (axb_load_relaxed(&axb_tp_states[index].enabled) & ON_EVENTS) != 0;
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
			set_switch(i, ON_EVENTS, enabled);
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
	set_switch(index, ON_PROGS, list->count != 0);
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

static void add(uint64_t *counter, uint64_t n)
{
	(void)axb_fetch_add_relaxed(counter, n);
}

/* Make *@value at least @least. */
static void raise(uint64_t *value, uint64_t least)
{
	uint64_t found = axb_load_relaxed(value);
	for (uint32_t i = 0; i <= AXB_NEST_MAX && found < least; i++) {
		if (axb_compare_exchange_relaxed(value, &found, least)) {
			break;
		}
	}
}

static void record_duration(struct cpu_stats *cpu, uint64_t duration_ns)
{
	add(&cpu->stats.duration_sum_ns, duration_ns);
	add(&cpu->stats.duration_log2[axb_histogram_bucket(duration_ns)], 1);
	raise(&cpu->stats.duration_max_ns, duration_ns);
	raise(&cpu->duration_min_inverted, ~duration_ns);
}

/* Emit the event of a hit; returns its timestamp. */
static uint64_t emit(const struct axb_tp_def *def, const struct tracepoint *tp,
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
	enum axb_status st = axb_event_emit(&event);
	add(st == AXB_OK ? &s->emitted : &s->lost, 1);
	return st == AXB_ERR_STATE ? axb_plat_time_ns() : event.timestamp_ns;
}

static void run_programs(const struct axb_tp_def *def, const struct tracepoint *tp, void *ctx,
	struct axb_tp_stats *s)
{
	axb_prog_read_begin();
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
		add(axb_prog_run(list->attachments[i].prog, &env) ? &s->ran : &s->missed, 1);
	}
	axb_prog_read_end();
}

/* A hit on a CPU that init was not told of: nothing may run there, but it counts. */
static void count_stranger(const struct tracepoint *tp, uint32_t on)
{
	struct axb_tp_stats *s = &tp->cpus[state.cpu_count].stats;
	add(&s->hits, 1);
	if ((on & ON_EVENTS) != 0 && axb_event_is_on()) {
		add(&s->lost, 1);
	}
	/* Outside of a read section: the list may change, but it is always one of two. */
	add(&s->missed, axb_load_relaxed(&axb_load_acquire(&tp->live)->count));
}

static void complete_vcpu(const struct axb_tp_def *def, struct axb_tp_ctx_header *header)
{
	struct axb_vcpu_context vcpu;
	if (def->gives_vcpu) {
		return;
	}
	axb_plat_vcpu_context(&vcpu);
	header->vm_id = vcpu.vm_id;
	header->vcpu_id = vcpu.vm_id == AXB_VM_HYPERVISOR ? AXB_VCPU_NONE : vcpu.vcpu_id;
}

void axb_tp_hit(const struct axb_tp_def *def, void *ctx, const uint64_t slots[4], uint8_t nr_args,
	uint64_t duration_ns)
{
	uint32_t cpu = axb_plat_cpu_id();
	uint32_t index = (uint32_t)(def - axb_tp_defs);
	uint32_t on = axb_load_relaxed(&axb_tp_states[index].enabled);
	struct axb_tp_ctx_header header;
	if (!state.initialized) {
		return;
	}
	struct tracepoint *tp = &state.tracepoints[index];
	if (cpu >= state.cpu_count) {
		count_stranger(tp, on);
		return;
	}
	struct axb_tp_stats *s = &tp->cpus[cpu].stats;
	memcpy(&header, ctx, sizeof(header));
	complete_vcpu(def, &header);
	add(&s->hits, 1);
	if (def->has_duration) {
		record_duration(&tp->cpus[cpu], duration_ns);
	}
	/* One time for event and context; the event's, which is taken in its reservation. */
	header.timestamp_ns = (on & ON_EVENTS) != 0 && axb_event_is_on()
				      ? emit(def, tp, &header, slots, nr_args, s)
				      : axb_plat_time_ns();
	raise(&s->last_timestamp_ns, header.timestamp_ns);
	memcpy(ctx, &header, sizeof(header));
	if ((on & ON_PROGS) != 0) {
		run_programs(def, tp, ctx, s);
	}
}

/* Numbers. */

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void add_stats(struct axb_tp_stats *sum, const struct axb_tp_stats *s)
{
	sum->hits += axb_load_relaxed(&s->hits);
	sum->ran += axb_load_relaxed(&s->ran);
	sum->missed += axb_load_relaxed(&s->missed);
	sum->emitted += axb_load_relaxed(&s->emitted);
	sum->lost += axb_load_relaxed(&s->lost);
	sum->duration_sum_ns += axb_load_relaxed(&s->duration_sum_ns);
	sum->duration_max_ns = greater(sum->duration_max_ns, axb_load_relaxed(&s->duration_max_ns));
	sum->last_timestamp_ns =
		greater(sum->last_timestamp_ns, axb_load_relaxed(&s->last_timestamp_ns));
	for (uint32_t i = 0; i < AXB_HISTOGRAM_BUCKETS; i++) {
		sum->duration_log2[i] += axb_load_relaxed(&s->duration_log2[i]);
	}
}

void axb_tp_stats(uint32_t index, struct axb_tp_stats *out)
{
	uint64_t min_inverted = 0;
	memset(out, 0, sizeof(*out));
	if (check_index(index) != AXB_OK) {
		return;
	}
	for (uint32_t cpu = 0; cpu <= state.cpu_count; cpu++) {
		const struct cpu_stats *c = &state.tracepoints[index].cpus[cpu];
		add_stats(out, &c->stats);
		min_inverted = greater(min_inverted, axb_load_relaxed(&c->duration_min_inverted));
	}
	out->duration_count = axb_histogram_total(out->duration_log2);
	out->duration_min_ns = out->duration_count == 0 ? 0 : ~min_inverted;
}

static void reset_stats(struct cpu_stats *s)
{
	uint64_t *words = (uint64_t *)(void *)s;
	for (size_t i = 0; i < sizeof(*s) / sizeof(*words); i++) {
		axb_store_relaxed(&words[i], 0u);
	}
}

void axb_tp_stats_reset(void)
{
	for (uint32_t i = 0; state.initialized && i < AXB_TP_COUNT_; i++) {
		for (uint32_t cpu = 0; cpu <= state.cpu_count; cpu++) {
			reset_stats(&state.tracepoints[i].cpus[cpu]);
		}
	}
}
