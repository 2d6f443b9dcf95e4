/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Atomic access to plain integers, with the order in the name. Plain integers, because the structs
 * that hold them must compile in C++ too. Any context; never calls a library function.
 */
#ifndef AXB_RUNTIME_BASE_ATOMIC_H_
#define AXB_RUNTIME_BASE_ATOMIC_H_

#include <stdbool.h>
#include <stdint.h>

#define axb_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define axb_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define axb_store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define axb_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define axb_fetch_add_relaxed(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define axb_fetch_add_acq_rel(p, v) __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define axb_fetch_sub_acq_rel(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL)
#define axb_fetch_and_acq_rel(p, v) __atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL)
#define axb_fetch_or_acq_rel(p, v) __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define axb_exchange_acq_rel(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
/** Strong compare and exchange; *@expected gets the value found. True when it was stored. */
#define axb_compare_exchange_acq_rel(p, expected, v)                                               \
	__atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define axb_compare_exchange_relaxed(p, expected, v)                                               \
	__atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
/** Keeps the compiler, not the CPU, from moving accesses across: for data of this CPU only. */
#define axb_compiler_barrier() __asm__ __volatile__("" ::: "memory")

#endif
