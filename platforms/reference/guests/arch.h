/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the small guests need of their architecture: arch.c of platforms/<p>/guests.
 */
#ifndef AXB_PLATFORMS_REFERENCE_GUESTS_ARCH_H_
#define AXB_PLATFORMS_REFERENCE_GUESTS_ARCH_H_

#include <stdbool.h>
#include <stdint.h>

/** Where things are. */
struct guest_machine {
	uint64_t device_base;
	uint64_t ram_end;
};
extern const struct guest_machine guest_machine;

/** Exceptions, interrupts and the clock. */
void guest_arch_init(void);

/** See abi.h. */
uint64_t guest_call(uint64_t function, uint64_t arg0, uint64_t arg1);

/** One instruction each. */
uint64_t guest_load(uint64_t address);
void guest_store(uint64_t address, uint64_t value);

/** Time in counts of the guest's own clock. */
uint64_t guest_clock(void);
uint64_t guest_clock_counts(uint64_t ns);
/** Halt until an interrupt of the guest's own timer at @deadline. */
void guest_sleep_until(uint64_t deadline);

/* Each does something special of the architecture and says whether all went as it must. */

/** aarch64: PSCI by SMC. x86_64: INT3 and INT n arrive as they would without a hypervisor. */
bool guest_calls_firmware(void);
/** aarch64: an ID register. x86_64: CPUID. */
bool guest_identifies_cpu(void);
/** A register and an instruction that are the hypervisor's are refused. */
bool guest_is_refused(void);
/** Where nothing is. aarch64: external abort. x86_64: ones. */
bool guest_strays(void);
/** The hypervisor takes permissions of the page at @page, and gives them back. */
bool guest_protects(uint64_t page);

#endif
