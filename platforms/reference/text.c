/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A change of code concerns all CPUs. Whoever changes gives the change a number and kicks the
 * others; each answers with the number when it has seen it, from code that is never changed, and
 * stays there while that number is held. Only one CPU changes at a time (runtime/hooks/text.h).
 */
#include "platforms/reference/text.h"

#include "probes/core/dispatch.h"
#include "runtime/base/atomic.h"
#include "runtime/base/limits.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/spinlock.h"
#include "runtime/hooks/core.h"
#include "runtime/hooks/text.h"

#define PAGE 4096u
#define WORD 4u
#define WRITE_AGAIN_AFTER 0x10000u
#define WRITTEN_MAX 4096u

extern const uint8_t image_text_start[], image_text_end[];    /* linker script */
extern const uint8_t slot_area[], slot_area_end[];            /* slots.S */
extern const uint64_t patch_sites_start[], patch_sites_end[]; /* linker script */

static uint32_t asked; /* number of the newest change */
static uint32_t held;  /* number of the change that all others wait for; 0 = none */
static uint32_t answered[AXB_CPU_MAX];
/* Where it was written since all others answered last; the newest, if it was more often. */
static uint64_t written[WRITTEN_MAX];
static uint32_t written_count;

AXB_NOPROBE bool text_breakpoint(uint64_t pc, uint64_t syndrome, void *regs)
{
	const struct axb_trap trap = {.kind = AXB_TRAP_BREAKPOINT, .pc = pc, .syndrome = syndrome};
	enum axb_verdict verdict = axb_probe_dispatch(&trap, regs);
	return verdict == AXB_RESUME || verdict == AXB_RETRY;
}

AXB_NOPROBE void text_answer(void)
{
	/* Acquire; pairs with the release in ask(). */
	uint32_t number = axb_load_acquire(&asked);
	machine_text_serialize();
	/* Release; pairs with the acquire in wait_for(). */
	axb_store_release(&answered[axb_plat_cpu_id()], number);
	/* Acquire; pairs with the release in axb_plat_text_stop(). */
	while (axb_load_acquire(&held) == number) {
		axb_cpu_relax();
	}
	machine_text_serialize();
}

/* A word at once where there is one. */
static void store(void *to, const uint8_t *from, size_t size)
{
	uint8_t *bytes = to;
	while (size != 0) {
		size_t step = ((uintptr_t)bytes & (WORD - 1)) == 0 && size >= WORD ? WORD : 1;
		if (step == WORD) {
			uint32_t word = (uint32_t)from[0] | (uint32_t)from[1] << 8 |
					(uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
			*(volatile uint32_t *)(void *)bytes = word;
		} else {
			*(volatile uint8_t *)bytes = *from;
		}
		bytes += step;
		from += step;
		size -= step;
	}
}

/*
 * QEMU's TCG, when CPUs are threads of their own, may translate bytes that another CPU is changing,
 * and then keep the translation of the old ones until the next write there (QEMU 7.2
 * accel/tcg/translate-all.c: a page is protected after it was translated). Seen as a breakpoint
 * that is gone and traps for ever. No CPU needs this.
 */
static void write_again(void)
{
	uint32_t count = written_count < WRITTEN_MAX ? written_count : WRITTEN_MAX;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t offset = written[i] % PAGE;
		uint8_t byte = *(const volatile uint8_t *)(uintptr_t)written[i];
		uint8_t *alias = (uint8_t *)machine_text_map(written[i] - offset) + offset;
		store(alias, &byte, 1);
		machine_text_unmap(alias, written[i], 1);
	}
}

/* Returns when CPU @cpu has answered @number. */
static void wait_for(uint32_t cpu, uint32_t number)
{
	/* Acquire; pairs with the release in text_answer(). */
	for (uint32_t i = 1; axb_load_acquire(&answered[cpu]) != number; i++) {
		axb_cpu_relax();
		if (i % WRITE_AGAIN_AFTER == 0) {
			write_again();
		}
	}
}

/* The next change; never 0. */
static uint32_t next_number(void)
{
	return asked == UINT32_MAX ? 1 : asked + 1;
}

/* Returns when each other CPU has answered @number. */
static void ask(uint32_t number)
{
	uint32_t self = axb_plat_cpu_id();
	uint32_t count = machine_cpus_online();
	/* Release; pairs with the acquire in text_answer(). */
	axb_store_release(&asked, number);
	for (uint32_t cpu = 0; cpu < count; cpu++) {
		if (cpu != self) {
			machine_text_kick(cpu);
		}
	}
	for (uint32_t cpu = 0; cpu < count; cpu++) {
		if (cpu != self) {
			wait_for(cpu, number);
		}
	}
	write_again();
	written_count = 0;
}

void axb_plat_text_sync(void)
{
	ask(next_number());
	machine_text_serialize();
}

void axb_plat_text_stop(void (*change)(void *cookie), void *cookie)
{
	uint32_t number = next_number();
	axb_store_relaxed(&held, number);
	ask(number);
	change(cookie);
	/* Release; pairs with the acquire in text_answer(). */
	axb_store_release(&held, 0u);
	machine_text_serialize();
}

bool axb_plat_slot_area(uint64_t *start, size_t *size)
{
	*start = (uint64_t)(uintptr_t)slot_area;
	*size = (size_t)(slot_area_end - slot_area);
	return true;
}

size_t axb_plat_patch_sites(const uint64_t **entries)
{
	*entries = patch_sites_start;
	return (size_t)(patch_sites_end - patch_sites_start);
}

bool axb_plat_text_write(uint64_t address, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;
	uint64_t start = (uint64_t)(uintptr_t)image_text_start;
	uint64_t end = (uint64_t)(uintptr_t)image_text_end;
	if (address < start || address > end || size > end - address) {
		return false;
	}
	written[written_count++ % WRITTEN_MAX] = address;
	while (size != 0) {
		uint64_t offset = address % PAGE;
		size_t part = size < PAGE - offset ? size : (size_t)(PAGE - offset);
		uint8_t *alias = (uint8_t *)machine_text_map(address - offset) + offset;
		store(alias, from, part);
		machine_text_unmap(alias, address, part);
		address += part;
		from += part;
		size -= part;
	}
	return true;
}
