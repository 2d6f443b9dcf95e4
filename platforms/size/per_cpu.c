/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Prints the bytes that axebpf takes for each further CPU, with the numbers of
 * platforms/reference/tracing*.c: "tracepoints N" and "all N".
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/event/event.h"
#include "runtime/trace/tracepoint.h"

static size_t with_cpus(uint32_t cpus, uint32_t recent_events, uint32_t names)
{
	const struct axb_event_config config = {
		.cpu_count = cpus,
		.ring_events = 8192,
		.recent_events = recent_events,
		.name_max = names,
	};
	return axb_event_memory_size(&config) + axb_tp_memory_size(cpus);
}

int main(void)
{
	(void)printf("tracepoints %zu\n", with_cpus(2, 4, 64) - with_cpus(1, 4, 64));
	(void)printf("all %zu\n", with_cpus(2, 1024, 1024) - with_cpus(1, 1024, 1024));
	return 0;
}
