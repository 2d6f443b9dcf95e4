/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/guest_symbols.h"

#include <stdbool.h>
#include <stddef.h>

#include "platforms/reference/machine.h"
#include "platforms/reference/session.h"

/* Kernels move in units of at least this; another distance is no slide, but a register that holds
 * something else just now (the vectors of KPTI's trampoline, while user code runs). */
#define SLIDE_UNIT UINT64_C(0x10000)

/* One of so many calls looks. */
#define POLL_CALLS 64u

struct guest {
	bool is_ready;
	bool is_placed;
	uint64_t placed_at_start; /* starts of the VM when the slide was found */
	uint64_t slide;
	struct axb_symtab linked; /* as the kernel was linked */
};

static struct guest guests[PACKAGE_VMS_MAX];
static struct axb_symtab placed;

static bool is_vm(uint16_t vm)
{
	return vm != 0 && vm <= session_package()->vm_count;
}

enum axb_status guest_symbols_load(uint16_t vm, struct axb_bytes blob)
{
	struct axb_symtab table;
	if (!is_vm(vm)) {
		return AXB_ERR_NOT_FOUND;
	}
	AXB_TRY(axb_symtab_init(&table, blob, 0, UINT64_MAX));
	guests[vm - 1] = (struct guest){.is_ready = true, .linked = table};
	return AXB_OK;
}

/* What the package has is looked at when it is first wanted. */
static bool take_package(uint16_t vm)
{
	const struct package *package = session_package();
	const struct package_vm *entry = package_get_vm(package, vm);
	if (entry->symbols_size == 0) {
		return false;
	}
	return guest_symbols_load(vm, package_bytes(package, entry->symbols_offset,
					      entry->symbols_size)) == AXB_OK;
}

/* Find the slide of this run of the VM; once found it stays. */
static bool place(uint16_t vm, struct guest *guest)
{
	const char *name;
	uint64_t address;
	struct axb_symbol symbol;
	struct vm_info info;
	machine_vm_info(vm, &info);
	if (guest->is_placed && guest->placed_at_start == info.starts) {
		return true;
	}
	if (!machine_vm_anchor(vm, &name, &address) ||
		axb_symtab_lookup_name(&guest->linked, name, &symbol) != AXB_OK ||
		(address - symbol.address) % SLIDE_UNIT != 0) {
		return false;
	}
	guest->slide = address - symbol.address;
	guest->placed_at_start = info.starts;
	guest->is_placed = true;
	return true;
}

void guest_symbols_poll(void)
{
	static uint32_t calls;
	if (++calls % POLL_CALLS != 0) {
		return;
	}
	for (uint16_t vm = 1; vm <= session_package()->vm_count; vm++) {
		struct guest *guest = &guests[vm - 1];
		if (guest->is_ready || take_package(vm)) {
			(void)place(vm, guest);
		}
	}
}

const struct axb_symtab *guest_symbols(uint16_t vm, const char **why)
{
	if (!is_vm(vm)) {
		*why = "there is no such VM";
		return NULL;
	}
	struct guest *guest = &guests[vm - 1];
	if (!guest->is_ready && !take_package(vm)) {
		*why = "there are no symbols of its kernel; see loadsyms";
		return NULL;
	}
	if (!place(vm, guest)) {
		*why = "where its kernel runs is not known now; try again";
		return NULL;
	}
	placed = guest->linked;
	axb_symtab_move(&placed, guest->slide);
	return &placed;
}
