/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Arm semihosting: files of the host that runs QEMU, the command line and the exit status. QEMU
 * must be started with -semihosting-config enable=on,target=native.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_SEMIHOSTING_H_
#define AXB_PLATFORMS_AARCH64_QEMU_SEMIHOSTING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum semihosting_mode {
	SEMIHOSTING_READ = 1,  /**< fopen "rb" */
	SEMIHOSTING_WRITE = 5, /**< fopen "wb" */
};

/** All "arg=" of -semihosting-config, joined by spaces. @return false when it does not fit. */
bool semihosting_command_line(char *line, size_t size);

/** @param path in the directory of QEMU, or absolute. @return handle, or -1. */
int64_t semihosting_open(const char *path, enum semihosting_mode mode);

/** @return bytes read; less than @size only at the end of the file or after an error. */
size_t semihosting_read(int64_t handle, void *to, size_t size);

/** Read a whole file. @return its size; 0 when it cannot be read, is empty, or does not fit. */
size_t semihosting_read_file(const char *path, void *to, size_t size);

/** @return all of it was written. */
bool semihosting_write(int64_t handle, const void *from, size_t size);

void semihosting_close(int64_t handle);

/** End QEMU with @status. Context: any. */
__attribute__((noreturn)) void semihosting_exit(uint32_t status);

#endif
