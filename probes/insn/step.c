/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/insn/step.h"

const char *axb_refuse_text(enum axb_refuse refuse)
{
	static const char *const texts[] = {
#define AXB_X(name, text) text,
#include "probes/insn/refuse.def"
#undef AXB_X
	};
	return (uint32_t)refuse < AXB_REFUSE_COUNT_ ? texts[refuse] : NULL;
}
