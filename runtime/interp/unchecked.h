/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The interpreter without checks, for benchmarks and for tests of programs that are known to be
 * good: it runs what is merely an axb_checked, and a wrong program does what it likes.
 */
#ifndef AXB_RUNTIME_INTERP_UNCHECKED_H_
#define AXB_RUNTIME_INTERP_UNCHECKED_H_

#include "runtime/interp/interp.h"

#ifdef __cplusplus
extern "C" {
#endif

/** As axb_interp_create(), but runs neither check accesses nor helper arguments nor use fuel. */
AXB_MUST_USE enum axb_status axb_interp_create_unchecked(
	const struct axb_checked *checked, struct axb_arena *arena, const struct axb_interp **out);

#ifdef __cplusplus
}
#endif

#endif
