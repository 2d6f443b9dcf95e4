/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/aarch64/semihosting.h"

#include <stdint.h>

#include "platforms/reference/aarch64/sysreg.h"
#include "platforms/reference/machine.h"
#include "runtime/base/mem.h"

/* Arm semihosting specification 2.0, section 6. */
#define SYS_OPEN 0x01
#define SYS_CLOSE 0x02
#define SYS_WRITE 0x05
#define SYS_READ 0x06
#define SYS_GET_CMDLINE 0x15
#define SYS_EXIT 0x18
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

#define MODE_READ 1u  /* fopen "rb" */
#define MODE_WRITE 5u /* fopen "wb" */
#define PATH_MAX_LENGTH 4096u

static int64_t stream = -1;

bool semihosting_command_line(char *line, size_t size)
{
	uint64_t block[] = {(uint64_t)line, size};
	return semihosting_call(SYS_GET_CMDLINE, block) == 0;
}

/* @return handle, or -1. */
static int64_t open_file(const char *path, uint64_t mode)
{
	uint64_t block[] = {(uint64_t)path, mode, axb_strnlen(path, PATH_MAX_LENGTH)};
	return (int64_t)semihosting_call(SYS_OPEN, block);
}

static void close_file(int64_t handle)
{
	uint64_t block[] = {(uint64_t)handle};
	semihosting_call(SYS_CLOSE, block);
}

/* @return bytes read; less than @size only at the end of the file or after an error. */
static size_t read_file(int64_t handle, void *to, size_t size)
{
	uint64_t block[] = {(uint64_t)handle, (uint64_t)to, size};
	uint64_t left = semihosting_call(SYS_READ, block);
	return left <= size ? size - left : 0;
}

size_t machine_read_file(const char *path, void *to, size_t size)
{
	int64_t handle = open_file(path, MODE_READ);
	if (handle < 0) {
		return 0;
	}
	size_t got = read_file(handle, to, size);
	/* One more byte tells whether it goes on. */
	char more;
	bool whole = got < size || read_file(handle, &more, 1) == 0;
	close_file(handle);
	return whole ? got : 0;
}

bool machine_stream_open(const char *name)
{
	stream = open_file(name, MODE_WRITE);
	return stream >= 0;
}

/* The host's file takes all. */
size_t machine_stream_room(void)
{
	return SIZE_MAX;
}

bool machine_stream_write(const void *bytes, size_t size)
{
	uint64_t block[] = {(uint64_t)stream, (uint64_t)bytes, size};
	return semihosting_call(SYS_WRITE, block) == 0;
}

void machine_stream_close(void)
{
	close_file(stream);
}

void machine_exit(uint32_t status)
{
	uint64_t block[] = {ADP_STOPPED_APPLICATION_EXIT, status};
	semihosting_call(SYS_EXIT, block);
	for (;;) {
		wfi();
	}
}
