/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Changing the hypervisor's own code while it runs. A platform that has no probes on itself and no
 * static keys in text need not define these. What order is right for which change is decided by
 * runtime/text; the hooks only do.
 */
#ifndef AXB_RUNTIME_HOOKS_TEXT_H_
#define AXB_RUNTIME_HOOKS_TEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Executable memory for slots, apart from the text and at most 64 MiB away from all of it, so that
 * branches reach. Fixed after boot. @return false when there is none.
 */
bool axb_plat_slot_area(uint64_t *start, size_t *size);

/**
 * Write @size bytes to @address in the text or the slot area: through a writable alias, never by
 * making the text writable. On return every CPU that then executes a context synchronization event
 * fetches the new bytes: on aarch64 clean the data cache and invalidate the instruction cache to
 * the point of unification (Arm ARM B2.4.4). A single byte, and an aligned word of 4, change at
 * once. Context: thread, one at a time.
 * @return false when @address is no text; nothing was written.
 */
bool axb_plat_text_write(uint64_t address, const void *bytes, size_t size);

/**
 * Return when every other CPU has executed a context synchronization event since the call (x86_64:
 * a serializing instruction; aarch64: ISB, exception entry or return). What this CPU wrote before
 * the call is seen by the others after their event, and what they wrote before theirs is seen here
 * on return. Context: thread, no lock held that a trap or another CPU's thread could wait for.
 */
void axb_plat_text_sync(void);

/**
 * Run @change while every other CPU waits in code that is never patched, interrupts masked, and
 * executes a context synchronization event before it goes on. Context: as axb_plat_text_sync().
 */
void axb_plat_text_stop(void (*change)(void *cookie), void *cookie);

/**
 * The section __patchable_function_entries, which the compiler fills with the address of the NOPs
 * of each function under -fpatchable-function-entry=N (GCC manual, "Program Instrumentation
 * Options"). Fixed after boot.
 * @return how many addresses *@entries has; 0 = built without.
 */
size_t axb_plat_patch_sites(const uint64_t **entries);

#ifdef __cplusplus
}
#endif

#endif
