/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: a blob. A blob that is accepted answers every lookup, and consistently.
 */
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "runtime/base/bytes.h"
#include "runtime/sym/sym.h"

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	axb_symtab table;
	axb_symbol symbol;
	axb_symbol again;
	uint32_t cursor = 0;
	uint64_t before = 0;
	if (axb_symtab_init(&table, axb_bytes_of(data, size), 0, UINT64_MAX) != AXB_OK) {
		return 0;
	}
	while (axb_symtab_search(&table, "*", &cursor, &symbol) == AXB_OK) {
		CHECK(strlen(symbol.name) < sizeof(symbol.name));
		CHECK(cursor == 1 || symbol.address >= before || symbol.address < table.base_);
		before = symbol.address;
		CHECK(axb_symtab_lookup_name(&table, symbol.name, &again) == AXB_OK);
		CHECK(strcmp(symbol.name, again.name) == 0);
		if (symbol.address >= table.base_ && symbol.address != UINT64_MAX) {
			CHECK(axb_symtab_lookup_address(&table, symbol.address, &again) == AXB_OK);
			CHECK(again.address == symbol.address && again.offset == 0);
		}
	}
	return 0;
}
