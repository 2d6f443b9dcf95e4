/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf in the reference hypervisors: its start, its shell, and its events on the way out. The
 * hypervisors' calls into it are in their hooks.h. Which implementation is linked says how much of
 * axebpf there is: tracing.c all, tracing_tracepoints.c tracepoints, tracing_off.c nothing.
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

/** Move events to the stream. Context: thread. */
void tracing_poll(void);

/** Keep this CPU's ring from filling up while CPU 0 is busy, or no interrupt comes. After each exit
 * of a guest. Context: thread, any CPU. */
void tracing_relieve(void);

/** Run a line of the trace shell. Context: thread. */
void tracing_run_line(const char *line);

struct editor_offers;

/** Offer what can stand behind @before in such a line. Context: thread. */
void tracing_complete(const char *before, struct editor_offers *offers);

/** End the stream. Context: thread; nothing emits any more. */
void tracing_finish(void);

#ifdef __cplusplus
}
#endif

#endif
