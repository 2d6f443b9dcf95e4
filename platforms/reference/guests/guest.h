/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the guests share: the things a guest can do to its hypervisor, each with a check of the
 * result, and the clock that starts their rounds. A guest defines guest_round() only.
 */
#ifndef AXB_PLATFORMS_REFERENCE_GUESTS_GUEST_H_
#define AXB_PLATFORMS_REFERENCE_GUESTS_GUEST_H_

#include <stdint.h>

/** Where start.S goes. */
void guest_run(uint64_t id, uint64_t rounds, uint64_t period_ns);

/** The work of round @round, counted from 0. Defined by each guest. */
void guest_round(uint64_t round);

/** Count an error unless @as_expected. */
void guest_expect(int as_expected);
/** End now, with the errors counted so far. */
__attribute__((noreturn)) void guest_finish(void);
/** An exception or interrupt that nobody asked for: the end. */
__attribute__((noreturn)) void guest_give_up(void);

/* Each does its thing @count times and counts an error when the result is not as it must be. */
void guest_hypercalls(uint64_t count);
void guest_device_writes(uint64_t count);
void guest_device_reads(uint64_t count);
/** Write to the next pages of RAM that were never touched; at the end of RAM to none. */
void guest_touch_pages(uint64_t count);
/** Take permissions of the page that was touched last. */
void guest_protect_page(void);

#endif
