/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Any bytes as an object: parsed, every source line looked up, and every program of what is
 * accepted verified and run.
 */
#include <stdlib.h>

#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/elf/line.h"
#include "runtime/elf/object.h"
#include "runtime/helpers/env.h"
#include "runtime/interp/interp.h"
#include "runtime/maps/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t memory[16 << 20];
static const struct axb_helper_table no_helpers = {NULL, 0};

static void run_prog(const struct axb_object_prog *prog, struct axb_map *const *maps,
	uint32_t map_count, struct axb_arena *arena)
{
	const struct axb_code code = {
		prog->insns, prog->insn_count, prog->type, maps, map_count, &no_helpers};
	const struct axb_checked *checked = NULL;
	const struct axb_interp *interp = NULL;
	struct axb_reject why;
	uint64_t ctx[32] = {0};
	struct axb_env env;
	if (axb_verify(&code, arena, &checked, &why) != AXB_OK ||
		axb_interp_create(checked, arena, &interp) != AXB_OK) {
		return;
	}
	memset(&env, 0, sizeof(env));
	env.ctx = ctx;
	env.ctx_size = sizeof(ctx);
	(void)axb_interp_run(interp, &env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct axb_map *maps[AXB_OBJECT_MAP_MAX];
	struct axb_object *object = NULL;
	struct axb_object_error why;
	struct axb_arena arena;
	axb_arena_init(&arena, memory, sizeof(memory));
	if (axb_object_parse(axb_bytes_of(data, size), &arena, &object, &why) != AXB_OK) {
		if (why.reason == AXB_OBJECT_OK) {
			abort();
		}
		return 0;
	}
	for (uint32_t i = 0; i < object->prog_count; i++) {
		const struct axb_object_prog *prog = &object->progs[i];
		struct axb_source_line line;
		size_t mark = axb_arena_mark(&arena);
		for (uint32_t k = 0; k < prog->function_count; k++) {
			if (axb_object_source_line(axb_bytes_of(data, size), prog,
				    prog->functions[k].first, &arena, &line) &&
				(line.file == NULL || line.text == NULL)) {
				abort();
			}
			axb_arena_reset(&arena, mark);
		}
	}
	for (uint32_t i = 0; i < object->map_count; i++) {
		if (axb_map_create(&object->maps[i].def, object->maps[i].name, 1, &arena, &maps[i],
			    NULL) != AXB_OK) {
			return 0;
		}
	}
	for (uint32_t i = 0; i < object->prog_count; i++) {
		run_prog(&object->progs[i], maps, object->map_count, &arena);
	}
	return 0;
}
