/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * One run of a program as the engine and the helpers see it, and the shape of the helper table.
 * The table is given to prog at init, so that engines know no helper.
 */
#ifndef AXB_RUNTIME_HELPERS_ENV_H_
#define AXB_RUNTIME_HELPERS_ENV_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/limits.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axb_map;

/** Why a run was stopped. AXB_RUN_OK = it reached exit. */
enum axb_run_result {
	AXB_RUN_OK = 0,
	AXB_RUN_FAULT_LOAD,   /**< a load outside the memory the program owns */
	AXB_RUN_FAULT_STORE,  /**< a store there, or to read-only memory */
	AXB_RUN_FAULT_ALIGN,  /**< an atomic operation on a misaligned address */
	AXB_RUN_FAULT_HELPER, /**< a helper argument that its prototype does not allow */
	AXB_RUN_FAULT_FUEL,   /**< more instructions than AXB_FUEL_DEFAULT */
	AXB_RUN_FAULT_DEPTH,  /**< more than AXB_FRAME_MAX frames */
	AXB_RUN_FAULT_LEAK, /**< exit with a ring-buffer record still reserved (it is discarded) */
	AXB_RUN_RESULT_COUNT_
};

/** What a fault was about, for reports. */
struct axb_run_fault {
	enum axb_run_result result;
	uint32_t insn;    /**< index of the instruction */
	uint64_t address; /**< the address, or the argument's value */
	uint32_t size;    /**< bytes of the access; helper id for AXB_RUN_FAULT_HELPER */
};

/** A ring-buffer record that the run holds open. */
struct axb_reservation {
	struct axb_map *map;
	uint8_t *record;
	uint32_t size;
};

/**
 * One run. Whoever starts a run calls axb_env_init() and fills the first part; the engine owns the
 * second while it runs. Lives on the stack of the CPU that runs. Context: any.
 */
struct axb_env {
	void *ctx; /**< what r1 points to; NULL = r1 is 0 */
	uint32_t ctx_size;
	bool ctx_writable;
	uint64_t cookie;        /**< bpf_get_attach_cookie */
	uint64_t func_ip;       /**< bpf_get_func_ip */
	uint32_t tracepoint_id; /**< 0 = not at a tracepoint */
	uint16_t name_offset;   /**< of the probe or tracepoint in the name table */
	const char *prog_name;

	/* engine */
	uint64_t r0;
	struct axb_run_fault fault;
	uint32_t reservation_count;
	struct axb_reservation reservations[AXB_RESERVE_MAX];
};

/** A run on @ctx with no cookie and so on. What the engine writes before it reads stays as it is.
 */
static inline void axb_env_init(struct axb_env *env, void *ctx, uint32_t ctx_size)
{
	env->ctx = ctx;
	env->ctx_size = ctx_size;
	env->ctx_writable = false;
	env->cookie = 0;
	env->func_ip = 0;
	env->tracepoint_id = 0;
	env->name_offset = 0;
	env->prog_name = NULL;
	env->reservation_count = 0;
}

/** A helper. Arguments r1..r5; the result goes to r0. Pointers were checked by the engine. */
typedef uint64_t (*axb_helper_fn_t)(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5);

struct axb_helper_impl {
	uint32_t id; /**< enum axb_helper_id */
	axb_helper_fn_t fn;
};

/** Helpers that this binary offers, sorted by id. */
struct axb_helper_table {
	const struct axb_helper_impl *impls;
	uint32_t count;
};

/** The function of helper @id; NULL when the table does not have it. */
static inline axb_helper_fn_t axb_helper_table_find(
	const struct axb_helper_table *table, uint32_t id)
{
	uint32_t low = 0;
	uint32_t high = table->count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (table->impls[mid].id == id) {
			return table->impls[mid].fn;
		}
		if (table->impls[mid].id < id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

#ifdef __cplusplus
}
#endif

#endif
