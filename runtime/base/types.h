/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Types and small macros that every package uses. Addresses of different spaces are different
 * one-member structs, so that mixing them does not compile. Pure; any context.
 */
#ifndef AXB_RUNTIME_BASE_TYPES_H_
#define AXB_RUNTIME_BASE_TYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Guest virtual address. */
typedef struct {
	uint64_t va;
} axb_gva_t;

/** Guest physical address (Arm: IPA). */
typedef struct {
	uint64_t pa;
} axb_gpa_t;

/** Host physical address. */
typedef struct {
	uint64_t pa;
} axb_hpa_t;

/** "No vCPU": work of the hypervisor itself. */
#define AXB_VCPU_NONE 0xffffu

/** VM id 0 is the hypervisor itself. */
#define AXB_VM_HYPERVISOR 0u

#define AXB_ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define AXB_LIKELY(x) __builtin_expect(!!(x), 1)
#define AXB_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define AXB_CONTAINER_OF(ptr, type, member)                                                        \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#define AXB_CACHE_LINE 64
#define AXB_ALIGNED(n) __attribute__((aligned(n)))
#define AXB_NOINLINE __attribute__((noinline))

#ifdef __cplusplus
#define AXB_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define AXB_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

#ifdef __cplusplus
}
#endif

#endif
