/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The case files of testdata/isa as a table, for programs without a file system.
 */
#ifndef AXB_RUNTIME_INTERP_BARE_CASES_H_
#define AXB_RUNTIME_INTERP_BARE_CASES_H_

#include <stdint.h>

#include "runtime/helpers/env.h"
#include "runtime/isa/insn.h"

struct bare_case {
	const char *name;
	const struct axb_insn *insns;
	uint32_t insn_count;
	const uint8_t *mem;
	const uint8_t *after; /**< NULL: not compared */
	uint32_t mem_size;
	uint64_t result; /**< when @fault is AXB_RUN_OK */
	enum axb_run_result fault;
};

extern const struct bare_case bare_cases[];
extern const uint32_t bare_case_count;

#endif
