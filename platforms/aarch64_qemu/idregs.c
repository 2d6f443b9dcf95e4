/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Arm ARM DDI 0487J.a D19.2.53 and following; ids that are not assigned read as zero.
 */
#include "platforms/aarch64_qemu/idregs.h"

#include <stddef.h>

#include "platforms/reference/aarch64/sysreg.h"
#include "runtime/base/types.h"

#define COUNT 8u

/* A field of four bits. */
#define FIELD(low) (UINT64_C(0xf) << (low))
#define ALL UINT64_MAX

/* What guests do not see. */
static const struct {
	uint8_t crm;
	uint8_t op2;
	uint64_t fields;
} hidden[] = {
	/* ID_DFR0: PMU and trace. ID_PFR0: AMU, RAS. */
	{1, 2, FIELD(12) | FIELD(16) | FIELD(20) | FIELD(24) | FIELD(28)},
	{1, 0, FIELD(20) | FIELD(28)},
	/* ID_AA64PFR0: EL2, EL3, RAS, SVE, MPAM, AMU, RME, numbers of software contexts. */
	{4, 0,
		FIELD(8) | FIELD(12) | FIELD(28) | FIELD(32) | FIELD(40) | FIELD(44) | FIELD(52) |
			UINT64_C(2) << 56},
	/* ID_AA64PFR1: MTE, RAS_frac, MPAM_frac, SME, RNDR_trap, NMI, and what is newer. */
	{4, 1, FIELD(8) | FIELD(12) | FIELD(16) | FIELD(24) | FIELD(28) | ALL << 36},
	/* ID_AA64PFR2, ID_AA64ZFR0, ID_AA64SMFR0. */
	{4, 2, ALL},
	{4, 4, ALL},
	{4, 5, ALL},
	/* ID_AA64DFR0: trace, PMU, PMS, filter, buffer, MTPMU, BRBE. ID_AA64DFR1. */
	{5, 0, FIELD(4) | FIELD(8) | FIELD(32) | FIELD(40) | FIELD(44) | FIELD(48) | FIELD(52)},
	{5, 1, ALL},
	/* ID_AA64ISAR1: LS64. ID_AA64ISAR2: WFxT, MOPS. */
	{6, 1, FIELD(60)},
	{6, 2, FIELD(0) | FIELD(16)},
	/* ID_AA64MMFR0: FGT, ECV. MMFR1: VH, LO, HCX. MMFR2: NV. MMFR3, MMFR4. */
	{7, 0, FIELD(56) | FIELD(60)},
	{7, 1, FIELD(8) | FIELD(16) | FIELD(40)},
	{7, 2, FIELD(24)},
	{7, 3, ALL},
	{7, 4, ALL},
};

static uint64_t registers[COUNT][COUNT];

/* The instruction has the number of the register in it. */
#define READ(crm, op2)                                                                             \
	__asm__ __volatile__("mrs %0, s3_0_c0_c" #crm "_" #op2 : "=r"(registers[crm][op2]))
#define READ_ALL(crm)                                                                              \
	READ(crm, 0);                                                                              \
	READ(crm, 1);                                                                              \
	READ(crm, 2);                                                                              \
	READ(crm, 3);                                                                              \
	READ(crm, 4);                                                                              \
	READ(crm, 5);                                                                              \
	READ(crm, 6);                                                                              \
	READ(crm, 7)

void idregs_init(void)
{
	READ_ALL(1);
	READ_ALL(2);
	READ_ALL(3);
	READ_ALL(4);
	READ_ALL(5);
	READ_ALL(6);
	READ_ALL(7);
	for (size_t i = 0; i < AXB_ARRAY_COUNT(hidden); i++) {
		registers[hidden[i].crm][hidden[i].op2] &= ~hidden[i].fields;
	}
}

uint64_t idregs_read(uint32_t crm, uint32_t op2)
{
	return registers[crm % COUNT][op2 % COUNT];
}
