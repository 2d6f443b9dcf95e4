/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Probes in the self-test programs (selftest.h). All panic when something is not as it must be.
 * Context: boot, CPU 0.
 */
#ifndef AXB_PLATFORMS_REFERENCE_SELFTEST_PROBES_H_
#define AXB_PLATFORMS_REFERENCE_SELFTEST_PROBES_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Calls that selftest_probe() makes itself. */
#define SELFTEST_FIRST_CALLS 10u

/** Bring up axebpf with probes, in the memory from the image to @memory_end. */
void selftest_probes_init(uint64_t memory_end);

/** Probe a function at its patch site and one by a breakpoint, at entry and return, and see some
 * hits. */
void selftest_probe(void);
/** Call each @calls times. */
void selftest_call_probed(uint64_t calls);
/** Each was called @calls times since it is probed: each call was handled, and has returned. */
void selftest_check_probed(uint64_t calls);

/** At @address, which is probed, a program adds the register at @delta of the registers of a probe
 * to the stack pointer, at @sp. */
void selftest_attach_mover(uint64_t address, int16_t sp, int16_t delta);

/** @victim has such an address, gets what is added, and gives by how much the stack pointer has
 * changed; 256 bytes above it are free there. */
void selftest_move_sp(uint64_t (*victim)(int64_t delta));

#ifdef __cplusplus
}
#endif

#endif
