/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Text from addresses that nobody vouches for. Private to this package.
 */
#ifndef AXB_RUNTIME_HELPERS_SAFE_COPY_H_
#define AXB_RUNTIME_HELPERS_SAFE_COPY_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Copy the NUL-terminated text at the hypervisor address @from to @to of @size >= 1 bytes, cut to
 * fit, always NUL-terminated. Reads no byte behind the NUL's 32-byte block.
 *
 * @return bytes written, NUL included; -AXB_EFAULT, and @to wholly zeroed, when a byte before the
 *   end is not readable. Context: any.
 */
int64_t axb_safe_copy_text(char *to, size_t size, uint64_t from);

#ifdef __cplusplus
}
#endif

#endif
