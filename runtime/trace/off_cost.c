/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Call sites of tracepoints, for off_cost_test.py: what does one that is off cost?
 */
#include "codegen/gen/tracepoints_gen.h" // Generated.

/* The arguments are at hand, as in an exit handler. */
void off_cost_exit(uint16_t vm_id, uint16_t vcpu_id, uint32_t reason, uint64_t pc,
	uint64_t syndrome, uint64_t duration_ns);
void off_cost_exit(uint16_t vm_id, uint16_t vcpu_id, uint32_t reason, uint64_t pc,
	uint64_t syndrome, uint64_t duration_ns)
{
	axb_trace_vcpu_exit(vm_id, vcpu_id, reason, pc, syndrome, duration_ns);
}

/* The arguments must be made: not on the way on which it is off. */
struct guest {
	uint64_t registers[31];
	uint64_t entry;
	uint16_t vm_id;
};
uint64_t off_cost_boot(const struct guest *guest);
uint64_t off_cost_boot(const struct guest *guest)
{
	if (axb_tp_on_vmm_vm_boot()) {
		axb_trace_vmm_vm_boot(guest->vm_id, guest->entry);
	}
	return 7;
}
