/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/text/patch.h"

#include "runtime/base/mem.h"
#include "runtime/hooks/text.h"

#define INT3 0xccu
#define A64_SIZE 4u

static void add_write(struct axb_patch_plan *plan, enum axb_patch_action action, size_t offset,
	const void *bytes, size_t size)
{
	struct axb_patch_step *step = &plan->steps[plan->count++];
	step->action = (uint8_t)action;
	step->offset = (uint8_t)offset;
	step->size = (uint8_t)size;
	memcpy(step->bytes, bytes, size);
}

static void add_sync(struct axb_patch_plan *plan)
{
	plan->steps[plan->count++].action = AXB_PATCH_SYNC;
}

enum axb_status axb_patch_plan_x86_64(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out)
{
	const uint8_t breakpoint = INT3;
	memset(out, 0, sizeof(*out));
	if (size == 0 || size > AXB_PATCH_MAX) {
		return AXB_ERR_ARG;
	}
	bool only_first = memcmp(from + 1, to + 1, size - 1) == 0;
	if (!only_first) {
		add_write(out, AXB_PATCH_WRITE, 0, &breakpoint, 1);
		add_sync(out);
		add_write(out, AXB_PATCH_WRITE, 1, to + 1, size - 1);
		add_sync(out);
	}
	if (only_first || to[0] != INT3) {
		add_write(out, AXB_PATCH_WRITE, 0, to, 1);
		add_sync(out);
	}
	return AXB_OK;
}

static bool may_change_live(uint32_t word)
{
	static const struct {
		uint32_t mask;
		uint32_t value;
	} live[] = {
		{0x7c000000, 0x14000000}, /* b, bl */
		{0xffffffff, 0xd503201f}, /* nop */
		{0xfffff0ff, 0xd50330df}, /* isb */
		{0xffe0001f, 0xd4000001}, /* svc */
		{0xffe0001f, 0xd4000002}, /* hvc */
		{0xffe0001f, 0xd4000003}, /* smc */
		{0xffe0001f, 0xd4200000}, /* brk */
	};
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
		if ((word & live[i].mask) == live[i].value) {
			return true;
		}
	}
	return false;
}

enum axb_status axb_patch_plan_aarch64(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out)
{
	uint32_t old_word;
	uint32_t new_word;
	memset(out, 0, sizeof(*out));
	if (size != A64_SIZE) {
		return AXB_ERR_ARG;
	}
	memcpy(&old_word, from, A64_SIZE);
	memcpy(&new_word, to, A64_SIZE);
	if (may_change_live(old_word) && may_change_live(new_word)) {
		add_write(out, AXB_PATCH_WRITE, 0, to, A64_SIZE);
		add_sync(out);
	} else {
		add_write(out, AXB_PATCH_STOP, 0, to, A64_SIZE);
	}
	return AXB_OK;
}

struct stopped_write {
	uint64_t address;
	const struct axb_patch_step *step;
	bool done;
};

static void write_stopped(void *cookie)
{
	struct stopped_write *write = cookie;
	write->done = axb_plat_text_write(write->address, write->step->bytes, write->step->size);
}

static bool apply_step(uint64_t address, const struct axb_patch_step *step)
{
	struct stopped_write write = {.address = address + step->offset, .step = step};
	switch (step->action) {
	case AXB_PATCH_SYNC:
		axb_plat_text_sync();
		return true;
	case AXB_PATCH_STOP:
		axb_plat_text_stop(write_stopped, &write);
		return write.done;
	default:
		return axb_plat_text_write(write.address, step->bytes, step->size);
	}
}

enum axb_status axb_patch_apply(uint64_t address, const struct axb_patch_plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		/* Only the first write can be refused: all are to one instruction. */
		if (!apply_step(address, &plan->steps[i])) {
			return AXB_ERR_FAULT;
		}
	}
	return AXB_OK;
}
