/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf in the reference hypervisors: its start, its shell on the serial line, and its events on
 * the way out. The hypervisors' calls into it are in their hooks.h.
 */
#ifndef AXB_PLATFORMS_REFERENCE_TRACING_H_
#define AXB_PLATFORMS_REFERENCE_TRACING_H_

#include "platforms/reference/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bring axebpf up, begin the stream. Panics when it cannot. Context: boot, CPU 0. */
void tracing_init(const struct options *options);

/** Announce this CPU. Context: boot, on each CPU. */
void tracing_cpu_init(void);

/** Run the shell lines of a file of the package or of the host. Context: thread. */
void tracing_run_script(const char *name);

/** Take typed characters, move events to the stream. Context: thread. */
void tracing_poll(void);

/** Show that lines can be typed. */
void tracing_prompt(void);

/** End the stream. Context: thread; nothing emits any more. */
void tracing_finish(void);

#ifdef __cplusplus
}
#endif

#endif
