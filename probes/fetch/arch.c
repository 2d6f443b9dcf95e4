/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Registers by the names that Linux gives them in kprobe_events: regoffset_table in
 * arch/arm64/kernel/ptrace.c and arch/x86/kernel/ptrace.c. Arguments and results: AAPCS64, 6.8;
 * System V ABI for AMD64, 3.2.3.
 */
#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/fetch/fetch.h"
#include "runtime/base/types.h"

#define X(n) {"x" #n, offsetof(struct axb_user_pt_regs, regs) + (n) * 8}

static const struct axb_fetch_reg regs_aarch64[] = {
	X(0),
	X(1),
	X(2),
	X(3),
	X(4),
	X(5),
	X(6),
	X(7),
	X(8),
	X(9),
	X(10),
	X(11),
	X(12),
	X(13),
	X(14),
	X(15),
	X(16),
	X(17),
	X(18),
	X(19),
	X(20),
	X(21),
	X(22),
	X(23),
	X(24),
	X(25),
	X(26),
	X(27),
	X(28),
	X(29),
	X(30),
	{"lr", offsetof(struct axb_user_pt_regs, regs) + 30 * 8},
	{"sp", offsetof(struct axb_user_pt_regs, sp)},
	{"pc", offsetof(struct axb_user_pt_regs, pc)},
	{"pstate", offsetof(struct axb_user_pt_regs, pstate)},
};

const struct axb_fetch_arch axb_fetch_aarch64 = {
	.regs = regs_aarch64,
	.reg_count = AXB_ARRAY_COUNT(regs_aarch64),
	.arguments = {0, 8, 16, 24, 32, 40, 48, 56},
	.argument_count = 8,
	.result = 0,
	.sp = offsetof(struct axb_user_pt_regs, sp),
};

#define R(name, field) {name, offsetof(struct axb_pt_regs_x86_64, field)}

static const struct axb_fetch_reg regs_x86_64[] = {
	R("r15", r15),
	R("r14", r14),
	R("r13", r13),
	R("r12", r12),
	R("r11", r11),
	R("r10", r10),
	R("r9", r9),
	R("r8", r8),
	R("bx", rbx),
	R("cx", rcx),
	R("dx", rdx),
	R("si", rsi),
	R("di", rdi),
	R("bp", rbp),
	R("ax", rax),
	R("ip", rip),
	R("cs", cs),
	R("flags", eflags),
	R("sp", rsp),
	R("ss", ss),
};

const struct axb_fetch_arch axb_fetch_x86_64 = {
	.regs = regs_x86_64,
	.reg_count = AXB_ARRAY_COUNT(regs_x86_64),
	.arguments =
		{
			offsetof(struct axb_pt_regs_x86_64, rdi),
			offsetof(struct axb_pt_regs_x86_64, rsi),
			offsetof(struct axb_pt_regs_x86_64, rdx),
			offsetof(struct axb_pt_regs_x86_64, rcx),
			offsetof(struct axb_pt_regs_x86_64, r8),
			offsetof(struct axb_pt_regs_x86_64, r9),
		},
	.argument_count = 6,
	.result = offsetof(struct axb_pt_regs_x86_64, rax),
	.sp = offsetof(struct axb_pt_regs_x86_64, rsp),
};
