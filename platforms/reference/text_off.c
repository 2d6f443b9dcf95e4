/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Instead of text.c: this hypervisor has no probes on itself.
 */
#include "platforms/reference/text.h"

bool text_breakpoint(uint64_t pc, uint64_t syndrome, void *regs)
{
	(void)pc;
	(void)syndrome;
	(void)regs;
	return false;
}

void text_answer(void)
{
}
