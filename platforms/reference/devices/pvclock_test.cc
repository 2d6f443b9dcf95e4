/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <gtest/gtest.h>

#include "platforms/reference/devices/pvclock.h"

namespace
{

/* As a guest does. */
uint64_t NsAt(const struct pvclock_system &clock, uint64_t tsc)
{
	uint64_t counts = (tsc - clock.tsc_timestamp) << clock.tsc_shift;
	return clock.system_time + (uint64_t)((unsigned __int128)counts * clock.mul >> 32);
}

TEST(PvclockSystemAt, CountsNanosecondsAtThePaceOfTheTsc)
{
	for (uint64_t khz : {UINT64_C(1000), UINT64_C(999000), UINT64_C(1000000), UINT64_C(2500000),
		     UINT64_C(5000000)}) {
		struct pvclock_system clock = pvclock_system_at(khz, 12345, 777);
		EXPECT_EQ(clock.version % 2, 0u);
		EXPECT_EQ(NsAt(clock, 12345), 777u) << khz;
		EXPECT_NEAR((double)NsAt(clock, 12345 + 1000 * khz), 777 + 1e9, 2) << khz;
	}
}

} // namespace
