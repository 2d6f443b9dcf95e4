/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Lines for the shell: from scripts and from the serial line.
 */
#ifndef AXB_PLATFORMS_REFERENCE_INPUT_H_
#define AXB_PLATFORMS_REFERENCE_INPUT_H_

#include <stdbool.h>

#include "runtime/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A file of the package; else of the host, where the machine has a way to it. *@out stays valid
 * until the next call. @return false when there is none, or it is too large. Context: thread. */
bool input_read_file(const char *name, struct axb_bytes *out);

/** Run the lines of a file. Panics when it cannot be read. Context: thread. */
void input_run_script(const char *name);

/** Run the lines of a file of the package, one at each input_poll(), while guests run. Panics when
 * there is none. Context: thread. */
void input_pace_script(const char *name);

/** Take typed characters: those of the shell make lines, which are run. Context: thread. */
void input_poll(void);

/** Show that lines can be typed. Context: thread. */
void input_prompt(void);

#ifdef __cplusplus
}
#endif

#endif
