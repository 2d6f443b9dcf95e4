/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The course of things that both hypervisors share: options and package, axebpf's start, the VMs
 * that start with the hypervisor, keys and scripts, and the end. A hypervisor calls these in order.
 */
#ifndef AXB_PLATFORMS_REFERENCE_SESSION_H_
#define AXB_PLATFORMS_REFERENCE_SESSION_H_

#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/options.h"
#include "platforms/reference/package.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Parse @command_line (in place) and open the package in [@package_base, @end); the pool gets
 * [@free_base, @package_base) and what is behind the package. Panics with the reason.
 * Context: boot, CPU 0.
 */
void session_open(char *command_line, uint64_t free_base, uint64_t package_base, uint64_t end);

const struct options *session_options(void);
const struct package *session_package(void);

/** Bring axebpf up, open the stream, run the first script. Context: boot, CPU 0. */
void session_begin(void);

/** Start the VMs that are to; all CPUs are up. Context: CPU 0. */
void session_start_vms(void);

/** What CPU 0 does between other things: keys, the stream, and the end when it has come (then it
 * does not return). Context: thread. */
void session_poll(void);

/** The shell line "exit", or "vm ..."; anything else is for the trace shell. Context: thread. */
void session_run_line(const char *line);
void session_want_exit(void);

struct editor_offers;

/** Offer what can stand behind @before in a line. Context: thread. */
void session_complete(const char *before, struct editor_offers *offers);

#ifdef __cplusplus
}
#endif

#endif
