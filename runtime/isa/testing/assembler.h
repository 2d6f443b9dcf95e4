/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Text assembler for tests: the syntax of the public bpf_conformance suite, driven by opcode.def.
 *
 *   lddw %r1, 0x1122334455667788      ldxw %r0, [%r1+4]        stxdw [r10-8], r0
 *   mov32 %r1, -5                     jne32 %r1, %r2, +3       ja done
 *   lock fetch add [%r1+0], %r2       call 5 / call %r2        call local func
 *   lddw %r1, map(0)                  lddw %r1, map_value(0)+8
 *   done: exit                        # comment
 *
 * A jump to "exit" goes to the first exit when no label has that name.
 */
#ifndef AXB_RUNTIME_ISA_TESTING_ASSEMBLER_H_
#define AXB_RUNTIME_ISA_TESTING_ASSEMBLER_H_

#include <stdint.h>

#include <string>
#include <vector>

#include "runtime/isa/insn.h"

namespace axb_testing
{

struct Assembly {
	std::vector<axb_insn> insns;
	std::string error; /* empty = assembled */
};

Assembly Assemble(const std::string &text);

/* A decimal or 0x number with optional sign; false when it is none or exceeds 64 bits. */
bool ParseNumber(const std::string &text, uint64_t *out);

} // namespace axb_testing

#endif
