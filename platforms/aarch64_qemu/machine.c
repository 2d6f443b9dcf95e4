/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the shared parts ask of the machine itself (platforms/reference/machine.h); the VMs' part is
 * in vm.c, the end after a bug in panic.c.
 */
#include "platforms/reference/machine.h"

#include "platforms/aarch64_qemu/mmu.h"
#include "platforms/aarch64_qemu/semihosting.h"
#include "platforms/aarch64_qemu/timer.h"
#include "platforms/aarch64_qemu/uart.h"

#include "codegen/gen/event_gen.h" // Generated.

extern const uint8_t image_start[], image_stacks_start[];

static int64_t stream_file = -1;

void machine_put(char c)
{
	uart_put(c);
}

bool machine_get(char *c)
{
	return uart_get(c);
}

uint64_t machine_time_ns(void)
{
	return time_now_ns();
}

uint32_t machine_stream_arch(void)
{
	return AXB_STREAM_ARCH_AARCH64;
}

void machine_image(uint64_t *start, uint64_t *end)
{
	*start = (uint64_t)image_start;
	*end = (uint64_t)image_stacks_start;
}

void machine_zero(void *memory, size_t size)
{
	memory_zero(memory, size);
}

void machine_exit(uint32_t status)
{
	semihosting_exit(status);
}

size_t machine_read_file(const char *path, void *to, size_t size)
{
	return semihosting_read_file(path, to, size);
}

bool machine_stream_open(const char *name)
{
	stream_file = semihosting_open(name, SEMIHOSTING_WRITE);
	return stream_file >= 0;
}

bool machine_stream_write(const void *bytes, size_t size)
{
	return semihosting_write(stream_file, bytes, size);
}

void machine_stream_close(void)
{
	semihosting_close(stream_file);
	stream_file = -1;
}
