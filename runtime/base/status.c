/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/status.h"

static const struct {
	const char *name;
	const char *text;
} statuses[AXB_STATUS_COUNT_] = {
#define AXB_X(name, text) [AXB_##name] = {"AXB_" #name, text},
#include "runtime/base/status.def"
#undef AXB_X
};

const char *axb_status_name(enum axb_status status)
{
	return (unsigned)status < AXB_STATUS_COUNT_ ? statuses[status].name : "AXB_STATUS_?";
}

const char *axb_status_text(enum axb_status status)
{
	return (unsigned)status < AXB_STATUS_COUNT_ ? statuses[status].text : "";
}
