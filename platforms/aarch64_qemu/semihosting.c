/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/semihosting.h"

#include "platforms/aarch64_qemu/sysreg.h"
#include "runtime/base/mem.h"

/* Arm semihosting specification 2.0, section 6. */
#define SYS_OPEN 0x01
#define SYS_CLOSE 0x02
#define SYS_WRITE 0x05
#define SYS_READ 0x06
#define SYS_GET_CMDLINE 0x15
#define SYS_EXIT 0x18
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

#define PATH_MAX_LENGTH 4096u

bool semihosting_command_line(char *line, size_t size)
{
	uint64_t block[] = {(uint64_t)line, size};
	return semihosting_call(SYS_GET_CMDLINE, block) == 0;
}

int64_t semihosting_open(const char *path, enum semihosting_mode mode)
{
	uint64_t block[] = {(uint64_t)path, mode, axb_strnlen(path, PATH_MAX_LENGTH)};
	return (int64_t)semihosting_call(SYS_OPEN, block);
}

size_t semihosting_read(int64_t handle, void *to, size_t size)
{
	uint64_t block[] = {(uint64_t)handle, (uint64_t)to, size};
	uint64_t left = semihosting_call(SYS_READ, block);
	return left <= size ? size - left : 0;
}

size_t semihosting_read_file(const char *path, void *to, size_t size)
{
	int64_t handle = semihosting_open(path, SEMIHOSTING_READ);
	if (handle < 0) {
		return 0;
	}
	size_t got = semihosting_read(handle, to, size);
	/* One more byte tells whether it goes on. */
	char more;
	bool whole = got < size || semihosting_read(handle, &more, 1) == 0;
	semihosting_close(handle);
	return whole ? got : 0;
}

bool semihosting_write(int64_t handle, const void *from, size_t size)
{
	uint64_t block[] = {(uint64_t)handle, (uint64_t)from, size};
	return semihosting_call(SYS_WRITE, block) == 0;
}

void semihosting_close(int64_t handle)
{
	uint64_t block[] = {(uint64_t)handle};
	semihosting_call(SYS_CLOSE, block);
}

void semihosting_exit(uint32_t status)
{
	uint64_t block[] = {ADP_STOPPED_APPLICATION_EXIT, status};
	semihosting_call(SYS_EXIT, block);
	for (;;) {
		wfi();
	}
}
