/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Lock order: state.lock is the only lock; thread context only. A hit looks its site up in hash
 * chains that are published link by link, inside a read section of prog: what is unlinked stays
 * valid until axb_prog_synchronize() returns.
 *
 * A slot belongs to an address for good (until deinit): a CPU may be in it at any time after the
 * hit that sent it there, and its code depends on the address only.
 */
#include "probes/hprobe/hprobe.h"

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "probes/hprobe/arch.h"
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/spinlock.h"
#include "runtime/base/text.h"
#include "runtime/base/types.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/mem.h"
#include "runtime/hooks/text.h"
#include "runtime/sym/sym.h"

#define BUCKETS 4096u
/* Ids of events from probes: above those of tracepoints. */
#define EVENT_ID_FIRST 0x10000u
/* How much of a function is read at once to find where its instructions begin. */
#define CODE_MAX 16384u

struct attachment {
	struct axb_prog *prog; /* NULL: events */
	uint64_t cookie;
	bool is_return;
	bool may_write;
};

/** Never changed once published: a change publishes the other one. */
struct list {
	uint32_t count;
	uint32_t returns; /* of them */
	struct attachment attachments[AXB_HPROBE_PER_SITE_MAX];
};

struct cpu_stats {
	struct axb_hprobe_stats numbers;
} AXB_ALIGNED(AXB_CACHE_LINE);

struct site {
	uint64_t address;
	uint32_t next; /* index + 1 in its chain */
	bool is_armed; /* in a chain, and in the text */
	uint8_t step;
	uint8_t insn[HPROBE_INSN_MAX];
	struct hprobe_decoded decoded; /* of AXB_STEP_SIMULATE */
	uint64_t slot;
	uint32_t event_id;
	uint16_t name_offset;
	char name[AXB_NAME_MAX];
	const struct list *live;
	struct list lists[2];
	uint64_t missed_told; /* by probe:lost */
	struct cpu_stats *cpus;
};

/** A return that is waited for. */
struct instance {
	struct site *site;
	uint64_t frame;
	uint64_t address;
	uint64_t entered_ns;
};

struct cpu {
	uint32_t depth; /* of handling */
	uint32_t instance_count;
	struct instance instances[AXB_HPROBE_RETURN_MAX];
} AXB_ALIGNED(AXB_CACHE_LINE);

static struct {
	struct axb_spinlock lock;
	bool initialized;
	uint32_t cpu_count;
	uint32_t site_count; /* ever used */
	struct site *sites;
	struct cpu *cpus;
	uint64_t trampoline; /* a breakpoint to which probed functions return */
	uint64_t slots;
	uint32_t slot_count; /* given out */
	uint32_t slot_max;
	uint32_t link_count; /* of sites, ever */
	uint32_t buckets[BUCKETS];
} state;

static bool is_cpu_count(uint32_t cpu_count)
{
	return cpu_count != 0 && cpu_count <= AXB_CPU_MAX;
}

size_t axb_hprobe_memory_size(uint32_t cpu_count)
{
	if (!is_cpu_count(cpu_count)) {
		return 0;
	}
	size_t site = sizeof(struct site) + cpu_count * sizeof(struct cpu_stats);
	return 3 * AXB_CACHE_LINE + AXB_HPROBE_SITE_MAX * site + cpu_count * sizeof(struct cpu);
}

/* The hit path. */

/* Before find(), for late(). Acquire; pairs with the release in link_site(). */
AXB_NOPROBE_INLINE uint32_t links_now(void)
{
	return axb_load_acquire(&state.link_count);
}

AXB_NOPROBE static struct site *find(uint64_t address)
{
	/* Acquire; pairs with the release in link_site() and unlink_site(). */
	uint32_t index = axb_load_acquire(&state.buckets[address / 4 % BUCKETS]);
	while (index != 0) {
		struct site *site = &state.sites[index - 1];
		if (site->address == address) {
			return site;
		}
		index = axb_load_acquire(&site->next);
	}
	return NULL;
}

AXB_NOPROBE_INLINE void count(uint64_t *counter)
{
	(void)axb_fetch_add_relaxed(counter, 1);
}

static uint8_t type_of(bool is_return)
{
	return is_return ? AXB_PROBE_TYPE_HRETPROBE : AXB_PROBE_TYPE_HPROBE;
}

static void emit(
	const struct site *site, const struct axb_regs *regs, bool is_return, uint64_t duration_ns)
{
	struct axb_vcpu_context vcpu;
	axb_plat_vcpu_context(&vcpu);
	struct axb_trace_event event = {
		.probe_type = type_of(is_return),
		.vm_id = vcpu.vm_id,
		.vcpu_id = vcpu.vcpu_id,
		.event_id = site->event_id,
		.name_offset = site->name_offset,
		.nr_args = is_return ? 1 : 4,
		.duration_ns = duration_ns,
	};
	if (is_return) {
		event.args[0] = hprobe_result(regs);
	}
	for (uint32_t i = 0; i < 4 && !is_return; i++) {
		event.args[i] = hprobe_argument(regs, i);
	}
	/* A full ring counts its own loss. */
	(void)axb_event_emit(&event);
}

static void run(const struct site *site, const struct attachment *a, struct axb_regs *regs,
	struct axb_hprobe_stats *s)
{
	struct axb_env env;
	memset(&env, 0, sizeof(env));
	env.ctx = regs;
	env.ctx_size = hprobe_regs_size;
	env.ctx_writable = a->may_write;
	env.cookie = a->cookie;
	env.func_ip = site->address;
	env.name_offset = site->name_offset;
	if (axb_prog_run(a->prog, &env)) {
		count(&s->ran);
	}
}

/* What is attached for the entry, or for the return. */
static void handle(const struct site *site, struct axb_regs *regs, bool is_return,
	uint64_t duration_ns, struct axb_hprobe_stats *s)
{
	/* Acquire; pairs with the release in publish(). */
	const struct list *list = axb_load_acquire(&site->live);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct attachment *a = &list->attachments[i];
		if (a->is_return != is_return) {
			continue;
		}
		if (a->prog == NULL) {
			emit(site, regs, is_return, duration_ns);
		} else {
			run(site, a, regs, s);
		}
	}
}

/* Frames grow downwards: instances of deeper frames than @frame will never return. */
static void abandon_below(struct cpu *cpu, uint32_t cpu_id, uint64_t frame)
{
	while (cpu->instance_count != 0) {
		const struct instance *top = &cpu->instances[cpu->instance_count - 1];
		if (top->frame >= frame) {
			return;
		}
		count(&top->site->cpus[cpu_id].numbers.abandoned);
		cpu->instance_count--;
	}
}

static void arm_return(struct site *site, struct cpu *cpu, uint32_t cpu_id, struct axb_regs *regs)
{
	struct axb_hprobe_stats *s = &site->cpus[cpu_id].numbers;
	uint64_t frame = hprobe_entry_frame(regs);
	abandon_below(cpu, cpu_id, frame);
	if (cpu->instance_count == AXB_HPROBE_RETURN_MAX) {
		count(&s->no_instance);
		return;
	}
	cpu->instances[cpu->instance_count++] = (struct instance){
		.site = site,
		.frame = frame,
		.address = hprobe_return_address(regs),
		.entered_ns = axb_plat_time_ns(),
	};
	hprobe_set_return_address(regs, state.trampoline);
	count(&s->armed);
}

static void hit(struct site *site, struct cpu *cpu, uint32_t cpu_id, struct axb_regs *regs)
{
	struct axb_hprobe_stats *s = &site->cpus[cpu_id].numbers;
	count(&s->handled);
	handle(site, regs, false, 0, s);
	if (axb_load_acquire(&site->live)->returns != 0) {
		arm_return(site, cpu, cpu_id, regs);
	}
}

/* A probed function has returned. */
static void take_return(struct cpu *cpu, uint32_t cpu_id, struct axb_regs *regs)
{
	abandon_below(cpu, cpu_id, hprobe_return_frame(regs));
	/* Without it nobody knows where to go on: only a bug of ours leads here. */
	AXB_CHECK(cpu->instance_count != 0);
	struct instance instance = cpu->instances[--cpu->instance_count];
	struct axb_hprobe_stats *s = &instance.site->cpus[cpu_id].numbers;
	count(&s->returned);
	hprobe_set_pc(regs, instance.address);
	handle(instance.site, regs, true, axb_plat_time_ns() - instance.entered_ns, s);
}

AXB_NOPROBE static void step_over(const struct site *site, struct axb_regs *regs)
{
	if (site->step == AXB_STEP_SLOT) {
		hprobe_set_pc(regs, site->slot);
		return;
	}
	hprobe_set_pc(regs, site->address);
	hprobe_simulate(&site->decoded, regs);
}

AXB_NOPROBE static bool is_breakpoint(const uint8_t *bytes)
{
	uint8_t differences = 0;
	for (uint8_t i = 0; i < hprobe_breakpoint_size; i++) {
		differences |= bytes[i] ^ hprobe_breakpoint[i];
	}
	return differences == 0;
}

/*
 * No site at @pc, looked for when @links were linked. One of ours that is gone from the text by
 * now, or that has come back since: execute what is there. A site is linked before its breakpoint
 * is written and unlinked after that is gone; so a breakpoint in the text that nobody has linked
 * since is not ours.
 */
AXB_NOPROBE static enum axb_verdict late(uint64_t pc, struct axb_regs *regs, uint32_t links)
{
	uint8_t now[4];
	if (!axb_plat_copy_from(now, pc, hprobe_breakpoint_size)) {
		return AXB_NOT_OURS;
	}
	/* Written, so that it is after the copy. */
	if (is_breakpoint(now) && axb_fetch_add_acq_rel(&state.link_count, 0u) == links) {
		return AXB_NOT_OURS;
	}
	hprobe_set_pc(regs, pc);
	return AXB_RETRY;
}

/* A hit in the middle of the handling of another. Sites are never freed, so no read section. */
AXB_NOPROBE static enum axb_verdict nested(
	const struct axb_trap *trap, struct axb_regs *regs, uint32_t cpu_id)
{
	uint32_t links = links_now();
	struct site *site = find(trap->pc);
	if (site == NULL) {
		return late(trap->pc, regs, links);
	}
	count(&site->cpus[cpu_id].numbers.hits);
	count(&site->cpus[cpu_id].numbers.missed);
	step_over(site, regs);
	return AXB_RESUME;
}

static enum axb_verdict in_read_section(
	const struct axb_trap *trap, struct axb_regs *regs, struct cpu *cpu, uint32_t cpu_id)
{
	if (trap->pc == state.trampoline) {
		take_return(cpu, cpu_id, regs);
		return AXB_RESUME;
	}
	uint32_t links = links_now();
	struct site *site = find(trap->pc);
	if (site == NULL) {
		return late(trap->pc, regs, links);
	}
	count(&site->cpus[cpu_id].numbers.hits);
	hit(site, cpu, cpu_id, regs);
	step_over(site, regs);
	return AXB_RESUME;
}

/* A function of its own, so that on_trap() calls nothing else that can be probed. */
__attribute__((noinline)) static enum axb_verdict guarded(
	const struct axb_trap *trap, struct axb_regs *regs, struct cpu *cpu, uint32_t cpu_id)
{
	axb_prog_read_begin();
	enum axb_verdict verdict = in_read_section(trap, regs, cpu, cpu_id);
	axb_prog_read_end();
	return verdict;
}

/* All that is not AXB_NOPROBE runs with the depth above 0, so that a hit in it is nested. */
AXB_NOPROBE static enum axb_verdict on_trap(const struct axb_trap *trap, struct axb_regs *regs)
{
	uint32_t cpu_id = axb_plat_cpu_id();
	if (!state.initialized || trap->kind != AXB_TRAP_BREAKPOINT ||
		trap->origin != AXB_TRAP_HYPERVISOR || cpu_id >= state.cpu_count) {
		return AXB_NOT_OURS;
	}
	struct cpu *cpu = &state.cpus[cpu_id];
	if (cpu->depth != 0) {
		return nested(trap, regs, cpu_id);
	}
	cpu->depth = 1;
	axb_compiler_barrier();
	enum axb_verdict verdict = guarded(trap, regs, cpu, cpu_id);
	axb_compiler_barrier();
	cpu->depth = 0;
	return verdict;
}

/* Planning. */

static enum axb_status refuse(struct axb_hprobe_error *why, enum axb_status status,
	enum axb_refuse reason, const char *what)
{
	why->refuse = (uint8_t)reason;
	(void)axb_strcpy(why->what, sizeof(why->what), what);
	return status;
}

/* Bounds of the section of AXB_NOPROBE, by the linker. */
extern const uint8_t __start_axb_noprobe[], __stop_axb_noprobe[];

static bool is_noprobe(uint64_t address)
{
	return address - (uint64_t)(uintptr_t)__start_axb_noprobe <
	       (uint64_t)(uintptr_t)__stop_axb_noprobe - (uint64_t)(uintptr_t)__start_axb_noprobe;
}

/* The text as it was before any probe of ours. */
static bool read_code(uint64_t from, uint8_t *to, size_t size)
{
	if (!axb_plat_copy_from(to, from, size)) {
		return false;
	}
	for (uint32_t i = 0; i < state.site_count; i++) {
		const struct site *site = &state.sites[i];
		for (size_t k = 0; site->is_armed && k < hprobe_breakpoint_size; k++) {
			if (site->address + k - from < size) {
				to[site->address + k - from] = site->insn[k];
			}
		}
	}
	return true;
}

static enum axb_status plan_insn(const struct axb_symbol *symbol, struct axb_hprobe_plan *out,
	uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	static uint8_t code[CODE_MAX]; /* under the lock */
	bool is_boundary = false;
	size_t size = symbol->size < CODE_MAX ? (size_t)symbol->size : CODE_MAX;
	if (symbol->offset >= size) {
		return refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE,
			"further than 16 KiB into its function");
	}
	if (!read_code(symbol->address, code, size)) {
		return refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE, "the text cannot be read");
	}
	hprobe_step(code, size, (size_t)symbol->offset, &out->step, &is_boundary);
	if (!is_boundary) {
		return refuse(
			why, AXB_ERR_ARG, AXB_REFUSE_NONE, "no instruction begins at this address");
	}
	if (out->step.kind == AXB_STEP_REFUSE) {
		enum axb_refuse reason = (enum axb_refuse)out->step.refuse;
		return refuse(why, AXB_ERR_REJECTED, reason, axb_refuse_text(reason));
	}
	memset(insn, 0, HPROBE_INSN_MAX);
	memcpy(insn, code + symbol->offset, out->step.length);
	return AXB_OK;
}

static enum axb_status plan_locked(uint64_t address, struct axb_hprobe_plan *out,
	uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	struct axb_symbol symbol;
	memset(out, 0, sizeof(*out));
	if (axb_sym_self() == NULL) {
		return refuse(why, AXB_ERR_STATE, AXB_REFUSE_NONE, "there are no symbols");
	}
	if (axb_symtab_lookup_address(axb_sym_self(), address, &symbol) != AXB_OK ||
		(symbol.type != 't' && symbol.type != 'T')) {
		return refuse(
			why, AXB_ERR_NOT_FOUND, AXB_REFUSE_NONE, "this address is in no function");
	}
	out->address = address;
	out->symbol_offset = symbol.offset;
	(void)axb_strcpy(out->symbol, sizeof(out->symbol), symbol.name);
	if (is_noprobe(address)) {
		return refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE,
			"it is part of the way into and out of probes");
	}
	return plan_insn(&symbol, out, insn, why);
}

enum axb_status axb_hprobe_plan(
	uint64_t address, struct axb_hprobe_plan *out, struct axb_hprobe_error *why)
{
	uint8_t insn[HPROBE_INSN_MAX];
	memset(why, 0, sizeof(*why));
	if (!state.initialized) {
		return refuse(why, AXB_ERR_STATE, AXB_REFUSE_NONE, "probes are not initialized");
	}
	axb_spinlock_lock(&state.lock);
	enum axb_status st = plan_locked(address, out, insn, why);
	axb_spinlock_unlock(&state.lock);
	return st;
}

/* Sites. */

static void link_site(struct site *site)
{
	uint32_t *head = &state.buckets[site->address / 4 % BUCKETS];
	(void)axb_fetch_add_acq_rel(&state.link_count, 1u);
	axb_store_relaxed(&site->next, axb_load_relaxed(head));
	/* Release; pairs with the acquire in find(). */
	axb_store_release(head, (uint32_t)(site - state.sites) + 1);
}

static void unlink_site(struct site *site)
{
	uint32_t *link = &state.buckets[site->address / 4 % BUCKETS];
	while (*link != (uint32_t)(site - state.sites) + 1) {
		link = &state.sites[*link - 1].next;
	}
	axb_store_release(link, site->next);
}

/* The site that has, or had, this address; else a new one. NULL when there are too many. */
static struct site *site_of(uint64_t address)
{
	for (uint32_t i = 0; i < state.site_count; i++) {
		if (state.sites[i].address == address) {
			return &state.sites[i];
		}
	}
	if (state.site_count == AXB_HPROBE_SITE_MAX) {
		return NULL;
	}
	struct site *site = &state.sites[state.site_count];
	site->address = address;
	site->live = &site->lists[0];
	site->event_id = EVENT_ID_FIRST + state.site_count;
	state.site_count++;
	return site;
}

static void name_site(struct site *site, const struct axb_hprobe_plan *plan)
{
	struct axb_text text;
	axb_text_init(&text, site->name, sizeof(site->name));
	axb_text_str(&text, plan->symbol);
	if (plan->symbol_offset != 0) {
		axb_text_char(&text, '+');
		axb_text_0x(&text, plan->symbol_offset, 1);
	}
	if (axb_event_name_add(site->name, &site->name_offset) != AXB_OK) {
		site->name_offset = AXB_EVENT_NAME_NONE;
	}
}

static enum axb_status write_text(
	uint64_t address, const uint8_t *from, const uint8_t *to, size_t size)
{
	struct axb_patch_plan plan;
	AXB_TRY(hprobe_plan_patch(from, to, size, &plan));
	return axb_patch_apply(address, &plan);
}

/* The slot of the site, made once. */
static enum axb_status make_slot(struct site *site, struct axb_hprobe_error *why)
{
	struct axb_slot_code code;
	if (site->slot != 0) {
		return AXB_OK;
	}
	if (state.slot_count == state.slot_max) {
		return refuse(why, AXB_ERR_LIMIT, AXB_REFUSE_NONE, "all slots are in use");
	}
	uint64_t slot = state.slots + (uint64_t)state.slot_count * AXB_SLOT_SIZE;
	enum axb_refuse reason = hprobe_slot(site->insn, site->address, slot, &code);
	if (reason != AXB_REFUSE_NONE) {
		return refuse(why, AXB_ERR_REJECTED, reason, axb_refuse_text(reason));
	}
	if (!axb_plat_text_write(slot, code.bytes, code.size)) {
		return refuse(
			why, AXB_ERR_FAULT, AXB_REFUSE_NONE, "the slot area cannot be written");
	}
	state.slot_count++;
	site->slot = slot;
	return AXB_OK;
}

/* What depends on the address only is written once: a return that is waited for may read it at any
 * time, whether the site is armed or not. */
static enum axb_status prepare(struct site *site, const struct axb_hprobe_plan *plan,
	const uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	if (site->step != AXB_STEP_REFUSE) {
		return memcmp(site->insn, insn, HPROBE_INSN_MAX) == 0
			       ? AXB_OK
			       : refuse(why, AXB_ERR_REJECTED, AXB_REFUSE_NONE,
					 "the instruction is another one than when it was probed "
					 "before");
	}
	memcpy(site->insn, insn, HPROBE_INSN_MAX);
	hprobe_decode(site->insn, &site->decoded);
	if (plan->step.kind == AXB_STEP_SLOT) {
		AXB_TRY(make_slot(site, why));
	}
	name_site(site, plan);
	site->step = plan->step.kind;
	return AXB_OK;
}

/* The breakpoint goes in when all that a hit needs is there. */
static enum axb_status arm(struct site *site, const struct axb_hprobe_plan *plan,
	const uint8_t insn[HPROBE_INSN_MAX], struct axb_hprobe_error *why)
{
	uint8_t to[HPROBE_INSN_MAX];
	memcpy(to, insn, HPROBE_INSN_MAX);
	memcpy(to, hprobe_breakpoint, hprobe_breakpoint_size);
	AXB_TRY(prepare(site, plan, insn, why));
	link_site(site);
	enum axb_status st = write_text(site->address, insn, to, plan->step.length);
	if (st != AXB_OK) {
		unlink_site(site);
		axb_prog_synchronize();
		return refuse(why, st, AXB_REFUSE_NONE, "the text cannot be written");
	}
	site->is_armed = true;
	return AXB_OK;
}

/* Takes the breakpoint out; returns when no hit is under way. */
static void disarm(struct site *site)
{
	uint8_t from[HPROBE_INSN_MAX];
	memcpy(from, site->insn, HPROBE_INSN_MAX);
	memcpy(from, hprobe_breakpoint, hprobe_breakpoint_size);
	/* It was written before. */
	(void)write_text(site->address, from, site->insn, hprobe_breakpoint_size);
	site->is_armed = false;
	unlink_site(site);
	axb_prog_synchronize();
}

static void publish(struct site *site, const struct list *list)
{
	/* Release; pairs with the acquire in handle(). */
	axb_store_release(&site->live, list);
	axb_prog_synchronize();
}

static struct list *spare_list(struct site *site)
{
	struct list *spare = site->live == &site->lists[0] ? &site->lists[1] : &site->lists[0];
	*spare = *site->live;
	return spare;
}

static uint32_t find_attachment(const struct list *list, bool is_return, axb_prog_id_t id)
{
	uint32_t i = 0;
	for (; i < list->count; i++) {
		const struct attachment *a = &list->attachments[i];
		uint64_t found = a->prog == NULL ? 0 : axb_prog_id(a->prog).value;
		if (a->is_return == is_return && found == id.value) {
			break;
		}
	}
	return i;
}

static enum axb_status check_room(const struct site *site, const struct axb_hprobe_config *config,
	struct axb_hprobe_error *why)
{
	if (find_attachment(site->live, config->is_return, config->prog) < site->live->count) {
		return refuse(
			why, AXB_ERR_EXISTS, AXB_REFUSE_NONE, "the same probe is there already");
	}
	if (site->live->count == AXB_HPROBE_PER_SITE_MAX) {
		return refuse(why, AXB_ERR_FULL, AXB_REFUSE_NONE,
			"this address has as many probes as it can have");
	}
	return AXB_OK;
}

static enum axb_status attach_locked(
	const struct axb_hprobe_config *config, struct axb_prog *prog, struct axb_hprobe_error *why)
{
	struct axb_hprobe_plan plan;
	uint8_t insn[HPROBE_INSN_MAX];
	AXB_TRY(plan_locked(config->address, &plan, insn, why));
	if (config->is_return && plan.symbol_offset != 0) {
		return refuse(why, AXB_ERR_ARG, AXB_REFUSE_NONE,
			"a return probe goes to the beginning of a function");
	}
	struct site *site = site_of(config->address);
	if (site == NULL) {
		return refuse(why, AXB_ERR_LIMIT, AXB_REFUSE_NONE, "too many addresses are probed");
	}
	AXB_TRY(check_room(site, config, why));
	struct list *list = spare_list(site);
	list->attachments[list->count++] = (struct attachment){
		.prog = prog,
		.cookie = config->cookie,
		.is_return = config->is_return,
		.may_write = config->may_write,
	};
	list->returns += config->is_return;
	const struct list *before = site->live;
	publish(site, list);
	enum axb_status st = site->is_armed ? AXB_OK : arm(site, &plan, insn, why);
	if (st != AXB_OK) {
		publish(site, before);
	}
	return st;
}

/* The program of @config, referenced; NULL for none. */
static enum axb_status get_prog(
	const struct axb_hprobe_config *config, struct axb_prog **out, struct axb_hprobe_error *why)
{
	struct axb_prog_info info;
	enum axb_prog_type wanted =
		config->is_return ? AXB_PROG_TYPE_HRETPROBE : AXB_PROG_TYPE_HPROBE;
	*out = NULL;
	if (config->prog.value == 0) {
		return AXB_OK;
	}
	enum axb_status st = axb_prog_info(config->prog, &info);
	if (st != AXB_OK) {
		return refuse(why, st, AXB_REFUSE_NONE, "the program is gone");
	}
	if (info.type != wanted) {
		return refuse(why, AXB_ERR_UNSUPPORTED, AXB_REFUSE_NONE,
			"the program is for another kind of probe (its section says so)");
	}
	return axb_prog_get(config->prog, out);
}

enum axb_status axb_hprobe_attach(
	const struct axb_hprobe_config *config, struct axb_hprobe_error *why)
{
	struct axb_prog *prog;
	memset(why, 0, sizeof(*why));
	if (!state.initialized) {
		return refuse(why, AXB_ERR_STATE, AXB_REFUSE_NONE, "probes are not initialized");
	}
	AXB_TRY(get_prog(config, &prog, why));
	axb_spinlock_lock(&state.lock);
	enum axb_status st = attach_locked(config, prog, why);
	uint32_t id = st == AXB_OK ? find(config->address)->event_id : 0;
	axb_spinlock_unlock(&state.lock);
	if (st == AXB_OK) {
		axb_trace_probe_armed(
			AXB_VM_HYPERVISOR, id, config->address, type_of(config->is_return));
	} else if (prog != NULL) {
		axb_prog_put(prog);
	}
	return st;
}

/* Hits that were missed and not told of yet. */
static uint64_t take_missed(struct site *site)
{
	uint64_t missed = 0;
	for (uint32_t cpu = 0; cpu < state.cpu_count; cpu++) {
		missed += axb_load_relaxed(&site->cpus[cpu].numbers.missed);
	}
	uint64_t untold = missed - site->missed_told;
	site->missed_told = missed;
	return untold;
}

/* Takes attachment @at out; returns its program. */
static struct axb_prog *remove_attachment(struct site *site, uint32_t at)
{
	struct list *list = spare_list(site);
	struct attachment removed = list->attachments[at];
	list->count--;
	list->returns -= removed.is_return;
	for (uint32_t i = at; i < list->count; i++) {
		list->attachments[i] = list->attachments[i + 1];
	}
	if (list->count == 0) {
		disarm(site);
	}
	publish(site, list);
	return removed.prog;
}

enum axb_status axb_hprobe_detach(uint64_t address, bool is_return, axb_prog_id_t id)
{
	struct axb_prog *prog = NULL;
	uint32_t event_id = 0;
	uint64_t missed = 0;
	enum axb_status st = AXB_ERR_NOT_FOUND;
	if (!state.initialized) {
		return AXB_ERR_STATE;
	}
	axb_spinlock_lock(&state.lock);
	struct site *site = find(address);
	uint32_t at = site == NULL ? 0 : find_attachment(site->live, is_return, id);
	if (site != NULL && at < site->live->count) {
		prog = remove_attachment(site, at);
		event_id = site->event_id;
		missed = take_missed(site);
		st = AXB_OK;
	}
	axb_spinlock_unlock(&state.lock);
	if (prog != NULL) {
		axb_prog_put(prog);
	}
	if (missed != 0) {
		axb_trace_probe_lost(AXB_VM_HYPERVISOR, event_id, address, missed);
	}
	if (st == AXB_OK) {
		axb_trace_probe_gone(AXB_VM_HYPERVISOR, event_id, address, type_of(is_return));
	}
	return st;
}

static void add_stats(struct axb_hprobe_stats *sum, const struct axb_hprobe_stats *s)
{
	const uint64_t *from = (const uint64_t *)(const void *)s;
	uint64_t *to = (uint64_t *)(void *)sum;
	for (size_t i = 0; i < sizeof(*s) / sizeof(*from); i++) {
		to[i] += axb_load_relaxed(&from[i]);
	}
}

static void describe(const struct site *site, struct axb_hprobe_info *out)
{
	memset(out, 0, sizeof(*out));
	out->address = site->address;
	memcpy(out->name, site->name, sizeof(out->name));
	out->step = site->step;
	out->return_count = site->live->returns;
	out->entry_count = site->live->count - site->live->returns;
	for (uint32_t cpu = 0; cpu < state.cpu_count; cpu++) {
		add_stats(&out->stats, &site->cpus[cpu].numbers);
	}
}

bool axb_hprobe_next(uint32_t *cursor, struct axb_hprobe_info *out)
{
	bool found = false;
	if (!state.initialized) {
		return false;
	}
	axb_spinlock_lock(&state.lock);
	while (!found && *cursor < state.site_count) {
		const struct site *site = &state.sites[(*cursor)++];
		found = site->is_armed;
		if (found) {
			describe(site, out);
		}
	}
	axb_spinlock_unlock(&state.lock);
	return found;
}

/* Life. */

static enum axb_status init_slots(void)
{
	uint64_t start = 0;
	size_t size = 0;
	if (!axb_plat_slot_area(&start, &size) || size < 2 * AXB_SLOT_SIZE) {
		return AXB_ERR_UNSUPPORTED;
	}
	state.trampoline = start;
	state.slots = start + AXB_SLOT_SIZE;
	state.slot_max = (uint32_t)(size / AXB_SLOT_SIZE) - 1;
	return axb_plat_text_write(start, hprobe_breakpoint, hprobe_breakpoint_size)
		       ? AXB_OK
		       : AXB_ERR_FAULT;
}

enum axb_status axb_hprobe_init(uint32_t cpu_count, struct axb_arena *arena)
{
	if (state.initialized) {
		return AXB_ERR_STATE;
	}
	if (!is_cpu_count(cpu_count)) {
		return AXB_ERR_ARG;
	}
	size_t mark = axb_arena_mark(arena);
	struct site *sites = axb_arena_alloc_array(
		arena, AXB_HPROBE_SITE_MAX, sizeof(struct site), _Alignof(struct site));
	struct cpu_stats *stats =
		axb_arena_alloc_array(arena, (size_t)AXB_HPROBE_SITE_MAX * cpu_count,
			sizeof(*stats), _Alignof(struct cpu_stats));
	struct cpu *cpus =
		axb_arena_alloc_array(arena, cpu_count, sizeof(struct cpu), _Alignof(struct cpu));
	enum axb_status st =
		sites == NULL || stats == NULL || cpus == NULL ? AXB_ERR_NOMEM : init_slots();
	if (st != AXB_OK) {
		axb_arena_reset(arena, mark);
		return st;
	}
	for (uint32_t i = 0; i < AXB_HPROBE_SITE_MAX; i++) {
		sites[i].cpus = &stats[(size_t)i * cpu_count];
	}
	state.sites = sites;
	state.cpus = cpus;
	state.cpu_count = cpu_count;
	state.initialized = true;
	axb_trap_handler_add(on_trap);
	return AXB_OK;
}

void axb_hprobe_deinit(void)
{
	for (uint32_t i = 0; i < state.site_count; i++) {
		struct site *site = &state.sites[i];
		while (site->is_armed) {
			struct axb_prog *prog = remove_attachment(site, site->live->count - 1);
			if (prog != NULL) {
				axb_prog_put(prog);
			}
		}
	}
	memset(&state, 0, sizeof(state));
}
