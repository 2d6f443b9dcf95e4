/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The helpers that every platform has (codegen/spec/helpers.yaml, those that are available), as a
 * table for axb_prog_init(). One file per family; none allocates, blocks or takes a lock, and all
 * loops are bounded by sizes that the engine has checked. Context of all: any.
 */
#ifndef AXB_RUNTIME_HELPERS_HELPERS_H_
#define AXB_RUNTIME_HELPERS_HELPERS_H_

#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/helpers_gen.h" // Generated.
#include "runtime/helpers/env.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct axb_helper_table axb_helpers_standard;

/* axb_helper_<name>(), each an axb_helper_fn_t; arguments and results as the spec says. */
#define AXB_HELPER_DECLARE_(id, fn)                                                                \
	uint64_t fn(struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,       \
		uint64_t r5);
AXB_HELPER_IMPL_LIST(AXB_HELPER_DECLARE_)
#undef AXB_HELPER_DECLARE_

#ifdef __cplusplus
}
#endif

#endif
