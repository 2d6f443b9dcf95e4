/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/helpers/helpers.h"

#include "runtime/base/types.h"

#define IMPL(id, fn) {id, fn},
static const struct axb_helper_impl impls[] = {AXB_HELPER_IMPL_LIST(IMPL)};
#undef IMPL

const struct axb_helper_table axb_helpers_standard = {impls, AXB_ARRAY_COUNT(impls)};
