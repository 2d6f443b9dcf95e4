/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Hits: by a breakpoint, by the stub of a patch site, and returns. All that runs while the epoch of
 * the CPU is even is AXB_NOPROBE: a hit there would be handled in the middle of this.
 */
#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "probes/hprobe/internal.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"

#define NS_PER_MS 1000000u
/* Two frames in one page are on the same stack. */
#define STACK_PAGE UINT64_C(4096)

struct hprobe_state hprobe;

AXB_NOPROBE struct hprobe_site *hprobe_find(uint64_t address)
{
	/* Acquire; pairs with the release in link_site() and unlink_site(). */
	uint32_t index = axb_load_acquire(&hprobe.buckets[address / 4 % HPROBE_BUCKETS]);
	while (index != 0) {
		struct hprobe_site *site = &hprobe.sites[index - 1];
		if (site->address == address) {
			return site;
		}
		index = axb_load_acquire(&site->next);
	}
	return NULL;
}

/* A counter that only this CPU writes, while its epoch is odd. */
AXB_NOPROBE_INLINE void count(uint64_t *counter)
{
	axb_store_relaxed(counter, axb_load_relaxed(counter) + 1);
}

/* A counter that a trap may interrupt. */
AXB_NOPROBE_INLINE void count_atomic(uint64_t *counter)
{
	(void)axb_fetch_add_relaxed(counter, UINT64_C(1));
}

AXB_NOPROBE_INLINE bool is_handling(const struct hprobe_cpu *cpu)
{
	return (axb_load_relaxed(&cpu->epoch) & 1) != 0;
}

/* No fence: whoever waits for epochs makes every CPU execute one (axb_plat_text_sync()). */
AXB_NOPROBE_INLINE void enter(struct hprobe_cpu *cpu)
{
	axb_store_relaxed(&cpu->epoch, axb_load_relaxed(&cpu->epoch) + 1);
	axb_compiler_barrier();
}

AXB_NOPROBE_INLINE void leave(struct hprobe_cpu *cpu)
{
	axb_compiler_barrier();
	/* Release; pairs with the acquire in wait_for_hits(). */
	axb_store_release(&cpu->epoch, axb_load_relaxed(&cpu->epoch) + 1);
}

/* What is attached. */

static bool read_memory(void *cookie, uint64_t address, void *to, size_t size)
{
	(void)cookie;
	return axb_plat_copy_from(to, address, size);
}

/* The usual arguments. */
static void fill(struct axb_trace_event *event, const struct axb_regs *regs,
	const struct hprobe_instance *entry)
{
	event->nr_args = 4;
	if (entry == NULL) {
		for (uint32_t i = 0; i < 4; i++) {
			event->args[i] = hprobe_argument(regs, i);
		}
		return;
	}
	event->args[0] = hprobe_result(regs);
	event->nr_args = 1;
	if (entry->is_told) {
		memcpy(&event->args[1], entry->arguments, sizeof(entry->arguments));
		event->nr_args = 1 + HPROBE_ENTRY_ARGUMENTS;
	}
}

/* @entry: of a return, what was at the entry; NULL: this is the entry. */
__attribute__((noinline)) static void emit(const struct hprobe_site *site,
	const struct hprobe_attachment *a, const struct axb_regs *regs,
	const struct hprobe_instance *entry)
{
	struct axb_vcpu_context vcpu;
	axb_plat_vcpu_context(&vcpu);
	struct axb_trace_event event = {
		.probe_type = entry != NULL ? AXB_PROBE_TYPE_HRETPROBE : AXB_PROBE_TYPE_HPROBE,
		.vm_id = vcpu.vm_id,
		.vcpu_id = vcpu.vcpu_id,
		.event_id = site->event_id,
		.name_offset = a->name_offset,
	};
	if (entry != NULL && entry->is_told) {
		event.duration_ns = axb_plat_time_ns() - entry->entered_ns;
	}
	if (a->fetch == NULL) {
		fill(&event, regs, entry);
	} else {
		axb_fetch_run(a->fetch, regs, read_memory, NULL, &event);
	}
	/* A full ring counts its own loss. */
	(void)axb_event_emit(&event);
}

static inline void run(const struct hprobe_site *site, const struct hprobe_attachment *a,
	uint32_t cpu_id, struct axb_regs *regs, struct axb_hprobe_stats *s)
{
	struct axb_env env;
	axb_env_init(&env, regs, hprobe_regs_size);
	env.ctx_writable = a->may_write;
	env.cookie = a->cookie;
	env.func_ip = site->function;
	env.name_offset = site->name_offset;
	if (axb_prog_run_on(a->prog, &env, cpu_id)) {
		count(&s->ran);
	}
}

/* What is on and attached for the return of @entry; NULL: for the entry. */
static inline __attribute__((always_inline)) void handle(const struct hprobe_site *site,
	const struct hprobe_list *list, uint32_t cpu_id, struct axb_regs *regs,
	const struct hprobe_instance *entry)
{
	const bool is_return = entry != NULL;
	struct axb_hprobe_stats *s = &site->cpus[cpu_id].numbers;
	for (uint32_t i = 0; i < list->order_count[is_return]; i++) {
		const struct hprobe_attachment *a = &list->attachments[list->order[is_return][i]];
		if (a->prog == NULL) {
			emit(site, a, regs, entry);
		} else {
			run(site, a, cpu_id, regs, s);
		}
	}
}

__attribute__((noinline)) static bool is_throttled(
	const struct hprobe_site *site, struct hprobe_counters *c, uint32_t hits_per_ms)
{
	uint64_t window = axb_plat_time_ns() / NS_PER_MS;
	if (c->window != window) {
		c->window = window;
		c->in_window = 0;
	}
	c->in_window++;
	if (c->in_window == hits_per_ms + 1) {
		axb_trace_probe_throttled(
			AXB_VM_HYPERVISOR, site->event_id, site->address, hits_per_ms);
	}
	return c->in_window > hits_per_ms;
}

/* Returns. */

/* Frames grow downwards: on a stack on which @frame is entered or left, deeper ones are dead, and
 * so is the same one unless it is that of a tail call. */
static bool is_dead(uint64_t other, uint64_t frame, bool is_tail)
{
	return (other ^ frame) < STACK_PAGE && (other < frame || (other == frame && !is_tail));
}

/* Free places at the end, and what will never return there. */
static void trim(struct hprobe_cpu *cpu, uint32_t cpu_id, uint64_t frame, bool is_tail)
{
	uint32_t instances = cpu->instance_count;
	while (instances != 0) {
		struct hprobe_instance *top = &cpu->instances[instances - 1];
		uint64_t other = axb_load_relaxed(&top->frame);
		if (other != 0) {
			if (!is_dead(other, frame, is_tail)) {
				break;
			}
			count_atomic(&top->site->cpus[cpu_id].numbers.abandoned);
			axb_store_relaxed(&top->frame, UINT64_C(0));
		}
		instances--;
	}
	axb_store_relaxed(&cpu->instance_count, instances);
}

__attribute__((noinline)) static void arm_return(struct hprobe_site *site,
	const struct hprobe_list *list, struct hprobe_cpu *cpu, uint32_t cpu_id,
	struct axb_regs *regs)
{
	struct axb_hprobe_stats *s = &site->cpus[cpu_id].numbers;
	uint64_t frame = hprobe_entry_frame(regs);
	uint64_t address = hprobe_return_address(regs);
	uint64_t stub = (uint64_t)(uintptr_t)hprobe_return_stub;
	trim(cpu, cpu_id, frame, address == stub);
	uint32_t instances = cpu->instance_count;
	if (instances == AXB_HPROBE_RETURN_MAX) {
		count(&s->no_instance);
		return;
	}
	struct hprobe_instance *instance = &cpu->instances[instances];
	instance->site = site;
	instance->address = address;
	instance->is_told = list->is_told;
	if (list->is_told) {
		instance->entered_ns = axb_plat_time_ns();
		for (uint32_t i = 0; i < HPROBE_ENTRY_ARGUMENTS; i++) {
			instance->arguments[i] = hprobe_argument(regs, i);
		}
	}
	/* Release; pairs with the acquires in take_from(). */
	axb_store_release(&instance->frame, frame);
	axb_store_release(&cpu->instance_count, instances + 1);
	hprobe_set_return_address(regs, stub);
	count(&s->armed);
}

/* The newest instance of @frame of @cpu, freed. Only the thread whose frame it is asks for it. */
AXB_NOPROBE_INLINE bool take_from(
	struct hprobe_cpu *cpu, uint64_t frame, struct hprobe_instance *out)
{
	/* Acquire; pairs with the releases in arm_return(). */
	for (uint32_t i = axb_load_acquire(&cpu->instance_count); i != 0; i--) {
		struct hprobe_instance *instance = &cpu->instances[i - 1];
		if (axb_load_acquire(&instance->frame) == frame) {
			out->site = instance->site;
			out->address = instance->address;
			out->is_told = instance->is_told;
			if (instance->is_told) {
				out->entered_ns = instance->entered_ns;
				for (uint32_t k = 0; k < HPROBE_ENTRY_ARGUMENTS; k++) {
					out->arguments[k] = instance->arguments[k];
				}
			}
			/* Release: from here on the place may be used again. */
			axb_store_release(&instance->frame, UINT64_C(0));
			return true;
		}
	}
	return false;
}

/* Where the function that left @frame was to return to. Its thread may have been on another CPU
 * when it entered. */
AXB_NOPROBE static void take(uint32_t cpu_id, uint64_t frame, struct hprobe_instance *out)
{
	for (uint32_t i = 0; i < hprobe.cpu_count; i++) {
		if (take_from(&hprobe.cpus[(cpu_id + i) % hprobe.cpu_count], frame, out)) {
			return;
		}
	}
	/* Nobody else knows where to go on. */
	axb_plat_panic(__FILE__, __LINE__, "a probed function returned to a frame not its own");
}

/* The ways in. */

/* A function of its own, so that its callers call nothing else that can be probed. @return whether
 * registers may have changed. */
__attribute__((noinline)) static bool hit(
	struct hprobe_site *site, struct hprobe_cpu *cpu, uint32_t cpu_id, struct axb_regs *regs)
{
	struct hprobe_counters *c = &site->cpus[cpu_id];
	/* Acquire; pairs with the release in hprobe_site_commit(). */
	const struct hprobe_list *list = axb_load_acquire(&site->live);
	uint32_t hits_per_ms = axb_load_relaxed(&site->throttle);
	if (list->active == 0) {
		/* On the way here when the last probe went: as if it had come a bit later. */
		return false;
	}
	if (hits_per_ms != 0 && is_throttled(site, c, hits_per_ms)) {
		count(&c->numbers.throttled);
		return false;
	}
	count(&c->numbers.handled);
	handle(site, list, cpu_id, regs, NULL);
	if (list->returns != 0) {
		arm_return(site, list, cpu, cpu_id, regs);
	}
	return list->may_write;
}

__attribute__((noinline)) static void returned(const struct hprobe_instance *instance,
	struct hprobe_cpu *cpu, uint32_t cpu_id, struct axb_regs *regs)
{
	struct hprobe_site *site = instance->site;
	struct axb_hprobe_stats *s = &site->cpus[cpu_id].numbers;
	const struct hprobe_list *list = axb_load_acquire(&site->live);
	trim(cpu, cpu_id, hprobe_return_frame(regs), true);
	count(&s->returned);
	handle(site, list, cpu_id, regs, instance);
}

AXB_NOPROBE static bool is_breakpoint(uint64_t address)
{
	uint8_t now[4];
	uint8_t differences = 0;
	if (!axb_plat_copy_from(now, address, hprobe_breakpoint_size)) {
		return true;
	}
	for (uint8_t i = 0; i < hprobe_breakpoint_size; i++) {
		differences |= now[i] ^ hprobe_breakpoint[i];
	}
	return differences == 0;
}

/*
 * Whose breakpoint was it? One that is gone from the text by now was of a probe that is gone. While
 * one of ours is in the text, its site is in the chains: unless a whole transaction has passed, one
 * look after the text was read finds it.
 * @return AXB_RESUME: of *@site.
 */
AXB_NOPROBE static enum axb_verdict identify(uint64_t pc, struct hprobe_site **site)
{
	uint64_t generation;
	do {
		/* Acquire; pairs with the release in hprobe_site_commit(). */
		generation = axb_load_acquire(&hprobe.generation);
		*site = hprobe_find(pc);
		if (*site != NULL) {
			return AXB_RESUME;
		}
		if (!is_breakpoint(pc)) {
			return AXB_RETRY;
		}
		*site = hprobe_find(pc);
		if (*site != NULL) {
			return AXB_RESUME;
		}
	} while (generation != axb_load_acquire(&hprobe.generation));
	return AXB_NOT_OURS;
}

AXB_NOPROBE static void step_over(const struct hprobe_site *site, struct axb_regs *regs)
{
	if (site->step == AXB_STEP_SLOT) {
		hprobe_set_pc(regs, hprobe_site_slot(site));
	} else if (site->step == AXB_STEP_SITE) {
		hprobe_set_pc(regs, site->address + site->length);
	} else {
		hprobe_simulate(&site->decoded, regs);
	}
}

/* @return as hit(). */
AXB_NOPROBE_INLINE bool on_hit(struct hprobe_site *site, uint32_t cpu_id, struct axb_regs *regs)
{
	struct hprobe_cpu *cpu = &hprobe.cpus[cpu_id];
	if (is_handling(cpu)) {
		count_atomic(&site->cpus[cpu_id].numbers.missed);
		return false;
	}
	enter(cpu);
	bool may_have_written = hit(site, cpu, cpu_id, regs);
	leave(cpu);
	return may_have_written;
}

AXB_NOPROBE enum axb_verdict hprobe_on_trap(const struct axb_trap *trap, struct axb_regs *regs)
{
	uint32_t cpu_id = axb_plat_cpu_id();
	if (!hprobe.is_initialized || trap->kind != AXB_TRAP_BREAKPOINT ||
		trap->origin != AXB_TRAP_HYPERVISOR || cpu_id >= hprobe.cpu_count) {
		return AXB_NOT_OURS;
	}
	struct hprobe_site *site = NULL;
	enum axb_verdict verdict = identify(trap->pc, &site);
	if (verdict == AXB_NOT_OURS) {
		return verdict;
	}
	hprobe_set_pc(regs, trap->pc);
	if (verdict == AXB_RETRY) {
		return verdict;
	}
	(void)on_hit(site, cpu_id, regs);
	if (hprobe_pc(regs) == trap->pc) {
		step_over(site, regs);
	}
	return AXB_RESUME;
}

AXB_STATIC_ASSERT(offsetof(struct hprobe_site, address) == 0, "stub.S reads it");

/* From the stub of @site. */
AXB_NOPROBE uint64_t hprobe_on_site(struct hprobe_site *site, struct axb_regs *regs)
{
	uint32_t cpu_id = axb_plat_cpu_id();
	if (cpu_id >= hprobe.cpu_count) {
		count_atomic(&site->cpus[0].numbers.missed);
		return 0;
	}
	if (!on_hit(site, cpu_id, regs)) {
		return 0;
	}
	uint64_t pc = hprobe_pc(regs);
	return pc == site->address ? pc + site->length : pc;
}

/* From hprobe_return_stub. */
AXB_NOPROBE uint64_t hprobe_on_return(struct axb_regs *regs)
{
	uint32_t cpu_id = axb_plat_cpu_id();
	AXB_CHECK(cpu_id < hprobe.cpu_count);
	struct hprobe_cpu *cpu = &hprobe.cpus[cpu_id];
	struct hprobe_instance instance;
	take(cpu_id, hprobe_return_frame(regs), &instance);
	hprobe_set_pc(regs, instance.address);
	if (is_handling(cpu)) {
		count_atomic(&instance.site->cpus[cpu_id].numbers.abandoned);
	} else {
		enter(cpu);
		returned(&instance, cpu, cpu_id, regs);
		leave(cpu);
	}
	return hprobe_pc(regs);
}
