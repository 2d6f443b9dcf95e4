/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/pvclock.h"

#include "platforms/x86_64_qemu/cpu.h"
#include "platforms/x86_64_qemu/timer.h"
#include "platforms/x86_64_qemu/vm.h"
#include "runtime/base/mem.h"

#define NS_PER_MS UINT64_C(1000000)
#define ENABLE 1u
#define FLAG_TSC_STABLE 1u

/* ns = system_time + (((tsc - tsc_timestamp) << tsc_shift) * mul >> 32) */
struct system_time {
	uint32_t version; /* even: valid */
	uint32_t reserved0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t reserved1[2];
};
AXB_STATIC_ASSERT(sizeof(struct system_time) == 32, "msr.rst");

/* Seconds and nanoseconds since 1970 when the system time was 0: not known here. */
struct wall_time {
	uint32_t version;
	uint32_t seconds;
	uint32_t nanoseconds;
};

static struct system_time system_time_now(void)
{
	struct system_time now = {.version = 2, .flags = FLAG_TSC_STABLE};
	uint64_t khz = time_tsc_khz();
	while (((NS_PER_MS << 32 >> now.tsc_shift) / khz) >> 32 != 0) {
		now.tsc_shift++;
	}
	now.mul = (uint32_t)((NS_PER_MS << 32 >> now.tsc_shift) / khz);
	now.tsc_timestamp = read_tsc();
	now.system_time = time_now_ns();
	return now;
}

/* Write @size bytes at @gpa, which must not cross a page. */
static bool write_guest(struct vm *vm, uint64_t gpa, const void *bytes, size_t size)
{
	void *to = vm_memory(vm, (axb_gpa_t){gpa});
	if (to == NULL || gpa % NPT_PAGE_SIZE > NPT_PAGE_SIZE - size) {
		return false;
	}
	memcpy(to, bytes, size);
	return true;
}

bool pvclock_write(struct vm *vm, uint32_t msr, uint64_t value)
{
	if (msr == PVCLOCK_MSR_WALL) {
		const struct wall_time wall = {.version = 2};
		return write_guest(vm, value, &wall, sizeof(wall));
	}
	if ((value & ENABLE) == 0) {
		return true;
	}
	/* Once is enough: the TSC never changes its pace. */
	const struct system_time now = system_time_now();
	return write_guest(vm, value & ~(uint64_t)ENABLE, &now, sizeof(now));
}
