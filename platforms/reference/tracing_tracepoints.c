/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Instead of tracing.c: tracepoints and their stream, and nothing else of axebpf. Lines: "enable
 * GLOB", "disable GLOB".
 */
#include <stdbool.h>
#include <stdint.h>

#include "platforms/reference/console.h"
#include "platforms/reference/pages.h"
#include "platforms/reference/trace_stream.h"
#include "platforms/reference/tracing.h"
#include "platforms/shell/editor.h"
#include "runtime/base/mem.h"
#include "runtime/init/init.h"
#include "runtime/trace/tracepoint.h"

#define MEMORY_SIZE (UINT32_C(4) << 20)
#define RING_EVENTS 8192u
/* Of them, before a CPU helps to move them. */
#define RELIEVE_EVENTS (RING_EVENTS / 4)
#define RECENT_EVENTS 4u
#define NAMES_MAX 64u
#define ENABLE "enable "
#define DISABLE "disable "

void tracing_init(const struct options *options)
{
	const struct axb_config config = {
		.memory = pages_alloc_boot(MEMORY_SIZE),
		.memory_size = MEMORY_SIZE,
		.event = {.ring_events = RING_EVENTS,
			.recent_events = RECENT_EVENTS,
			.name_max = NAMES_MAX},
	};
	struct axb_init_error why = {0};
	enum axb_status st = axb_init_tracepoints(&config, &why);
	if (st != AXB_OK) {
		trace_fail(why.what != NULL ? why.what : "axebpf", st);
	}
	tracing_cpu_init();
	trace_stream_open(options->stream);
}

void tracing_cpu_init(void)
{
	enum axb_status st = axb_cpu_init();
	if (st != AXB_OK) {
		trace_fail("axebpf on this CPU", st);
	}
}

void tracing_poll(void)
{
	trace_stream_poll(NULL);
}

void tracing_relieve(void)
{
	trace_stream_relieve(RELIEVE_EVENTS);
}

void tracing_run_line(const char *line)
{
	bool enable = axb_str_has_prefix(line, ENABLE);
	uint32_t count;
	if (!enable && !axb_str_has_prefix(line, DISABLE)) {
		console_puts(
			"error: this hypervisor has tracepoints only: enable GLOB, disable GLOB\n");
		return;
	}
	const char *pattern = line + (enable ? sizeof(ENABLE) : sizeof(DISABLE)) - 1;
	if (axb_tp_set_enabled_glob(pattern, enable, &count) != AXB_OK) {
		console_puts("error: no tracepoint matches this\n");
	}
}

void tracing_complete(const char *before, struct editor_offers *offers)
{
	if (!axb_streq(before, ENABLE) && !axb_streq(before, DISABLE)) {
		return;
	}
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		editor_offer(offers, axb_tp_def(i)->name);
	}
}

void tracing_finish(void)
{
	trace_stream_close(NULL);
}
