/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The benchmark programs as bytecode and as functions of the host; the table is made by BUILD.
 */
#ifndef AXB_PLATFORMS_HOST_BENCH_PROGRAMS_H_
#define AXB_PLATFORMS_HOST_BENCH_PROGRAMS_H_

#include <stdint.h>

#include "runtime/isa/insn.h"

struct bench_program {
	const char *name;
	const struct axb_insn *insns;
	uint32_t insn_count;
	unsigned long long (*native)(unsigned char *mem, unsigned long long size);
};

extern const struct bench_program bench_programs[];
extern const uint32_t bench_program_count;

#endif
