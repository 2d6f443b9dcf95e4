/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The end after a bug: say what, stop QEMU with status 2. See also panic() of
 * platforms/reference/machine.h.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_PANIC_H_
#define AXB_PLATFORMS_AARCH64_QEMU_PANIC_H_

#include <stdint.h>

/** With the location of a check. Context: any. */
__attribute__((noreturn)) void panic_at(const char *file, uint32_t line, const char *what);

#endif
