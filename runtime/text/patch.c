/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/text/patch.h"

#include "runtime/base/mem.h"
#include "runtime/hooks/text.h"

#define INT3 0xccu
#define A64_SIZE 4u

static void set_write(struct axb_patch_step *step, enum axb_patch_action action, size_t offset,
	const void *bytes, size_t size)
{
	step->action = (uint8_t)action;
	step->offset = (uint8_t)offset;
	step->size = (uint8_t)size;
	memcpy(step->bytes, bytes, size);
}

static void add_write(struct axb_patch_plan *plan, enum axb_patch_action action, size_t offset,
	const void *bytes, size_t size)
{
	set_write(&plan->steps[plan->count++], action, offset, bytes, size);
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
	set_write(&out->undo, AXB_PATCH_WRITE, 0, from, 1);
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
	set_write(&out->undo, AXB_PATCH_WRITE, 0, from, A64_SIZE);
	if (may_change_live(old_word) && may_change_live(new_word)) {
		add_write(out, AXB_PATCH_WRITE, 0, to, A64_SIZE);
		add_sync(out);
	} else {
		add_write(out, AXB_PATCH_STOP, 0, to, A64_SIZE);
	}
	return AXB_OK;
}

/** Several changes, and how far they are. */
struct batch {
	axb_patch_at_fn_t at;
	void *cookie;
	uint32_t count;
	uint32_t stopped; /* written while others stood still */
	bool is_unknown;  /* something was written that others must be told of */
};

static bool write(uint64_t address, const struct axb_patch_step *step)
{
	return axb_plat_text_write(address + step->offset, step->bytes, step->size);
}

/* The write with number @round of @plan; NULL when there are fewer. */
static const struct axb_patch_step *find_write(const struct axb_patch_plan *plan, uint32_t round)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].action != AXB_PATCH_SYNC && round-- == 0) {
			return &plan->steps[i];
		}
	}
	return NULL;
}

static bool is_sync_next(const struct axb_patch_plan *plan, const struct axb_patch_step *step)
{
	const struct axb_patch_step *next = step + 1;
	return next < plan->steps + plan->count && next->action == AXB_PATCH_SYNC;
}

/* The writes @round with action @action. @return how many; stops at one that is refused. */
static uint32_t write_round(struct batch *batch, uint32_t round, enum axb_patch_action action)
{
	uint32_t written = 0;
	for (uint32_t i = 0; i < batch->count; i++) {
		uint64_t address;
		struct axb_patch_plan plan;
		batch->at(batch->cookie, i, &address, &plan);
		const struct axb_patch_step *step = find_write(&plan, round);
		if (step == NULL || step->action != action) {
			continue;
		}
		if (!write(address, step)) {
			break;
		}
		written++;
		batch->is_unknown = batch->is_unknown || is_sync_next(&plan, step);
	}
	return written;
}

static uint32_t count_round(const struct batch *batch, uint32_t round, enum axb_patch_action action)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < batch->count; i++) {
		uint64_t address;
		struct axb_patch_plan plan;
		batch->at(batch->cookie, i, &address, &plan);
		const struct axb_patch_step *step = find_write(&plan, round);
		count += step != NULL && step->action == action;
	}
	return count;
}

/* Take back the first @count of the first writes that have action @action. */
static void undo(struct batch *batch, enum axb_patch_action action, uint32_t count)
{
	for (uint32_t i = 0; count != 0; i++) {
		uint64_t address;
		struct axb_patch_plan plan;
		batch->at(batch->cookie, i, &address, &plan);
		if (find_write(&plan, 0)->action == action) {
			/* What was written can be written again. */
			(void)write(address, &plan.undo);
			count--;
		}
	}
}

/* What needs others to stand still is one write long. */
static void write_stopped(void *cookie)
{
	struct batch *batch = cookie;
	uint32_t written = write_round(batch, 0, AXB_PATCH_STOP);
	batch->stopped = written;
	if (written != count_round(batch, 0, AXB_PATCH_STOP)) {
		undo(batch, AXB_PATCH_STOP, written);
	}
}

static void synchronize(struct batch *batch)
{
	if (batch->is_unknown) {
		axb_plat_text_sync();
	}
	batch->is_unknown = false;
}

/* The first writes of all. @return false: one was refused, and none has happened. */
static bool begin(struct batch *batch)
{
	uint32_t live = count_round(batch, 0, AXB_PATCH_WRITE);
	uint32_t stopped = count_round(batch, 0, AXB_PATCH_STOP);
	uint32_t written = write_round(batch, 0, AXB_PATCH_WRITE);
	if (written == live && stopped != 0) {
		axb_plat_text_stop(write_stopped, batch);
	}
	bool is_done = written == live && batch->stopped == stopped;
	if (!is_done) {
		undo(batch, AXB_PATCH_WRITE, written);
	}
	synchronize(batch);
	return is_done;
}

enum axb_status axb_patch_apply_all(axb_patch_at_fn_t at, void *cookie, uint32_t count)
{
	struct batch batch = {.at = at, .cookie = cookie, .count = count};
	if (!begin(&batch)) {
		return AXB_ERR_FAULT;
	}
	/* Only the first write to an instruction can be refused. */
	for (uint32_t round = 1; write_round(&batch, round, AXB_PATCH_WRITE) != 0; round++) {
		synchronize(&batch);
	}
	return AXB_OK;
}

struct single {
	uint64_t address;
	const struct axb_patch_plan *plan;
};

static void at_single(void *cookie, uint32_t index, uint64_t *address, struct axb_patch_plan *plan)
{
	const struct single *single = cookie;
	(void)index;
	*address = single->address;
	*plan = *single->plan;
}

enum axb_status axb_patch_apply(uint64_t address, const struct axb_patch_plan *plan)
{
	struct single single = {.address = address, .plan = plan};
	return axb_patch_apply_all(at_single, &single, 1);
}
