/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the shared parts ask of the machine itself (platforms/reference/machine.h); the VMs' part is
 * vm.c, the exit reasons' hooks.c.
 */
#include "platforms/reference/machine.h"

#include "platforms/reference/shmring.h"
#include "platforms/reference/x86_64/cpu.h"
#include "platforms/reference/x86_64/pci.h"
#include "platforms/x86_64_qemu/board.h"
#include "platforms/x86_64_qemu/mmu.h"
#include "platforms/x86_64_qemu/percpu.h"
#include "platforms/x86_64_qemu/timer.h"
#include "runtime/base/mem.h"
#include "runtime/base/spinlock.h"

#include "codegen/gen/event_gen.h" // Generated.

#define READER_PATIENCE_NS UINT64_C(5000000000)

extern const uint8_t image_start[], image_stacks_start[];

static struct shmring stream;

uint64_t machine_time_ns(void)
{
	return time_now_ns();
}

uint32_t machine_cpu_id(void)
{
	return percpu()->id;
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

/* The one stream goes to the memory that is shared with the host, whatever its name is there. */
bool machine_stream_open(const char *name)
{
	struct pci_memory shared;
	(void)name;
	return pci_find_ivshmem(&shared) && mmu_map_device(shared.pa, shared.size) &&
	       shmring_init(&stream, (void *)shared.pa, shared.size);
}

size_t machine_stream_room(void)
{
	return shmring_room(&stream);
}

bool machine_stream_write(const void *bytes, size_t size)
{
	return shmring_write(&stream, bytes, size);
}

void machine_stream_close(void)
{
	shmring_close(&stream);
}
