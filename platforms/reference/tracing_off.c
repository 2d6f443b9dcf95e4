/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Instead of tracing.c: nothing of axebpf.
 */
#include "platforms/reference/console.h"
#include "platforms/reference/tracing.h"

void tracing_init(const struct options *options)
{
	(void)options;
}

void tracing_cpu_init(void)
{
}

void tracing_poll(void)
{
}

void tracing_relieve(void)
{
}

void tracing_run_line(const char *line)
{
	(void)line;
	console_puts("error: this hypervisor is built without tracing\n");
}

void tracing_complete(const char *before, struct editor_offers *offers)
{
	(void)before;
	(void)offers;
}

void tracing_finish(void)
{
}
