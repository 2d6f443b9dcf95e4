/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The end after a bug: say what, stop QEMU with status 2. See also panic() of machine.h.
 */
#ifndef AXB_PLATFORMS_REFERENCE_PANIC_H_
#define AXB_PLATFORMS_REFERENCE_PANIC_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** With the location of a check. Context: any. */
__attribute__((noreturn)) void panic_at(const char *file, uint32_t line, const char *what);

#ifdef __cplusplus
}
#endif

#endif
