/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/reference/guests/guest.h"

#include "platforms/reference/guests/abi.h"
#include "platforms/reference/guests/arch.h"

#define PAGE_SIZE 4096u

extern uint8_t guest_free_pages[];

static uint64_t vm_id;
static uint64_t errors;
static uint64_t next_page;
static uint64_t device_accesses;

void guest_expect(int as_expected)
{
	errors += as_expected ? 0 : 1;
}

void guest_give_up(void)
{
	for (;;) {
		(void)guest_call(HYPERCALL_STOP, UINT64_MAX, 0);
	}
}

void guest_finish(void)
{
	for (;;) {
		(void)guest_call(HYPERCALL_STOP, errors, 0);
	}
}

void guest_hypercalls(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		guest_expect(guest_call(HYPERCALL_ADD, i, 1000) == i + 1000);
	}
}

void guest_device_writes(uint64_t count)
{
	uint64_t scratch = guest_machine.device_base + DEVICE_SCRATCH;
	for (uint64_t i = 0; i < count; i++) {
		guest_store(scratch, i << 32 | i);
	}
	device_accesses += count;
	guest_expect(guest_load(scratch) == ((count - 1) << 32 | (count - 1)));
	device_accesses++;
}

void guest_device_reads(uint64_t count)
{
	uint64_t base = guest_machine.device_base;
	for (uint64_t i = 0; i < count; i++) {
		guest_expect(guest_load(base + DEVICE_ID) == (DEVICE_ID_MAGIC | vm_id));
	}
	device_accesses += count;
	guest_expect(guest_load(base + DEVICE_ACCESSES) == device_accesses);
	device_accesses++;
}

static uint64_t page_address(uint64_t index)
{
	return (uint64_t)guest_free_pages + index * PAGE_SIZE;
}

void guest_touch_pages(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t address = page_address(next_page);
		if (address >= guest_machine.ram_end) {
			return;
		}
		next_page++;
		guest_expect(guest_load(address) == 0);
		guest_store(address, address);
		guest_expect(guest_load(address) == address);
	}
}

void guest_protect_page(void)
{
	if (next_page > 0) {
		guest_expect(guest_protects(page_address(next_page - 1)));
	}
}

void guest_run(uint64_t id, uint64_t rounds, uint64_t period_ns)
{
	vm_id = id;
	guest_arch_init();
	uint64_t period = guest_clock_counts(period_ns);
	uint64_t start = guest_clock();
	for (uint64_t round = 0; round < rounds; round++) {
		guest_round(round);
		guest_sleep_until(start + (round + 1) * period);
	}
	guest_finish();
}
