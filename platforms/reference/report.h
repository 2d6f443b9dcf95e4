/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What became of the VMs, as the hypervisor itself counted.
 */
#ifndef AXB_PLATFORMS_REFERENCE_REPORT_H_
#define AXB_PLATFORMS_REFERENCE_REPORT_H_

#include <stdbool.h>

/** A table on the console: a line per VM and exit reason. Context: thread, all VMs have stopped. */
void report_vms(void);

/** Has no VM failed, and no guest stopped by itself with faults found? */
bool report_all_well(void);

#endif
