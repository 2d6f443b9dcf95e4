/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * axebpf in this hypervisor: its start, its shell on the UART, and its events on the way out. The
 * calls into it from the rest of the hypervisor are in hooks.h.
 */
#ifndef AXB_PLATFORMS_X86_64_QEMU_TRACING_H_
#define AXB_PLATFORMS_X86_64_QEMU_TRACING_H_

#include <stdbool.h>

#include "platforms/x86_64_qemu/options.h"

/** Bring axebpf up, begin the stream. Panics when it cannot. Context: boot, CPU 0. */
void tracing_init(const struct options *options);

/** Announce this CPU. Context: boot, on each CPU. */
void tracing_cpu_init(void);

/** Run the shell lines of a file of the host. Context: thread, CPU 0. */
void tracing_run_script(const char *path);

/** What CPU 0 does between other things: take typed characters, move events to the stream.
 * Context: thread, CPU 0. */
void tracing_poll(void);

/** Did someone type "exit"? */
bool tracing_exit_wanted(void);

/** Show that lines can be typed: those of the shell, and "exit". */
void tracing_prompt(void);

/** End the stream. Context: thread, CPU 0; nothing emits any more. */
void tracing_finish(void);

#endif
