/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A guest that mostly uses its device and touches memory, and sometimes does what it must not.
 */
#include "platforms/reference/guests/arch.h"
#include "platforms/reference/guests/guest.h"

void guest_round(uint64_t round)
{
	guest_hypercalls(1);
	guest_device_writes(4);
	guest_device_reads(5);
	guest_touch_pages(3);
	guest_expect(guest_identifies_cpu());
	if (round % 4 == 3) {
		guest_expect(guest_is_refused());
		guest_expect(guest_strays());
		guest_protect_page();
	}
}
