/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The interpreter: pre-decoded, threaded, all of RFC 9669 but the packet group. In checked mode it
 * tests every load, store and helper argument against the memory that the program owns (context,
 * stack, map values, its open ring-buffer records) and counts fuel; a program error ends the run
 * with a fault and touches nothing else.
 */
#ifndef AXB_RUNTIME_INTERP_INTERP_H_
#define AXB_RUNTIME_INTERP_INTERP_H_

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/helpers/env.h"
#include "runtime/verifier/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A program ready to run. Opaque; lives in the arena it was made in. */
struct axb_interp;

/**
 * Pre-decode @checked for checked runs.
 *
 * Context: boot, thread.
 * @return AXB_OK, AXB_ERR_NOMEM.
 */
AXB_MUST_USE enum axb_status axb_interp_create(
	const struct axb_checked *checked, struct axb_arena *arena, const struct axb_interp **out);

/**
 * Run from instruction 0 with r1 = env->ctx and, for AXB_PROG_TYPE_RAW, r2 = env->ctx_size.
 *
 * Context: any; uses AXB_FRAME_MAX * AXB_STACK_MAX bytes of stack and a little more.
 * Effects: env->r0 and env->fault; records left reserved are discarded.
 * @return AXB_RUN_OK or the fault, which is also in env->fault.
 */
enum axb_run_result axb_interp_run(const struct axb_interp *interp, struct axb_env *env);

/** Name of a result for reports: "load outside the program's memory" ... */
const char *axb_run_result_text(enum axb_run_result result);

#ifdef __cplusplus
}
#endif

#endif
