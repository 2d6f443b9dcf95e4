// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "platforms/reference/package.h"

// What was found sound can be read wholly.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	std::vector<uint64_t> copy(size / 8 + 1);
	std::memcpy(copy.data(), data, size);
	struct package package;
	const char *why;
	if (package_open(axb_bytes_of(copy.data(), size), &package, &why) != AXB_OK) {
		return 0;
	}
	volatile uint64_t sum = 0;
	for (uint16_t id = 1; id <= package.vm_count; id++) {
		const struct package_vm *vm = package_get_vm(&package, id);
		for (uint32_t i = 0; i < vm->piece_count; i++) {
			axb_bytes piece =
				package_bytes(&package, vm->pieces[i].offset, vm->pieces[i].size);
			for (size_t k = 0; k < piece.size; k++) {
				sum = sum + piece.data[k];
			}
		}
	}
	return 0;
}
