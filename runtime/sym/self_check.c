/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A program that looks up its own symbols: proof that symbolized_binary() and sym agree about a
 * real image, wherever the loader puts it. Exit status 0 = all well.
 */
#include <stdio.h>

#include "runtime/base/mem.h"
#include "runtime/base/types.h"
#include "runtime/sym/image.h"
#include "runtime/sym/sym.h"

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			(void)fprintf(stderr, "line %d: %s\n", __LINE__, #cond);                   \
			return 1;                                                                  \
		}                                                                                  \
	} while (0)

int self_check_data = 5;

static AXB_NOINLINE int self_check_function(int x)
{
	return x * self_check_data;
}

static int check_symbol(const char *name, uint64_t address)
{
	struct axb_symbol symbol;
	CHECK(axb_symtab_lookup_name(axb_sym_self(), name, &symbol) == AXB_OK);
	CHECK(symbol.address == address);
	CHECK(symbol.size != 0);
	CHECK(axb_symtab_lookup_address(axb_sym_self(), address + 1, &symbol) == AXB_OK);
	CHECK(axb_streq(symbol.name, name));
	CHECK(symbol.offset == 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct axb_bytes blob = axb_symtab_image_bytes();
	(void)argv;
	CHECK(blob.size != 0);
	CHECK(axb_sym_set_self(blob, 1, UINT64_MAX) == AXB_OK);
	CHECK(check_symbol("main", (uintptr_t)main) == 0);
	CHECK(check_symbol("self_check_function", (uintptr_t)self_check_function) == 0);
	CHECK(check_symbol("self_check_data", (uintptr_t)&self_check_data) == 0);
	CHECK(check_symbol("axb_symtab_image", (uintptr_t)axb_symtab_image) == 0);
	CHECK(self_check_function(argc) != 0);
	(void)printf("%u symbols, %zu bytes\n", axb_symtab_count(axb_sym_self()), blob.size);
	return 0;
}
