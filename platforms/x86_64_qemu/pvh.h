/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the loader tells by PVH (Xen public/arch-x86/hvm/start_info.h).
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PVH_H_
#define AXB_PLATFORMS_X86_64_QEMU_PVH_H_

#include <stdbool.h>
#include <stddef.h>

/** Copy the command line. @return false when it is too long. Context: boot, CPU 0. */
bool pvh_command_line(char *to, size_t size);

#endif
