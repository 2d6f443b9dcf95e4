// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Tables, registers and addresses of a hostile guest: a bounded number of aligned reads, addresses
// within what the CPU has, and nothing that was not asked for.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "probes/xlate/aarch64.h"
#include "probes/xlate/x86_64.h"

namespace
{

struct Input {
	const uint8_t *data;
	size_t size;
	uint32_t reads;
};

uint64_t Take(Input *input)
{
	uint64_t value = 0;
	size_t size = input->size < 8 ? input->size : 8;
	memcpy(&value, input->data, size);
	input->data += size;
	input->size -= size;
	return value;
}

// Each entry is what comes next.
bool Read(void *cookie, uint64_t gpa, uint64_t *out)
{
	auto *input = static_cast<Input *>(cookie);
	if (gpa % 8 != 0 || ++input->reads > AXB_XLATE_STEPS_MAX || gpa >> 52 != 0) {
		abort();
	}
	*out = Take(input);
	return input->size != 0;
}

void Judge(bool ok, const axb_xlate &x, uint32_t pa_bits, const Input &input)
{
	bool is_size = (x.size & (x.size - 1)) == 0;
	if (ok != (x.fault == AXB_XLATE_NONE) || x.fault >= AXB_XLATE_FAULT_COUNT_ ||
		x.step_count > input.reads || !is_size || x.gpa >> pa_bits != 0 ||
		(!ok && (x.gpa != 0 || x.size != 0))) {
		abort();
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = {data, size, 0};
	const axb_xlate_reader reader = {Read, &input};
	uint64_t kind = Take(&input);
	uint64_t gva = Take(&input);
	axb_xlate x;
	if ((kind & 1) != 0) {
		const axb_xlate_aarch64_cpu cpu = axb_xlate_aarch64_cpu_of(kind >> 1, kind >> 8);
		const axb_xlate_aarch64_regs regs = {
			Take(&input) | (kind >> 63), Take(&input), Take(&input), Take(&input)};
		Judge(axb_xlate_aarch64(&cpu, &regs, &reader, gva, &x), x, cpu.pa_bits, input);
	} else {
		const axb_xlate_x86_64_cpu cpu = {static_cast<uint8_t>(32 + (kind >> 1) % 21),
			(kind >> 8 & 1) != 0, (kind >> 9 & 1) != 0};
		const axb_xlate_x86_64_regs regs = {Take(&input) | (kind >> 63) << 31, Take(&input),
			Take(&input), Take(&input)};
		Judge(axb_xlate_x86_64(&cpu, &regs, &reader, gva, &x), x, cpu.pa_bits, input);
	}
	return 0;
}
