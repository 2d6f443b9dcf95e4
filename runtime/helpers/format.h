/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The format language of bpf_trace_printk. Private to this package.
 */
#ifndef AXB_RUNTIME_HELPERS_FORMAT_H_
#define AXB_RUNTIME_HELPERS_FORMAT_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Format @args by the @format_size bytes at @format, which the program supplies, into @out.
 *
 * Directives: %[-+ 0][width] and d i u x X (with l or ll: 64 bits), c, s (ks, us: the same), p (px,
 * pK: the same; 16 digits); %%. Text of %s is read fault-safely; an unreadable one prints as "".
 * @return 0; -AXB_EINVAL, and nothing written, when the format has no NUL in its size, a byte that
 *   is neither printable ASCII nor white space, an unknown directive, or more than @arg_count.
 * Context: any.
 */
int64_t axb_format(struct axb_text *out, const char *format, size_t format_size,
	const uint64_t *args, uint32_t arg_count);

#ifdef __cplusplus
}
#endif

#endif
