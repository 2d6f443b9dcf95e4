/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Code of the way into and out of probes: what runs before the recursion guard is set, after it is
 * cleared, and in the handling of a nested hit. Probes on it are refused.
 */
#ifndef AXB_RUNTIME_BASE_NOPROBE_H_
#define AXB_RUNTIME_BASE_NOPROBE_H_

/** A function of its own, in the section that probes refuse. */
#define AXB_NOPROBE __attribute__((section("axb_noprobe"), noinline))

/** A part of such functions, never a function of its own. */
#define AXB_NOPROBE_INLINE static inline __attribute__((always_inline))

#endif
