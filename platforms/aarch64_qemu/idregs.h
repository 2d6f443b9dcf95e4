/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The identification registers that a guest sees (HCR_EL2.TID3): those of the CPU, without what is
 * not virtualized here.
 */
#ifndef AXB_PLATFORMS_AARCH64_QEMU_IDREGS_H_
#define AXB_PLATFORMS_AARCH64_QEMU_IDREGS_H_

#include <stdint.h>

/** Read the CPU's. Context: boot, CPU 0; all CPUs are alike. */
void idregs_init(void);

/** The register with op0 = 3, op1 = 0, CRn = 0, @crm below 8, @op2 below 8. */
uint64_t idregs_read(uint32_t crm, uint32_t op2);

#endif
