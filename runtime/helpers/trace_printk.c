/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * bpf_trace_printk: r1 is the format of r2 bytes, r3 to r5 its arguments.
 */
#include "codegen/gen/maps_gen.h" // Generated.
#include "runtime/base/limits.h"
#include "runtime/base/text.h"
#include "runtime/event/event.h"
#include "runtime/helpers/format.h"
#include "runtime/helpers/helpers.h"

uint64_t axb_helper_trace_printk(
	struct axb_env *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	char buffer[AXB_PRINTK_MAX];
	const uint64_t args[] = {r3, r4, r5};
	struct axb_text text;
	(void)env;
	axb_text_init(&text, buffer, sizeof(buffer));
	int64_t refused = axb_format(&text, (const char *)r1, (size_t)r2, args, 3);
	if (refused != 0) {
		return (uint64_t)refused;
	}
	/* What a full ring drops is counted there. */
	(void)axb_event_printk(text.buffer, text.length);
	return text.length;
}
