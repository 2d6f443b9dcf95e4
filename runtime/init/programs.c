/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Initialization with the eBPF runtime.
 */
#include "runtime/base/arena.h"
#include "runtime/base/pages.h"
#include "runtime/init/internal.h"
#include "runtime/prog/prog.h"

/** What alignment costs, bookkeeping, and a page to load something into. */
#define PROG_MEMORY_MIN ((size_t)3 * AXB_PAGE_SIZE)

static const char *check(const struct axb_config *config, size_t *size)
{
	*size = config->prog_memory_size != 0 ? config->prog_memory_size : PROG_MEMORY_MIN;
	if (config->helpers == NULL) {
		return "helpers";
	}
	return *size < PROG_MEMORY_MIN ? "prog_memory_size" : NULL;
}

static enum axb_status init(
	const struct axb_config *config, uint32_t cpu_count, struct axb_arena *arena)
{
	size_t size = config->prog_memory_size != 0 ? config->prog_memory_size
						    : axb_arena_free_bytes(arena);
	const struct axb_prog_config prog = {
		.memory = axb_arena_alloc(arena, size, 1),
		.memory_size = size,
		.helpers = config->helpers,
		.cpu_count = cpu_count,
	};
	return prog.memory == NULL ? AXB_ERR_NOMEM : axb_prog_init(&prog);
}

static const struct init_programs programs = {
	.check = check,
	.init = init,
	.deinit = axb_prog_deinit,
};

enum axb_status axb_init(const struct axb_config *config, struct axb_init_error *why)
{
	return init_parts(config, &programs, why);
}
