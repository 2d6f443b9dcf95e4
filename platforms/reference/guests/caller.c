/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A guest that mostly calls its hypervisor.
 */
#include "platforms/reference/guests/arch.h"
#include "platforms/reference/guests/guest.h"

void guest_round(uint64_t round)
{
	guest_hypercalls(8);
	guest_device_writes(2);
	guest_expect(guest_calls_firmware());
	if (round % 4 == 0) {
		guest_touch_pages(1);
	}
}
