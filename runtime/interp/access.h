/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Memory accesses of programs: little endian, at any alignment, of memory of any type. Any context.
 */
#ifndef AXB_RUNTIME_INTERP_ACCESS_H_
#define AXB_RUNTIME_INTERP_ACCESS_H_

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/mem.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compiled for CPUs that may trap misaligned accesses, memcpy() goes byte by byte; an aligned
 * access must then be one in one piece, as other CPUs may read the value meanwhile. */
#if defined(__aarch64__) && !defined(__ARM_FEATURE_UNALIGNED)
#define AXB_ACCESS_SPLITS_ 1
#else
#define AXB_ACCESS_SPLITS_ 0
#endif

#define AXB_ACCESSORS_(type, name)                                                                 \
	typedef type axb_aliased_##name __attribute__((may_alias));                                \
	static inline type axb_load_##name(uint64_t address)                                       \
	{                                                                                          \
		type value;                                                                        \
		if (AXB_ACCESS_SPLITS_ && (address & (sizeof(type) - 1)) == 0) {                   \
			return *(const volatile axb_aliased_##name *)(uintptr_t)address;           \
		}                                                                                  \
		memcpy(&value, (const void *)(uintptr_t)address, sizeof(value));                   \
		return value;                                                                      \
	}                                                                                          \
	static inline void axb_store_##name(uint64_t address, uint64_t value)                      \
	{                                                                                          \
		type narrow = (type)value;                                                         \
		if (AXB_ACCESS_SPLITS_ && (address & (sizeof(type) - 1)) == 0) {                   \
			*(volatile axb_aliased_##name *)(uintptr_t)address = narrow;               \
			return;                                                                    \
		}                                                                                  \
		memcpy((void *)(uintptr_t)address, &narrow, sizeof(narrow));                       \
	}
AXB_ACCESSORS_(uint8_t, u8)
AXB_ACCESSORS_(uint16_t, u16)
AXB_ACCESSORS_(uint32_t, u32)
AXB_ACCESSORS_(uint64_t, u64)
#undef AXB_ACCESSORS_

#ifdef __cplusplus
}
#endif

#endif
