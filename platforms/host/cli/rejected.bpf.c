/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * For tests of `axebpf check`: a good program, and one whose subprogram calls a helper that there
 * is not.
 */
#include "bpf/include/program.h"

static void *(*no_such_helper)(void) = (void *)999;

static __noinline int call_it(int number)
{
	return number + (no_such_helper() != 0);
}

TRACEPOINT(vcpu, enter)
int good(struct axb_tp_ctx_vcpu_enter *ctx)
{
	return ctx->pc != 0;
}

TRACEPOINT(vcpu, exit)
int bad(struct axb_tp_ctx_vcpu_exit *ctx)
{
	int number = ctx->reason;
	number += 3;
	return call_it(number);
}
