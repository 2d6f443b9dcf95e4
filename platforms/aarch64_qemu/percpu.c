/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/aarch64_qemu/percpu.h"

#include <stddef.h>

#include "platforms/aarch64_qemu/board.h"
#include "platforms/aarch64_qemu/offsets.h"
#include "platforms/reference/machine.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

AXB_STATIC_ASSERT(
	offsetof(struct percpu, emergency_stack) == PERCPU_EMERGENCY_STACK, "used by vectors.S");

#define EMERGENCY_STACK_SIZE 2048

static struct percpu cpus[BOARD_CPU_COUNT];
static uint8_t emergency_stacks[BOARD_CPU_COUNT][EMERGENCY_STACK_SIZE] AXB_ALIGNED(16);

AXB_NOPROBE void percpu_init(uint32_t id)
{
	struct percpu *cpu = &cpus[id];
	cpu->emergency_stack = emergency_stacks[id] + EMERGENCY_STACK_SIZE;
	cpu->id = id;
	write_tpidr_el2((uint64_t)cpu);
}

struct percpu *percpu_of(uint32_t id)
{
	return &cpus[id];
}

uint32_t machine_cpu_id(void)
{
	return percpu()->id;
}
