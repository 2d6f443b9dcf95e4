/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Per CPU: a counter of events, whose value is an event's sequence number and its place in the
 * flight recorder; a ring; and what the ring has dropped. Dropped events are reported by the next
 * event that fits: it reserves two neighboring records, and the first becomes the loss record.
 *
 * All of it is written by the CPU itself, in thread code and in traps in the middle of that; the
 * reader writes its own line. Names are added under a lock that thread code alone takes.
 */
#include "runtime/event/event.h"

#include "runtime/base/atomic.h"
#include "runtime/base/bits.h"
#include "runtime/base/limits.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/types.h"
#include "runtime/event/recorder.h"
#include "runtime/hooks/core.h"
#include "runtime/ring/ring.h"

AXB_STATIC_ASSERT(sizeof(struct axb_trace_event) == AXB_RING_RECORD_SIZE, "an event is a record");

struct event_cpu {
	/* Constant. */
	AXB_ALIGNED(AXB_CACHE_LINE) struct axb_ring *ring;
	struct axb_recorder recorder;
	/* Written by the CPU. */
	AXB_ALIGNED(AXB_CACHE_LINE) uint64_t attempts;
	uint64_t dropped;
	uint64_t unreported; /* dropped, and in no loss record yet */
	uint64_t reported;
	uint64_t loss_records;
	/* Written by the reader. */
	AXB_ALIGNED(AXB_CACHE_LINE) uint64_t loss_records_delivered;
};

struct name {
	char text[AXB_NAME_MAX];
};

/* Valid while ready. */
static struct axb_event_config config;
static struct event_cpu *cpus;
static struct name *names;

static uint32_t ready;
static uint32_t is_off;
static uint32_t name_count;
static struct axb_spinlock name_lock;
static uint64_t refused;

static bool is_capacity(uint32_t events)
{
	return axb_is_pow2(events) && events >= AXB_RING_RECORDS_MIN &&
	       events <= AXB_RING_RECORDS_MAX;
}

static bool is_config(const struct axb_event_config *c)
{
	return c->cpu_count >= 1 && c->cpu_count <= AXB_CPU_MAX && is_capacity(c->ring_events) &&
	       is_capacity(c->recent_events) && c->name_max <= AXB_EVENT_NAME_NONE;
}

size_t axb_event_memory_size(const struct axb_event_config *c)
{
	if (!is_config(c)) {
		return 0;
	}
	size_t per_cpu = sizeof(struct event_cpu) + axb_ring_memory_size(c->ring_events) +
			 axb_recorder_memory_size(c->recent_events) + AXB_CACHE_LINE;
	return AXB_CACHE_LINE + c->cpu_count * per_cpu + c->name_max * sizeof(struct name);
}

static enum axb_status init_cpu(
	struct event_cpu *cpu, const struct axb_event_config *c, struct axb_arena *arena)
{
	AXB_TRY(axb_ring_create(c->ring_events, arena, &cpu->ring));
	void *memory =
		axb_arena_alloc(arena, axb_recorder_memory_size(c->recent_events), AXB_CACHE_LINE);
	if (memory == NULL) {
		return AXB_ERR_NOMEM;
	}
	axb_recorder_init(&cpu->recorder, c->recent_events, memory);
	return AXB_OK;
}

static enum axb_status take_memory(const struct axb_event_config *c, struct axb_arena *arena)
{
	cpus = axb_arena_alloc_array(arena, c->cpu_count, sizeof(*cpus), AXB_CACHE_LINE);
	names = axb_arena_alloc_array(arena, c->name_max, sizeof(*names), 1);
	if (cpus == NULL || names == NULL) {
		return AXB_ERR_NOMEM;
	}
	for (uint32_t i = 0; i < c->cpu_count; i++) {
		AXB_TRY(init_cpu(&cpus[i], c, arena));
	}
	return AXB_OK;
}

enum axb_status axb_event_init(const struct axb_event_config *c, struct axb_arena *arena)
{
	if (axb_load_acquire(&ready) != 0) {
		return AXB_ERR_STATE;
	}
	if (!is_config(c)) {
		return AXB_ERR_ARG;
	}
	size_t mark = axb_arena_mark(arena);
	enum axb_status st = take_memory(c, arena);
	if (st != AXB_OK) {
		axb_arena_reset(arena, mark);
		return st;
	}
	config = *c;
	axb_store_relaxed(&name_count, 0u);
	axb_store_relaxed(&is_off, 0u);
	/* Release; pairs with the acquire in cpu_at(). */
	axb_store_release(&ready, 1u);
	return AXB_OK;
}

void axb_event_deinit(void)
{
	axb_store_release(&ready, 0u);
	axb_store_release(&name_count, 0u);
}

/** State of CPU @id; NULL when there is none. */
static struct event_cpu *cpu_at(uint32_t id)
{
	/* Acquire; pairs with the release in axb_event_init(). */
	if (axb_load_acquire(&ready) == 0 || id >= config.cpu_count) {
		return NULL;
	}
	return &cpus[id];
}

/** An event's places in the ring. */
struct place {
	struct axb_ring_slot loss; /* record NULL: no loss to report */
	uint64_t lost;             /* to be reported there; 0 when a trap reports it */
	struct axb_ring_slot event;
};

static enum axb_status reserve(struct event_cpu *cpu, struct place *place)
{
	struct axb_ring_slot pair[2];
	place->loss.record = NULL;
	if (axb_load_relaxed(&cpu->unreported) == 0) {
		return axb_ring_reserve(cpu->ring, &place->event);
	}
	AXB_TRY(axb_ring_reserve_pair(cpu->ring, pair));
	place->loss = pair[0];
	place->event = pair[1];
	/* At once: a trap from here on is behind this event in the ring, and so would its report.
	 */
	place->lost = axb_exchange_acq_rel(&cpu->unreported, 0);
	return AXB_OK;
}

/** Close the loss record before @event: with what is lost, or as none when a trap reports it. */
static void report_loss(
	struct event_cpu *cpu, const struct place *place, struct axb_trace_event *event)
{
	struct axb_trace_event *loss = place->loss.record;
	if (place->lost == 0) {
		axb_ring_discard(cpu->ring, &place->loss);
		return;
	}
	event->flags |= AXB_EVENT_LOST_BEFORE;
	memset(loss, 0, sizeof(*loss));
	loss->timestamp_ns = event->timestamp_ns;
	loss->cpu_id = event->cpu_id;
	loss->event_id = AXB_EVENT_ID_LOST;
	loss->name_offset = AXB_EVENT_NAME_NONE;
	loss->vcpu_id = AXB_VCPU_NONE;
	loss->sequence = event->sequence;
	loss->nr_args = 2;
	loss->args[0] = place->lost;
	loss->args[1] = axb_fetch_add_relaxed(&cpu->reported, place->lost) + place->lost;
	(void)axb_fetch_add_relaxed(&cpu->loss_records, 1);
	axb_ring_commit(cpu->ring, &place->loss);
}

static void count_drop(struct event_cpu *cpu)
{
	(void)axb_fetch_add_relaxed(&cpu->dropped, 1);
	(void)axb_fetch_add_relaxed(&cpu->unreported, 1);
}

enum axb_status axb_event_emit(struct axb_trace_event *event)
{
	uint32_t cpu_id = axb_plat_cpu_id();
	struct event_cpu *cpu = cpu_at(cpu_id);
	struct place place;
	if (cpu == NULL) {
		(void)axb_fetch_add_relaxed(&refused, 1);
		return AXB_ERR_STATE;
	}
	if (axb_load_relaxed(&is_off) != 0) {
		return AXB_OK;
	}
	event->flags &= (uint8_t)~AXB_EVENT_LOST_BEFORE;
	uint64_t number = axb_fetch_add_relaxed(&cpu->attempts, 1);
	enum axb_status st = reserve(cpu, &place);
	event->timestamp_ns = axb_plat_time_ns();
	event->cpu_id = (uint8_t)cpu_id;
	event->sequence = (uint16_t)number;
	if (st == AXB_OK) {
		if (place.loss.record != NULL) {
			report_loss(cpu, &place, event);
		}
		memcpy(place.event.record, event, sizeof(*event));
		axb_ring_commit(cpu->ring, &place.event);
	} else {
		count_drop(cpu);
	}
	axb_recorder_put(&cpu->recorder, number, event);
	return st;
}

uint64_t axb_event_refused_count(void)
{
	return axb_load_relaxed(&refused);
}

enum axb_status axb_event_printk(const char *text, size_t length)
{
	struct axb_vcpu_context context;
	struct axb_trace_event event;
	enum axb_status first = AXB_OK;
	bool cut = length > AXB_PRINTK_MAX;
	size_t left = cut ? AXB_PRINTK_MAX : length;
	axb_plat_vcpu_context(&context);
	do {
		size_t part = left < sizeof(event.args) ? left : sizeof(event.args);
		left -= part;
		memset(&event, 0, sizeof(event));
		event.probe_type = AXB_PROBE_TYPE_TRACEPOINT;
		event.event_id = AXB_EVENT_ID_PRINTK;
		event.name_offset = AXB_EVENT_NAME_NONE;
		event.vm_id = context.vm_id;
		event.vcpu_id =
			context.vm_id == AXB_VM_HYPERVISOR ? AXB_VCPU_NONE : context.vcpu_id;
		event.nr_args = (uint8_t)((part + 7) / 8);
		if (left != 0) {
			event.flags = AXB_EVENT_CONTINUED;
		} else if (cut) {
			event.flags = AXB_EVENT_TRUNCATED;
		}
		if (part != 0) {
			memcpy(event.args, text, part);
		}
		text += part;
		enum axb_status st = axb_event_emit(&event);
		first = first == AXB_OK ? st : first;
	} while (left != 0);
	return first;
}

void axb_event_set_on(bool on)
{
	axb_store_relaxed(&is_off, on ? 0u : 1u);
}

bool axb_event_is_on(void)
{
	return axb_load_relaxed(&is_off) == 0;
}

size_t axb_event_read(uint32_t id, struct axb_trace_event *out, size_t max)
{
	struct event_cpu *cpu = cpu_at(id);
	uint64_t losses = 0;
	if (cpu == NULL) {
		return 0;
	}
	size_t count = axb_ring_read(cpu->ring, out, max);
	for (size_t i = 0; i < count; i++) {
		losses += out[i].event_id == AXB_EVENT_ID_LOST;
	}
	axb_store_relaxed(&cpu->loss_records_delivered,
		axb_load_relaxed(&cpu->loss_records_delivered) + losses);
	return count;
}

uint64_t axb_event_backlog(uint32_t id)
{
	const struct event_cpu *cpu = cpu_at(id);
	return cpu != NULL ? axb_ring_used(cpu->ring) : 0;
}

size_t axb_event_recent(uint32_t id, struct axb_trace_event *out, size_t max)
{
	struct event_cpu *cpu = cpu_at(id);
	if (cpu == NULL) {
		return 0;
	}
	return axb_recorder_get(&cpu->recorder, axb_load_relaxed(&cpu->attempts), out, max);
}

/** @a - @b, or 0: they are read one after the other while a reader and a writer go on. */
static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void axb_event_stats(uint32_t id, struct axb_event_stats *out)
{
	struct event_cpu *cpu = cpu_at(id);
	struct axb_ring_stats ring;
	memset(out, 0, sizeof(*out));
	if (cpu == NULL) {
		return;
	}
	axb_ring_stats(cpu->ring, &ring);
	out->attempts = axb_load_relaxed(&cpu->attempts);
	out->dropped = axb_load_relaxed(&cpu->dropped);
	out->committed = difference(ring.committed, axb_load_relaxed(&cpu->loss_records));
	out->delivered = difference(ring.delivered, axb_load_relaxed(&cpu->loss_records_delivered));
	out->pending = difference(out->committed, out->delivered);
}

static bool find_name(const char *text, uint32_t count, uint32_t *index)
{
	for (uint32_t i = 0; i < count; i++) {
		if (axb_streq(names[i].text, text)) {
			*index = i;
			return true;
		}
	}
	return false;
}

/** Under name_lock. */
static enum axb_status add_name(const char *text, uint32_t *index)
{
	uint32_t count = axb_load_relaxed(&name_count);
	if (find_name(text, count, index)) {
		return AXB_OK;
	}
	if (count == config.name_max) {
		return AXB_ERR_FULL;
	}
	(void)axb_strcpy(names[count].text, sizeof(names[count].text), text);
	/* Release; pairs with the acquire in axb_event_name_count(): names are whole. */
	axb_store_release(&name_count, count + 1);
	*index = count;
	return AXB_OK;
}

enum axb_status axb_event_name_add(const char *name, uint16_t *index)
{
	struct name cut;
	uint32_t found = 0;
	if (axb_load_acquire(&ready) == 0) {
		return AXB_ERR_STATE;
	}
	(void)axb_strcpy(cut.text, sizeof(cut.text), name);
	uint64_t irq = axb_plat_irq_save();
	axb_spinlock_lock(&name_lock);
	enum axb_status st = add_name(cut.text, &found);
	axb_spinlock_unlock(&name_lock);
	axb_plat_irq_restore(irq);
	if (st == AXB_OK) {
		*index = (uint16_t)found;
	}
	return st;
}

const char *axb_event_name(uint16_t index)
{
	return index < axb_event_name_count() ? names[index].text : NULL;
}

uint16_t axb_event_name_count(void)
{
	/* Acquire; pairs with the release in add_name(). */
	return (uint16_t)axb_load_acquire(&name_count);
}
