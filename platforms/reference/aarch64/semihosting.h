/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Arm semihosting: files of the host that runs QEMU, its command line and exit status.
 * semihosting.c defines the functions of platforms/reference/machine.h that need these. QEMU must
 * be started with -semihosting-config enable=on,target=native.
 */
#ifndef AXB_PLATFORMS_REFERENCE_AARCH64_SEMIHOSTING_H_
#define AXB_PLATFORMS_REFERENCE_AARCH64_SEMIHOSTING_H_

#include <stdbool.h>
#include <stddef.h>

/** All "arg=" of -semihosting-config, joined by spaces. @return false when it does not fit. */
bool semihosting_command_line(char *line, size_t size);

#endif
