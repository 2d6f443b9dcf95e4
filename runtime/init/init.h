/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Bringing axebpf up: one call with the memory it may use, one call per further CPU.
 */
#ifndef AXB_RUNTIME_INIT_INIT_H_
#define AXB_RUNTIME_INIT_INIT_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/bytes.h"
#include "runtime/base/status.h"
#include "runtime/event/event.h"
#include "runtime/helpers/env.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What zeros in axb_config.event stand for; cpu_count 0 = axb_plat_cpu_count(). */
#define AXB_INIT_RING_EVENTS 4096u
#define AXB_INIT_RECENT_EVENTS 512u
#define AXB_INIT_NAME_MAX 512u

struct axb_config {
	void *memory; /**< all that axebpf will ever use, at any alignment */
	size_t memory_size;
	struct axb_event_config event;          /**< name_max: at least axb_tp_count */
	const struct axb_helper_table *helpers; /**< for axb_init() */
	size_t prog_memory_size; /**< for axb_init(): part of @memory for objects and maps; 0 = what
				    is left */
};

/** Why init refused. */
struct axb_init_error {
	const char *what;     /**< static text: the argument or part concerned; "" for AXB_OK */
	size_t memory_needed; /**< for AXB_ERR_NOMEM: bytes that would do; else 0 */
};

/**
 * Initialize event, prog and trace. The second call with the same arguments is AXB_OK and changes
 * nothing; another configuration is AXB_ERR_STATE.
 *
 * Context: boot, on one CPU, before any emitter or probe is reached by another.
 * @return AXB_OK; AXB_ERR_ARG; AXB_ERR_NOMEM; AXB_ERR_STATE. @why may be NULL.
 */
AXB_MUST_USE enum axb_status axb_init(const struct axb_config *config, struct axb_init_error *why);

/**
 * As axb_init(), but tracepoints and events only, without programs: the eBPF runtime is then not
 * linked. Fields of @config that are for axb_init() are not looked at.
 */
AXB_MUST_USE enum axb_status axb_init_tracepoints(
	const struct axb_config *config, struct axb_init_error *why);

/**
 * axb_sym_set_self() with the blob for [@stext, @etext), then axb_init(): both or neither.
 * @return as axb_init(); AXB_ERR_STATE for other symbols than before; what axb_sym_set_self()
 *   refuses with.
 */
AXB_MUST_USE enum axb_status axb_init_with_symbols(const struct axb_config *config,
	struct axb_bytes blob, uint64_t stext, uint64_t etext, struct axb_init_error *why);

/**
 * Announce this CPU. Idempotent per CPU. Context: boot, on the CPU itself, after axb_init().
 * @return AXB_OK; AXB_ERR_STATE (axb_init() is missing); AXB_ERR_LIMIT (its id is not below the
 *   configured cpu_count).
 */
AXB_MUST_USE enum axb_status axb_cpu_init(void);

/** Undo all that was done here: for tests and platforms that stop. Nothing may be running. */
void axb_deinit(void);

#ifdef __cplusplus
}
#endif

#endif
