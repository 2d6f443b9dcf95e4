/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The stream of events on its way out of the machine. CPU 0 moves what all CPUs have; another one
 * helps when CPU 0 is too busy to. Context: thread, CPU 0 where nothing else is said.
 */
#ifndef AXB_PLATFORMS_REFERENCE_TRACE_STREAM_H_
#define AXB_PLATFORMS_REFERENCE_TRACE_STREAM_H_

#include <stdint.h>

#include "runtime/base/status.h"
#include "runtime/event/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Stop the machine: @what failed with @status. */
__attribute__((noreturn)) void trace_fail(const char *what, enum axb_status status);

/** Begin the stream called @name; NULL = none. Panics when it cannot. */
void trace_stream_open(const char *name);

/** Move what has come. @param more what else goes along; NULL = nothing. */
void trace_stream_poll(enum axb_status (*more)(struct axb_stream_writer *stream));

/** Move what has come when this CPU's ring holds more than @pending_max events. Waits when another
 * CPU is moving. Context: thread, any CPU. */
void trace_stream_relieve(uint64_t pending_max);

/** The last of it. Nothing emits any more. */
void trace_stream_close(enum axb_status (*more)(struct axb_stream_writer *stream));

#ifdef __cplusplus
}
#endif

#endif
