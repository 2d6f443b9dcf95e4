/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/hooks/fake/text.h"

#include <string.h>

#include "runtime/base/text.h"
#include "runtime/base/types.h"
#include "runtime/hooks/core.h"

#define FETCH_MAX 32u

/** What one CPU may fetch of one unit; the newest is the last. */
struct view {
	uint32_t count;
	uint32_t values[AXB_FAKE_TEXT_VALUES_MAX];
};

static struct axb_fake_text_config config;
static struct view views[AXB_FAKE_TEXT_CPU_MAX][AXB_FAKE_TEXT_SIZE_MAX];
static bool is_stopped;
static char log_buffer[4096];
static struct axb_text log_text;

static size_t unit_count(void)
{
	return (config.text_size + config.slot_size) / config.unit;
}

/* Units of text, then those of slots. */
static uint8_t *unit_bytes(size_t unit)
{
	size_t offset = unit * config.unit;
	return offset < config.text_size ? config.text + offset
					 : config.slots + (offset - config.text_size);
}

static uint32_t value_now(size_t unit)
{
	uint32_t value = 0;
	memcpy(&value, unit_bytes(unit), config.unit);
	return value;
}

static bool is_within(uint64_t address, size_t size, const uint8_t *area, size_t area_size)
{
	uint64_t offset = address - (uint64_t)(uintptr_t)area;
	return offset <= area_size && size <= area_size - offset;
}

/* @return false when @size bytes at @address are neither text nor slots. */
static bool find_unit(uint64_t address, size_t size, size_t *unit)
{
	if (is_within(address, size, config.text, config.text_size)) {
		*unit = (address - (uint64_t)(uintptr_t)config.text) / config.unit;
		return true;
	}
	if (is_within(address, size, config.slots, config.slot_size)) {
		*unit = (config.text_size + address - (uint64_t)(uintptr_t)config.slots) /
			config.unit;
		return true;
	}
	return false;
}

static void look(void)
{
	if (config.look != NULL && !is_stopped) {
		config.look(config.cookie);
	}
}

void axb_fake_text_set(const struct axb_fake_text_config *wanted)
{
	const struct axb_fake_text_config none = {.unit = 1};
	config = wanted == NULL ? none : *wanted;
	AXB_CHECK(config.cpu_count <= AXB_FAKE_TEXT_CPU_MAX);
	AXB_CHECK(config.text_size + config.slot_size <= AXB_FAKE_TEXT_SIZE_MAX);
	for (uint32_t cpu = 0; cpu < config.cpu_count; cpu++) {
		axb_fake_text_synchronize(cpu);
	}
	is_stopped = false;
	axb_text_init(&log_text, log_buffer, sizeof(log_buffer));
}

void axb_fake_text_synchronize(uint32_t cpu)
{
	for (size_t unit = 0; unit < unit_count(); unit++) {
		views[cpu][unit] = (struct view){.count = 1, .values = {value_now(unit)}};
	}
}

static void add_value(struct view *view, uint32_t value)
{
	for (uint32_t i = 0; i < view->count; i++) {
		if (view->values[i] == value) {
			return;
		}
	}
	AXB_CHECK(view->count < AXB_FAKE_TEXT_VALUES_MAX);
	view->values[view->count++] = value;
}

static void note_write(size_t first, size_t size)
{
	for (size_t unit = first; unit < first + (size + config.unit - 1) / config.unit; unit++) {
		for (uint32_t cpu = 0; cpu < config.cpu_count; cpu++) {
			add_value(&views[cpu][unit], value_now(unit));
		}
	}
	axb_text_str(&log_text, first * config.unit < config.text_size ? "write " : "slot ");
	axb_text_u64(
		&log_text, first * config.unit -
				   (first * config.unit < config.text_size ? 0 : config.text_size));
	axb_text_char(&log_text, '+');
	axb_text_u64(&log_text, size);
	axb_text_str(&log_text, "; ");
}

bool axb_fake_text_fetch(uint32_t cpu, uint64_t address, size_t size,
	bool (*visit)(void *cookie, const uint8_t *bytes, size_t size), void *cookie)
{
	uint32_t choice[FETCH_MAX] = {0};
	uint8_t bytes[FETCH_MAX];
	size_t units = size / config.unit;
	size_t first = 0;
	AXB_CHECK(size <= FETCH_MAX && find_unit(address, size, &first));
	const struct view *view = &views[cpu][first];
	for (;;) {
		for (size_t i = 0; i < units; i++) {
			memcpy(bytes + i * config.unit, &view[i].values[choice[i]], config.unit);
		}
		if (!visit(cookie, bytes, size)) {
			return false;
		}
		/* Count on, the first unit fastest. */
		size_t digit = 0;
		while (digit < units && ++choice[digit] == view[digit].count) {
			choice[digit++] = 0;
		}
		if (digit == units) {
			return true;
		}
	}
}

const char *axb_fake_text_log(void)
{
	return log_buffer;
}

bool axb_plat_slot_area(uint64_t *start, size_t *size)
{
	*start = (uint64_t)(uintptr_t)config.slots;
	*size = config.slot_size;
	return config.slots != NULL;
}

size_t axb_plat_patch_sites(const uint64_t **entries)
{
	*entries = config.patch_sites;
	return config.patch_site_count;
}

bool axb_plat_text_write(uint64_t address, const void *bytes, size_t size)
{
	size_t unit;
	if (config.refuse || !find_unit(address, size, &unit)) {
		return false;
	}
	look();
	memcpy((void *)(uintptr_t)address, bytes, size);
	note_write(unit, size);
	return true;
}

void axb_plat_text_sync(void)
{
	axb_text_str(&log_text, "sync; ");
	look();
	for (uint32_t cpu = 0; cpu < config.cpu_count; cpu++) {
		axb_fake_text_synchronize(cpu);
		look();
	}
}

void axb_plat_text_stop(void (*change)(void *cookie), void *cookie)
{
	axb_text_str(&log_text, "stop { ");
	look();
	is_stopped = true;
	change(cookie);
	for (uint32_t cpu = 0; cpu < config.cpu_count; cpu++) {
		axb_fake_text_synchronize(cpu);
	}
	is_stopped = false;
	axb_text_str(&log_text, "} ");
	look();
}
