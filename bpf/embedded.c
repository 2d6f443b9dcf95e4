/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "bpf/embedded.h"

#include "bpf/exit_latency_object_gen.h" // Generated.
#include "bpf/exits_object_gen.h"        // Generated.
#include "bpf/guest_regs_object_gen.h"   // Generated.
#include "bpf/hypercalls_object_gen.h"   // Generated.
#include "bpf/mmio_pages_object_gen.h"   // Generated.
#include "bpf/printk_object_gen.h"       // Generated.
#include "bpf/regs_object_gen.h"         // Generated.
#include "bpf/vm_filter_object_gen.h"    // Generated.
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define OBJECT(name, description) {#name, description, name##_object, &name##_object_size}

const struct axb_embedded_object axb_embedded_objects[] = {
	OBJECT(exits, "exits by VM and reason, counted on each CPU"),
	OBJECT(exit_latency, "log2 histogram of the time an exit takes"),
	OBJECT(hypercalls, "each hypercall through a ring buffer, and counts by number"),
	OBJECT(printk, "says which VM boots, and where"),
	OBJECT(vm_filter, "exits of one VM only, and the longest"),
	OBJECT(mmio_pages, "reads and writes of devices, by page"),
	OBJECT(guest_regs, "all registers of the guest at its last hypercall"),
	OBJECT(regs, "probes on functions: calls by argument, returns by value"),
};

const uint32_t axb_embedded_object_count = AXB_ARRAY_COUNT(axb_embedded_objects);

const struct axb_embedded_object *axb_embedded_find(const char *name)
{
	for (uint32_t i = 0; i < axb_embedded_object_count; i++) {
		if (axb_streq(axb_embedded_objects[i].name, name)) {
			return &axb_embedded_objects[i];
		}
	}
	return NULL;
}
