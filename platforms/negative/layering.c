/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/status.h"
#include "runtime/hooks/core.h"
int layering(void);
int layering(void)
{
	return (int)axb_plat_cpu_id() + AXB_OK;
}
