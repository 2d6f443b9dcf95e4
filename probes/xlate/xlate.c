/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/xlate/xlate.h"

#include <stddef.h>

const char *axb_xlate_fault_text(enum axb_xlate_fault fault)
{
	static const char *const texts[] = {
#define AXB_X(name, text) text,
#include "probes/xlate/fault.def"
#undef AXB_X
	};
	return (uint32_t)fault < AXB_XLATE_FAULT_COUNT_ ? texts[fault] : NULL;
}
