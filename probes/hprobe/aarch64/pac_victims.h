/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Functions that sign their return addresses (-mbranch-protection=standard); each returns n + 1.
 */
#ifndef AXB_PROBES_HPROBE_AARCH64_PAC_VICTIMS_H_
#define AXB_PROBES_HPROBE_AARCH64_PAC_VICTIMS_H_

#include <stdint.h>

/** Calls of pac_plain() that found a signature in their saved return address. */
extern uint64_t pac_signed;

uint64_t pac_plain(uint64_t n);
/** Ends with a call of pac_plain(). */
uint64_t pac_tail(uint64_t n);
uint64_t pac_recursive(uint64_t n);
/** Without a frame, so without a signature. */
uint64_t pac_leaf(uint64_t n);

#endif
