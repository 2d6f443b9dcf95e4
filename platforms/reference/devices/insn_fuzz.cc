/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The instruction decoder takes any bytes, reads no more than there are, and what it finds is
 * within its documented ranges, and the same when more bytes follow.
 */
#include <cstdlib>
#include <cstring>
#include <vector>

#include "platforms/reference/devices/insn.h"

static void Require(bool condition)
{
	if (!condition) {
		abort();
	}
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (bool is_64bit : {false, true}) {
		struct insn insn;
		if (!insn_decode(data, size, is_64bit, &insn)) {
			continue;
		}
		Require(insn.length >= 1 && insn.length <= INSN_LENGTH_MAX && insn.length <= size);
		Require(insn.reg < 16);
		/* Nothing behind the instruction counts, all of it does. */
		std::vector<uint8_t> exact(data, data + insn.length);
		struct insn again;
		Require(insn_decode(exact.data(), exact.size(), is_64bit, &again));
		Require(memcmp(&insn, &again, sizeof(insn)) == 0);
		Require(!insn_decode(exact.data(), exact.size() - 1, is_64bit, &again));
		if (insn.kind <= INSN_STORE_IMMEDIATE) {
			uint64_t gpr[16] = {};
			Require(insn.size == 1 || insn.size == 2 || insn.size == 4 ||
				insn.size == 8);
			insn_load(&insn, gpr, UINT64_MAX);
			(void)insn_stored(&insn, gpr);
		}
	}
	return 0;
}
