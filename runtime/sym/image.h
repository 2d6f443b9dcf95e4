/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The blob that symbolized_binary() (codegen/symtab/defs.bzl) links into an image, for
 * axb_init_with_symbols(). Any context.
 */
#ifndef AXB_RUNTIME_SYM_IMAGE_H_
#define AXB_RUNTIME_SYM_IMAGE_H_

#include <stdint.h>

#include "runtime/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Weak: a binary of another rule has none. */
extern const uint8_t axb_symtab_image[] __attribute__((weak));
extern const uint32_t axb_symtab_image_size __attribute__((weak));

/** The blob of this image; empty when it has none. */
static inline struct axb_bytes axb_symtab_image_bytes(void)
{
	if (&axb_symtab_image_size == 0) {
		return axb_bytes_of(0, 0);
	}
	return axb_bytes_of(axb_symtab_image, axb_symtab_image_size);
}

#ifdef __cplusplus
}
#endif

#endif
