/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/core/dispatch.h"

#include "runtime/base/noprobe.h"
#include "runtime/hooks/core.h"

static axb_trap_handler_fn_t handlers[AXB_TRAP_HANDLER_MAX];
static uint32_t handler_count;

void axb_trap_handler_add(axb_trap_handler_fn_t handler)
{
	for (uint32_t i = 0; i < handler_count; i++) {
		if (handlers[i] == handler) {
			return;
		}
	}
	AXB_CHECK(handler_count < AXB_TRAP_HANDLER_MAX);
	handlers[handler_count++] = handler;
}

AXB_NOPROBE enum axb_verdict axb_probe_dispatch(const struct axb_trap *trap, struct axb_regs *regs)
{
	for (uint32_t i = 0; i < handler_count; i++) {
		enum axb_verdict verdict = handlers[i](trap, regs);
		if (verdict != AXB_NOT_OURS) {
			return verdict;
		}
	}
	return AXB_NOT_OURS;
}
