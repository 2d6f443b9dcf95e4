/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the loader tells by PVH (Xen public/arch-x86/hvm/start_info.h).
 */
#ifndef AXB_PLATFORMS_REFERENCE_X86_64_PVH_H_
#define AXB_PLATFORMS_REFERENCE_X86_64_PVH_H_

#include <stdbool.h>
#include <stddef.h>

/** Copy the command line, from what boot_start_info (the hypervisor's boot.S) points at. @return
 * false when it is too long. Context: boot, CPU 0. */
bool pvh_command_line(char *to, size_t size);

#endif
