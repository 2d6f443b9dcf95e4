/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Probes on the hypervisor itself: its breakpoints and the change of its code while it runs. text.c
 * implements runtime/hooks/text.h over what the machine offers below; text_off.c, instead of it,
 * leaves all of this out.
 */
#ifndef AXB_PLATFORMS_REFERENCE_TEXT_H_
#define AXB_PLATFORMS_REFERENCE_TEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The hypervisor executed a breakpoint instruction at @pc.
 * @param regs as axb_probe_dispatch() has them.
 * @return true: go on with @regs; false: it is not of a probe. Context: trap, before anything else
 * that can be probed.
 */
bool text_breakpoint(uint64_t pc, uint64_t syndrome, void *regs);

/** Answer another CPU that changes code (machine_text_kick()). Context: trap or thread. */
void text_answer(void);

/* What the machine offers, in its text.c. */

/** CPUs that run: 0 .. this. */
uint32_t machine_cpus_online(void);

/** Have CPU @cpu call text_answer() soon. */
void machine_text_kick(uint32_t cpu);

/** A writable mapping of the page at @page of the text, for this CPU. One at a time. */
void *machine_text_map(uint64_t page);

/** @size bytes at @alias in the mapping, which are @address of the text, were written: let all
 * instruction caches know, and take the mapping away. */
void machine_text_unmap(const void *alias, uint64_t address, size_t size);

/** Forget what of the instruction stream this CPU has fetched already. In the section of
 * AXB_NOPROBE. */
void machine_text_serialize(void);

#ifdef __cplusplus
}
#endif

#endif
