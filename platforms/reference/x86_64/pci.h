/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * As much of PCI as finds the memory that is shared with the host (QEMU's ivshmem-plain).
 */
#ifndef AXB_PLATFORMS_REFERENCE_X86_64_PCI_H_
#define AXB_PLATFORMS_REFERENCE_X86_64_PCI_H_

#include <stdbool.h>
#include <stdint.h>

struct pci_memory {
	uint64_t pa;
	uint64_t size;
};

/** The shared memory of the first ivshmem device on bus 0, where the firmware has put it. @return
 * false when there is none. Context: boot, CPU 0. */
bool pci_find_ivshmem(struct pci_memory *out);

#endif
