/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Input: a blob. One that is accepted must answer every question consistently.
 */
#include <cstdlib>
#include <cstring>

#include "runtime/sym/sym.h"

static void Check(bool ok)
{
	if (!ok) {
		abort();
	}
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint64_t start = 0x1000, end = 0x3000;
	struct axb_symtab table;
	if (axb_symtab_init(&table, axb_bytes_of(data, size), start, end) != AXB_OK) {
		return 0;
	}
	struct axb_symbol s, found;
	uint32_t cursor = 0;
	uint32_t count = 0;
	while (axb_symtab_search(&table, "*", &cursor, &s) == AXB_OK) {
		count++;
		Check(s.address >= start && s.size <= end - s.address);
		Check(axb_symtab_lookup_name(&table, s.name, &found) == AXB_OK);
		Check(strcmp(found.name, s.name) == 0 && found.address <= s.address);
		Check(axb_symtab_lookup_address(&table, s.address, &found) == AXB_OK);
		Check(found.address == s.address && found.offset == 0);
	}
	Check(count == axb_symtab_count(&table));
	return 0;
}
