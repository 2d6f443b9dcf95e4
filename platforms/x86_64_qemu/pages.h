/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PAGES_H_
#define AXB_PLATFORMS_X86_64_QEMU_PAGES_H_

#include <stdint.h>
#include "runtime/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif
void pages_init(void);
void *pages_alloc(void);
void *pages_alloc_block(void);
void pages_free(void *page);
void pages_free_memory(axb_hpa_t hpa, uint64_t size);
#ifdef __cplusplus
}
#endif
#endif
