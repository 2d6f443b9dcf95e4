/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Intel 8254 data sheet, "Mode 0"; IBM PC AT technical reference, port 61h.
 */
#include "platforms/x86_64_qemu/pit.h"

#define NS_PER_S UINT64_C(1000000000)
#define GATE_BITS 0x03u /* gate of counter 2, speaker */
#define GATE_OUTPUT 0x20u

static uint64_t ticks(const struct pit *pit, uint64_t now_ns)
{
	uint64_t passed_ns = now_ns - pit->started_ns;
	/* Whatever it is, the output has been high for long. */
	if (passed_ns > NS_PER_S) {
		return PIT_HZ;
	}
	return passed_ns * PIT_HZ / NS_PER_S;
}

bool pit_read(struct pit *pit, uint16_t port, uint64_t now_ns, uint8_t *value)
{
	if (port == PIT_PORT_GATE) {
		bool output = ticks(pit, now_ns) >= pit->initial;
		*value = (uint8_t)(pit->gate | (output ? GATE_OUTPUT : 0));
		return true;
	}
	if (port != PIT_PORT_COUNTER2) {
		return port == PIT_PORT_COMMAND ? (*value = 0xff, true) : false;
	}
	uint16_t count = (uint16_t)(pit->initial - ticks(pit, now_ns));
	*value = (uint8_t)(pit->high_is_next_read ? count >> 8 : count);
	pit->high_is_next_read = !pit->high_is_next_read;
	return true;
}

bool pit_write(struct pit *pit, uint16_t port, uint64_t now_ns, uint8_t value)
{
	switch (port) {
	case PIT_PORT_GATE:
		pit->gate = value & GATE_BITS;
		return true;
	case PIT_PORT_COMMAND:
		pit->high_is_next_write = false;
		pit->high_is_next_read = false;
		return true;
	case PIT_PORT_COUNTER2:
		pit->initial = pit->high_is_next_write
				       ? (uint16_t)((pit->initial & 0xff) | value << 8)
				       : value;
		if (pit->high_is_next_write) {
			pit->started_ns = now_ns;
		}
		pit->high_is_next_write = !pit->high_is_next_write;
		return true;
	default:
		return false;
	}
}
