/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The end after a bug: say what, stop QEMU. panic() itself is in platforms/reference/machine.h.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PANIC_H_
#define AXB_PLATFORMS_X86_64_QEMU_PANIC_H_

#include <stdint.h>

#include "platforms/reference/machine.h"

#define EXIT_STATUS_PANIC 2u

/** panic() with the location of a check. Context: any. */
__attribute__((noreturn)) void panic_at(const char *file, uint32_t line, const char *what);

#endif
