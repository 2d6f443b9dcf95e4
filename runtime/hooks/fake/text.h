/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The text hooks on memory of the test, and a model of what CPUs fetch while it changes.
 *
 * Each CPU may fetch, of every unit of text, any value that the unit has had since that CPU's last
 * context synchronization event. A unit is a byte on x86_64, where an instruction that is being
 * written may be fetched as a mix of old and new bytes (Intel SDM vol. 3, 9.1.3; AMD64 APM vol. 2,
 * 7.6.1), and a word on aarch64, which is fetched whole (Arm ARM DDI 0487, B2.2.5). The hook's
 * cache maintenance is taken to be right. Whenever something changes, the test's look() stands for
 * all that other CPUs can do before the next change: it asks what they might fetch, and judges.
 *
 * One thread at a time.
 */
#ifndef AXB_RUNTIME_HOOKS_FAKE_TEXT_H_
#define AXB_RUNTIME_HOOKS_FAKE_TEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/hooks/text.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AXB_FAKE_TEXT_CPU_MAX 4u
/** Of text and slots together. */
#define AXB_FAKE_TEXT_SIZE_MAX 16384u
/** Values of one unit that one CPU may fetch at the same time. */
#define AXB_FAKE_TEXT_VALUES_MAX 4u

struct axb_fake_text_config {
	size_t unit; /**< 1 = x86_64, 4 = aarch64 */
	uint32_t cpu_count;
	uint8_t *text; /**< what axb_plat_text_write() takes; aligned to a unit */
	size_t text_size;
	uint8_t *slots; /**< NULL = axb_plat_slot_area() has none */
	size_t slot_size;
	/** Called before every write and synchronization, and after every CPU of a synchronization;
	 * not while others stand still. May be NULL. */
	void (*look)(void *cookie);
	void *cookie;
	bool refuse;                 /**< axb_plat_text_write() fails */
	const uint64_t *patch_sites; /**< for axb_plat_patch_sites() */
	size_t patch_site_count;
};

/** From now on the text is this, and each CPU fetches what is there. NULL = no text. */
void axb_fake_text_set(const struct axb_fake_text_config *config);

/** CPU @cpu executes a context synchronization event: it takes a trap, or returns from one. */
void axb_fake_text_synchronize(uint32_t cpu);

/**
 * Call @visit with everything that CPU @cpu might fetch in the @size bytes at @address (whole
 * units), until it returns false. @return false when it did.
 */
bool axb_fake_text_fetch(uint32_t cpu, uint64_t address, size_t size,
	bool (*visit)(void *cookie, const uint8_t *bytes, size_t size), void *cookie);

/** What the hooks did since axb_fake_text_set(): "write 8+1; sync; ", offsets in the text, "stop {
 * ... }" around what is written while others stand still. Cut after some 4000 characters. */
const char *axb_fake_text_log(void);

#ifdef __cplusplus
}
#endif

#endif
