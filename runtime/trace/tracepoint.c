/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/trace/tracepoint.h"

#include "codegen/gen/contexts_gen.h"    // Generated.
#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "runtime/base/atomic.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/event/event.h"
#include "runtime/hooks/core.h"
#include "runtime/trace/internal.h"

struct tp_state tp_state;

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
		sizeof(struct tracepoint) + (cpu_count + 1) * sizeof(struct tp_cpu_stats);
	return 2 * AXB_CACHE_LINE + (size_t)AXB_TP_COUNT_ * (per_tracepoint + AXB_CACHE_LINE);
}

static enum axb_status init_tracepoint(
	struct tracepoint *tp, uint32_t index, uint32_t cpu_count, struct axb_arena *arena)
{
	tp->cpus = axb_arena_alloc_array(
		arena, cpu_count + 1, sizeof(struct tp_cpu_stats), _Alignof(struct tp_cpu_stats));
	tp->live = &tp->lists[0];
	if (tp->cpus == NULL) {
		return AXB_ERR_NOMEM;
	}
	return axb_event_name_add(axb_tp_defs[index].name, &tp->name_offset);
}

enum axb_status axb_tp_init(uint32_t cpu_count, struct axb_arena *arena)
{
	if (tp_state.initialized) {
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
	tp_state.tracepoints = tracepoints;
	tp_state.cpu_count = cpu_count;
	tp_state.initialized = true;
	return AXB_OK;
}

void axb_tp_deinit(void)
{
	for (uint32_t i = 0; tp_state.initialized && i < AXB_TP_COUNT_; i++) {
		const struct tp_prog_list *list = tp_state.tracepoints[i].live;
		axb_store_relaxed(&axb_tp_states[i].enabled, 0u);
		if (list->count != 0) {
			tp_state.programs->release(list);
		}
	}
	memset(&tp_state, 0, sizeof(tp_state));
}

bool axb_tp_is_initialized(void)
{
	return tp_state.initialized;
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
	if (!tp_state.initialized) {
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

void tp_set_switch(uint32_t index, uint32_t bit, bool on)
{
	uint32_t *enabled = &axb_tp_states[index].enabled;
	uint32_t others = axb_load_relaxed(enabled) & ~bit;
	axb_store_relaxed(enabled, others | (on ? bit : 0));
}

enum axb_status tp_check_index(uint32_t index)
{
	if (!tp_state.initialized) {
		return AXB_ERR_STATE;
	}
	return index < AXB_TP_COUNT_ ? AXB_OK : AXB_ERR_ARG;
}

enum axb_status axb_tp_set_enabled(uint32_t index, bool enabled)
{
	AXB_TRY(tp_check_index(index));
	axb_spinlock_lock(&tp_state.lock);
	tp_set_switch(index, TP_ON_EVENTS, enabled);
	axb_spinlock_unlock(&tp_state.lock);
	return AXB_OK;
}

bool axb_tp_is_enabled(uint32_t index)
{
	return tp_check_index(index) == AXB_OK &&
	       (axb_load_relaxed(&axb_tp_states[index].enabled) & TP_ON_EVENTS) != 0;
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
	if (!tp_state.initialized) {
		return AXB_ERR_STATE;
	}
	axb_spinlock_lock(&tp_state.lock);
	for (uint32_t i = 0; i < AXB_TP_COUNT_; i++) {
		if (matches(&axb_tp_defs[i], pattern)) {
			tp_set_switch(i, TP_ON_EVENTS, enabled);
			matched++;
		}
	}
	axb_spinlock_unlock(&tp_state.lock);
	if (matched == 0) {
		return AXB_ERR_NOT_FOUND;
	}
	*count = matched;
	return AXB_OK;
}

/* Hits. */

void tp_count(uint64_t *counter, uint64_t n)
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

static void record_duration(struct tp_cpu_stats *cpu, uint64_t duration_ns)
{
	tp_count(&cpu->stats.duration_sum_ns, duration_ns);
	tp_count(&cpu->stats.duration_log2[axb_histogram_bucket(duration_ns)], 1);
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
	tp_count(st == AXB_OK ? &s->emitted : &s->lost, 1);
	return st == AXB_ERR_STATE ? axb_plat_time_ns() : event.timestamp_ns;
}

/* A hit on a CPU that init was not told of: nothing may run there, but it counts. */
static void count_stranger(const struct tracepoint *tp, uint32_t on)
{
	struct axb_tp_stats *s = &tp->cpus[tp_state.cpu_count].stats;
	tp_count(&s->hits, 1);
	if ((on & TP_ON_EVENTS) != 0 && axb_event_is_on()) {
		tp_count(&s->lost, 1);
	}
	/* Outside of a read section: the list may change, but it is always one of two. */
	tp_count(&s->missed, axb_load_relaxed(&axb_load_acquire(&tp->live)->count));
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
	if (!tp_state.initialized) {
		return;
	}
	struct tracepoint *tp = &tp_state.tracepoints[index];
	if (cpu >= tp_state.cpu_count) {
		count_stranger(tp, on);
		return;
	}
	struct axb_tp_stats *s = &tp->cpus[cpu].stats;
	memcpy(&header, ctx, sizeof(header));
	complete_vcpu(def, &header);
	tp_count(&s->hits, 1);
	if (def->has_duration) {
		record_duration(&tp->cpus[cpu], duration_ns);
	}
	/* One time for event and context; the event's, which is taken in its reservation. */
	header.timestamp_ns = (on & TP_ON_EVENTS) != 0 && axb_event_is_on()
				      ? emit(def, tp, &header, slots, nr_args, s)
				      : axb_plat_time_ns();
	raise(&s->last_timestamp_ns, header.timestamp_ns);
	memcpy(ctx, &header, sizeof(header));
	/* Acquire; pairs with the release in axb_tp_attach(). */
	const struct tp_programs *programs = axb_load_acquire(&tp_state.programs);
	if ((on & TP_ON_PROGS) != 0 && programs != NULL) {
		programs->run(def, tp, ctx, s);
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
	if (tp_check_index(index) != AXB_OK) {
		return;
	}
	for (uint32_t cpu = 0; cpu <= tp_state.cpu_count; cpu++) {
		const struct tp_cpu_stats *c = &tp_state.tracepoints[index].cpus[cpu];
		add_stats(out, &c->stats);
		min_inverted = greater(min_inverted, axb_load_relaxed(&c->duration_min_inverted));
	}
	out->duration_count = axb_histogram_total(out->duration_log2);
	out->duration_min_ns = out->duration_count == 0 ? 0 : ~min_inverted;
}

static void reset_stats(struct tp_cpu_stats *s)
{
	uint64_t *words = (uint64_t *)(void *)s;
	for (size_t i = 0; i < sizeof(*s) / sizeof(*words); i++) {
		axb_store_relaxed(&words[i], 0u);
	}
}

void axb_tp_stats_reset(void)
{
	for (uint32_t i = 0; tp_state.initialized && i < AXB_TP_COUNT_; i++) {
		for (uint32_t cpu = 0; cpu <= tp_state.cpu_count; cpu++) {
			reset_stats(&tp_state.tracepoints[i].cpus[cpu]);
		}
	}
}
