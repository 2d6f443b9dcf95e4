/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * eBPF programs on tracepoints.
 */
#include "codegen/gen/tracepoints_gen.h" // Generated.
#include "runtime/base/atomic.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"
#include "runtime/helpers/env.h"
#include "runtime/prog/prog.h"
#include "runtime/trace/internal.h"

static uint32_t find_attachment(const struct tp_prog_list *list, axb_prog_id_t id)
{
	uint32_t i = 0;
	while (i < list->count && axb_prog_id(list->attachments[i].prog).value != id.value) {
		i++;
	}
	return i;
}

/* The list that is not live, as a copy of the live one, to be changed and published. */
static struct tp_prog_list *spare_list(struct tracepoint *tp)
{
	struct tp_prog_list *spare = tp->live == &tp->lists[0] ? &tp->lists[1] : &tp->lists[0];
	*spare = *tp->live;
	return spare;
}

/* Returns when no hit uses the former list any more, so that it is the spare one. */
static void publish(uint32_t index, const struct tp_prog_list *list)
{
	struct tracepoint *tp = &tp_state.tracepoints[index];
	/* Release; pairs with the acquire in run_programs(). */
	axb_store_release(&tp->live, list);
	tp_set_switch(index, TP_ON_PROGS, list->count != 0);
	axb_prog_synchronize();
}

static enum axb_status attach_locked(uint32_t index, struct axb_prog *prog, uint64_t cookie)
{
	struct tracepoint *tp = &tp_state.tracepoints[index];
	if (find_attachment(tp->live, axb_prog_id(prog)) < tp->live->count) {
		return AXB_ERR_EXISTS;
	}
	if (tp->live->count == AXB_TP_PROG_MAX) {
		return AXB_ERR_FULL;
	}
	struct tp_prog_list *list = spare_list(tp);
	list->attachments[list->count++] = (struct tp_attachment){prog, cookie};
	publish(index, list);
	return AXB_OK;
}

static void run_programs(const struct axb_tp_def *def, const struct tracepoint *tp, void *ctx,
	struct axb_tp_stats *s)
{
	axb_prog_read_begin();
	/* Acquire; pairs with the release in publish(). */
	const struct tp_prog_list *list = axb_load_acquire(&tp->live);
	for (uint32_t i = 0; i < list->count; i++) {
		struct axb_env env;
		axb_env_init(&env, ctx, def->ctx_size);
		env.cookie = list->attachments[i].cookie;
		env.tracepoint_id = def->id;
		env.name_offset = tp->name_offset;
		tp_count(axb_prog_run(list->attachments[i].prog, &env) ? &s->ran : &s->missed, 1);
	}
	axb_prog_read_end();
}

static void release(const struct tp_prog_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		axb_prog_put(list->attachments[i].prog);
	}
}

static const struct tp_programs programs = {.run = run_programs, .release = release};

enum axb_status axb_tp_attach(uint32_t index, axb_prog_id_t id, uint64_t cookie)
{
	struct axb_prog *prog = NULL;
	struct axb_prog_info info;
	AXB_TRY(tp_check_index(index));
	AXB_TRY(axb_prog_info(id, &info));
	if (info.type != AXB_PROG_TYPE_TRACEPOINT) {
		return AXB_ERR_UNSUPPORTED;
	}
	AXB_TRY(axb_prog_get(id, &prog));
	axb_spinlock_lock(&tp_state.lock);
	/* Release; pairs with the acquire in axb_tp_hit(). */
	axb_store_release(&tp_state.programs, &programs);
	enum axb_status st = attach_locked(index, prog, cookie);
	axb_spinlock_unlock(&tp_state.lock);
	if (st != AXB_OK) {
		axb_prog_put(prog);
	}
	return st;
}

enum axb_status axb_tp_detach(uint32_t index, axb_prog_id_t id)
{
	struct axb_prog *prog = NULL;
	AXB_TRY(tp_check_index(index));
	axb_spinlock_lock(&tp_state.lock);
	struct tracepoint *tp = &tp_state.tracepoints[index];
	uint32_t at = find_attachment(tp->live, id);
	if (at < tp->live->count) {
		prog = tp->live->attachments[at].prog;
		struct tp_prog_list *list = spare_list(tp);
		list->count--;
		for (uint32_t i = at; i < list->count; i++) {
			list->attachments[i] = list->attachments[i + 1];
		}
		publish(index, list);
	}
	axb_spinlock_unlock(&tp_state.lock);
	if (prog == NULL) {
		return AXB_ERR_NOT_FOUND;
	}
	axb_prog_put(prog);
	return AXB_OK;
}

uint32_t axb_tp_progs(uint32_t index, axb_prog_id_t out[AXB_TP_PROG_MAX])
{
	if (tp_check_index(index) != AXB_OK) {
		return 0;
	}
	axb_spinlock_lock(&tp_state.lock);
	const struct tp_prog_list *list = tp_state.tracepoints[index].live;
	uint32_t count = list->count;
	for (uint32_t i = 0; i < count; i++) {
		out[i] = axb_prog_id(list->attachments[i].prog);
	}
	axb_spinlock_unlock(&tp_state.lock);
	return count;
}
