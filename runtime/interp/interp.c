/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/interp/interp.h"

#include "runtime/base/mem.h"
#include "runtime/interp/engine.h"
#include "runtime/maps/map.h"

enum axb_status axb_interp_create(
	const struct axb_checked *checked, struct axb_arena *arena, const struct axb_interp **out)
{
	const struct axb_predecode_config config = {
		.handlers = axb_checked_handlers(),
		.enter = axb_checked_enter,
		.trusted = false,
	};
	return axb_predecode(checked, &config, arena, out);
}

void axb_run_fault(struct axb_run *run, uint32_t insn, enum axb_run_result result, uint64_t address,
	uint32_t size)
{
	run->env->fault = (struct axb_run_fault){result, insn, address, size};
}

/* What a run may see before it wrote it is 0: registers, and the part of the frame it names. */
static void clear_state(struct axb_run *run)
{
	const struct axb_env *env = run->env;
	const struct axb_interp *interp = run->interp;
	memset(run->regs, 0, sizeof(run->regs));
	if (interp->entry.direct_bytes != 0) {
		axb_run_zero_frame(&run->frames[0]);
	}
	if (interp->region_count == 0) {
		return;
	}
	memset(run->regions, 0, interp->region_count * sizeof(run->regions[0]));
	if (env->ctx != NULL) {
		axb_region_set(&run->regions[AXB_REGION_CTX], (uintptr_t)env->ctx, env->ctx_size,
			env->ctx_writable || interp->is_raw);
	}
}

static void begin(struct axb_run *run, const struct axb_interp *interp, struct axb_env *env)
{
	uint64_t top = (uintptr_t)(run->stack + sizeof(run->stack));
	run->env = env;
	run->interp = interp;
	run->depth = 0;
	run->frames[0].top = top;
	run->frames[0].size = interp->entry.stack_bytes;
	run->frames[0].zeroed = top - interp->entry.direct_bytes;
	if (!interp->trusted) {
		clear_state(run);
	}
	run->regs[1] = (uintptr_t)env->ctx;
	run->regs[2] = interp->is_raw ? env->ctx_size : 0;
	run->regs[AXB_REG_FP] = top;
	env->r0 = 0;
	env->fault.result = AXB_RUN_OK;
}

/* Records that the program neither submitted nor discarded. */
static void discard_leaks(struct axb_run *run)
{
	struct axb_env *env = run->env;
	if (env->fault.result == AXB_RUN_OK) {
		const struct axb_reservation *first = &env->reservations[0];
		axb_run_fault(run, run->interp->checked->code.insn_count - 1, AXB_RUN_FAULT_LEAK,
			(uintptr_t)first->record, first->size);
	}
	while (env->reservation_count > 0) {
		const struct axb_reservation *last = &env->reservations[--env->reservation_count];
		axb_ringbuf_discard(last->map, last->record);
	}
}

enum axb_run_result axb_interp_run(const struct axb_interp *interp, struct axb_env *env)
{
	struct axb_run run;
	begin(&run, interp, env);
	interp->enter(interp->ops, &run);
	if (AXB_UNLIKELY(env->reservation_count != 0)) {
		discard_leaks(&run);
	}
	return env->fault.result;
}

const char *axb_run_result_text(enum axb_run_result result)
{
	static const char *const texts[AXB_RUN_RESULT_COUNT_] = {
		[AXB_RUN_OK] = "ok",
		[AXB_RUN_FAULT_LOAD] = "load outside the program's memory",
		[AXB_RUN_FAULT_STORE] = "store outside the memory that the program may write",
		[AXB_RUN_FAULT_ALIGN] = "atomic operation on a misaligned address",
		[AXB_RUN_FAULT_HELPER] = "helper argument that the helper does not allow",
		[AXB_RUN_FAULT_FUEL] = "too many instructions",
		[AXB_RUN_FAULT_DEPTH] = "too many nested calls",
		[AXB_RUN_FAULT_LEAK] = "exit with a reserved ring-buffer record",
	};
	return (unsigned)result < AXB_RUN_RESULT_COUNT_ ? texts[result] : "unknown result";
}
