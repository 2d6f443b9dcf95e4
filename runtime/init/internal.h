/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the files of init share. init.c reaches programs.c and symbols.c only through pointers that
 * they set, so that a binary which calls nothing of one does not link what is behind it.
 */
#ifndef AXB_RUNTIME_INIT_INTERNAL_H_
#define AXB_RUNTIME_INIT_INTERNAL_H_

#include <stdbool.h>

#include "runtime/base/arena.h"
#include "runtime/init/init.h"

/** The part that axb_init() has and axb_init_tracepoints() has not. */
struct init_programs {
	/** Bytes wanted for @config to *@size. @return the field that is wrong, or NULL. */
	const char *(*check)(const struct axb_config *config, size_t *size);
	enum axb_status (*init)(
		const struct axb_config *config, uint32_t cpu_count, struct axb_arena *arena);
	void (*deinit)(void);
};

extern struct init_state {
	bool initialized;
	uint32_t cpu_count;
	const struct init_programs *programs; /* NULL = without */
	struct axb_config config;
	void (*clear_symbols)(void); /* NULL = without */
	struct axb_bytes blob;
	uint64_t stext;
	uint64_t etext;
} init_state;

enum axb_status init_refuse(
	struct axb_init_error *why, enum axb_status st, const char *what, size_t memory_needed);

enum axb_status init_parts(const struct axb_config *config, const struct init_programs *programs,
	struct axb_init_error *why);

#endif
