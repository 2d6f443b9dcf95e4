/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#define AXB_OPS_CHECKED 1
#define AXB_OPS_LINKAGE
#define AXB_OPS_HANDLERS axb_checked_handlers
#define AXB_OPS_ENTER axb_checked_enter
#include "runtime/interp/ops.inc"
