/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/interp/unchecked.h"

#define AXB_OPS_CHECKED 0
#define AXB_OPS_LINKAGE static
#define AXB_OPS_HANDLERS unchecked_handlers
#define AXB_OPS_ENTER unchecked_enter
#include "runtime/interp/ops.inc"

enum axb_status axb_interp_create_unchecked(
	const struct axb_checked *checked, struct axb_arena *arena, const struct axb_interp **out)
{
	const struct axb_predecode_config config = {
		.handlers = unchecked_handlers(),
		.enter = unchecked_enter,
		.trusted = true,
	};
	return axb_predecode(checked, &config, arena, out);
}
