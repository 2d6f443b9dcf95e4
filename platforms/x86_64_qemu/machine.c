/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the shared parts ask of the machine itself (platforms/reference/machine.h); the VMs' part is
 * vm.c, the exit reasons' hooks.c.
 */
#include "platforms/reference/machine.h"

#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/cpu.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/uart.h"
#include "runtime/base/mem.h"

#include "codegen/gen/event_gen.h" // Generated.

extern const uint8_t image_start[], image_stacks_start[];

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
	return AXB_STREAM_ARCH_X86_64;
}

void machine_image(uint64_t *start, uint64_t *end)
{
	*start = (uint64_t)image_start;
	*end = (uint64_t)image_stacks_start;
}

void machine_zero(void *memory, size_t size)
{
	memset(memory, 0, size);
}

void machine_exit(uint32_t status)
{
	out32(BOARD_EXIT_PORT, status);
	for (;;) {
		irq_wait();
	}
}

size_t machine_read_file(const char *path, void *to, size_t size)
{
	/* Only the package has files. */
	(void)path;
	(void)to;
	(void)size;
	return 0;
}

bool machine_stream_open(const char *name)
{
	(void)name;
	return false;
}

bool machine_stream_write(const void *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	return false;
}

void machine_stream_close(void)
{
}
