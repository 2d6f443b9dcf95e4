/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/devices/pvclock.h"

#define NS_PER_MS UINT64_C(1000000)
#define FLAG_TSC_STABLE 1u

struct pvclock_system pvclock_system_at(uint64_t tsc_khz, uint64_t tsc, uint64_t now_ns)
{
	struct pvclock_system now = {.version = PVCLOCK_VERSION,
		.tsc_timestamp = tsc,
		.system_time = now_ns,
		.flags = FLAG_TSC_STABLE};
	while (((NS_PER_MS << 32 >> now.tsc_shift) / tsc_khz) >> 32 != 0) {
		now.tsc_shift++;
	}
	now.mul = (uint32_t)((NS_PER_MS << 32 >> now.tsc_shift) / tsc_khz);
	return now;
}
