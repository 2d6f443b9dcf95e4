/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Our interpreter, with and without checks.
 */
#include "platforms/host/bench/engine.h"
#include "platforms/host/bench/native.h"
#include "platforms/host/bench/progs/bench.h"
#include "runtime/base/arena.h"
#include "runtime/interp/interp.h"
#include "runtime/interp/unchecked.h"
#include "runtime/verifier/verify.h"

static uint64_t helper(
	struct axb_env *env, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	(void)env;
	return call_helper(a, b, c, d, e);
}

static const struct axb_helper_impl impls[] = {{BENCH_HELPER_ID, helper}};
static const struct axb_helper_table helpers = {impls, 1};

static uint64_t arena_memory[1 << 14];
static const struct axb_interp *loaded;

static const char *missing(void)
{
	return NULL;
}

static bool load_as(const struct bench_program *program,
	enum axb_status (*create)(
		const struct axb_checked *, struct axb_arena *, const struct axb_interp **))
{
	struct axb_arena arena;
	const struct axb_checked *checked;
	struct axb_reject why;
	const struct axb_code code = {
		.insns = program->insns,
		.insn_count = program->insn_count,
		.type = AXB_PROG_TYPE_RAW,
		.helpers = &helpers,
	};
	axb_arena_init(&arena, arena_memory, sizeof(arena_memory));
	return axb_verify(&code, &arena, &checked, &why) == AXB_OK &&
	       create(checked, &arena, &loaded) == AXB_OK;
}

static bool load_checked(const struct bench_program *program, struct bench_memory memory)
{
	(void)memory;
	return load_as(program, axb_interp_create);
}

static bool load_unchecked(const struct bench_program *program, struct bench_memory memory)
{
	(void)memory;
	return load_as(program, axb_interp_create_unchecked);
}

static double run(struct bench_memory memory, uint64_t count, uint32_t *result)
{
	struct axb_env env = {
		.ctx = memory.bytes,
		.ctx_size = memory.size,
		.ctx_writable = true,
	};
	for (uint64_t i = 0; i < count; i++) {
		if (axb_interp_run(loaded, &env) != AXB_RUN_OK) {
			return -1;
		}
	}
	*result = (uint32_t)env.r0;
	return 0;
}

const struct bench_engine bench_checked = {"checked", missing, load_checked, run};
const struct bench_engine bench_unchecked = {"unchecked", missing, load_unchecked, run};
