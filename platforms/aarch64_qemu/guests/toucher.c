/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A guest that mostly uses its device and touches memory, and sometimes does what it must not.
 */
#include "platforms/aarch64_qemu/guests/guest.h"

void guest_round(uint64_t round)
{
	guest_hypercalls(1);
	guest_device_writes(4);
	guest_device_reads(5);
	guest_touch_pages(3);
	guest_read_id_register();
	if (round % 4 == 3) {
		guest_undefined_access();
		guest_stray_access();
	}
}
