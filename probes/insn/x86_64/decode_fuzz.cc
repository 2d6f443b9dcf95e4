// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "probes/insn/x86_64/decode.h"

// What is decoded lies in the bytes, and so do its fields; more bytes after it change nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	axb_x86_insn insn;
	if (axb_x86_decode(axb_bytes_of(data, size), &insn) != AXB_X86_OK) {
		return 0;
	}
	axb_x86_insn again;
	bool fits = insn.length >= 1 && insn.length <= AXB_X86_LENGTH_MAX && insn.length <= size &&
		    insn.disp_offset + insn.disp_size <= insn.length &&
		    insn.imm_offset + insn.imm_size <= insn.length;
	bool same = axb_x86_decode(axb_bytes_of(data, insn.length), &again) == AXB_X86_OK &&
		    again.length == insn.length && again.kind == insn.kind;
	if (!fits || !same) {
		std::abort();
	}
	return 0;
}
