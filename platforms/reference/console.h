/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Who has the serial line: the shell or one of the VMs. What the other VMs send meanwhile is kept,
 * the newest CONSOLE_KEPT bytes each, and shown when they get the line. Control-] and a digit
 * switches: 0 the shell, 1 .. 8 a VM; Control-] twice is Control-] itself.
 */
#ifndef AXB_PLATFORMS_REFERENCE_CONSOLE_H_
#define AXB_PLATFORMS_REFERENCE_CONSOLE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONSOLE_KEPT 16384u
#define CONSOLE_SHELL 0u

/** Text of the hypervisor; '\n' becomes "\r\n". A call is one piece: output of two CPUs mixes
 * between calls, not within. Context: boot, thread. */
void console_write(const char *text, size_t length);
void console_puts(const char *text);

/** console_puts() without the lock, for a CPU that is about to stop. Context: any. */
void console_puts_unlocked(const char *text);

/** A character that VM @id sent. Context: handling of an exit, any CPU. */
void console_vm_put(uint16_t id, char c);

/** Give the line to VM @id, or to the shell. @return false when there is no such VM.
 * Context: thread. */
bool console_switch(uint16_t id);
uint16_t console_focus(void);

/** A typed character. @return true when it is for the shell: *@key then. Context: thread. */
bool console_take(char typed, char *key);

/** How many VMs there are, and their names for the line that says who has the console. Context:
 * boot. */
void console_init(uint16_t vm_count, const char *(*name_of)(uint16_t id));

#ifdef __cplusplus
}
#endif

#endif
