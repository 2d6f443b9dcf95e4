/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The shell's "vm" lines: list, info, start, stop, reset, console.
 */
#ifndef AXB_PLATFORMS_REFERENCE_VM_COMMANDS_H_
#define AXB_PLATFORMS_REFERENCE_VM_COMMANDS_H_

#include "runtime/base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Run a line that begins with "vm". What is wrong with it is said on the console.
 * Context: thread. */
void vm_commands_run(const char *line);

/** Why @command, "start" for instance, ended with @status. Context: any. */
const char *vm_commands_reason(const char *command, enum axb_status status);

struct editor_offers;

/** Offer what can stand behind @before in such a line. Context: thread. */
void vm_commands_complete(const char *before, struct editor_offers *offers);

#ifdef __cplusplus
}
#endif

#endif
