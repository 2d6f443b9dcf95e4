/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * As much of an 8254 as kernels measure their TSC with: counter 2 in mode 0, its gate and output in
 * port 0x61. Pure; the caller serializes.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_PIT_H_
#define AXB_PLATFORMS_X86_64_QEMU_PIT_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIT_HZ 1193182u
#define PIT_PORT_COUNTER2 0x42u
#define PIT_PORT_COMMAND 0x43u
#define PIT_PORT_GATE 0x61u

struct pit {
	uint16_t initial;
	bool high_is_next_write;
	bool high_is_next_read;
	uint8_t gate;
	uint64_t started_ns; /**< when both bytes of the count had been written */
};

/** @return false when @port is not one of these. */
bool pit_read(struct pit *pit, uint16_t port, uint64_t now_ns, uint8_t *value);
bool pit_write(struct pit *pit, uint16_t port, uint64_t now_ns, uint8_t value);

#ifdef __cplusplus
}
#endif

#endif
