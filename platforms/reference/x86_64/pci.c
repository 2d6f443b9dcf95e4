/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: PCI Local Bus Specification 3.0, 3.2.2.3.2 (configuration mechanism), 6.2.5.1 (base
 * addresses); QEMU docs/specs/ivshmem-spec.txt.
 */
#include "platforms/reference/x86_64/pci.h"

#include "platforms/reference/x86_64/cpu.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE 0x80000000u
#define SLOTS 32u

#define ID 0x00u
#define COMMAND 0x04u
#define BAR2 0x18u
#define ID_IVSHMEM 0x11101af4u
#define COMMAND_MEMORY 2u
#define BAR_IS_64BIT 4u
#define BAR_FLAGS 0xfu

static void select(uint32_t slot, uint32_t offset)
{
	out32(CONFIG_ADDRESS, CONFIG_ENABLE | slot << 11 | offset);
}

static uint32_t read(uint32_t slot, uint32_t offset)
{
	select(slot, offset);
	return in32(CONFIG_DATA);
}

static void write(uint32_t slot, uint32_t offset, uint32_t value)
{
	select(slot, offset);
	out32(CONFIG_DATA, value);
}

/* All ones in a base address register read back as its size, two's complement. */
static uint32_t bar_size(uint32_t slot, uint32_t offset)
{
	uint32_t was = read(slot, offset);
	write(slot, offset, UINT32_MAX);
	uint32_t mask = read(slot, offset) & ~BAR_FLAGS;
	write(slot, offset, was);
	return ~mask + 1;
}

bool pci_find_ivshmem(struct pci_memory *out)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		if (read(slot, ID) != ID_IVSHMEM) {
			continue;
		}
		uint32_t low = read(slot, BAR2);
		uint32_t high = (low & BAR_IS_64BIT) != 0 ? read(slot, BAR2 + 4) : 0;
		out->pa = (uint64_t)high << 32 | (low & ~BAR_FLAGS);
		out->size = bar_size(slot, BAR2);
		write(slot, COMMAND, read(slot, COMMAND) | COMMAND_MEMORY);
		return out->pa != 0 && out->size != 0;
	}
	return false;
}
