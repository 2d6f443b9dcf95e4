/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * A binary of another rule has no blob, links all the same, and says so. Exit status 0 = all well.
 */
#include "runtime/sym/image.h"
#include "runtime/sym/sym.h"

int main(void)
{
	struct axb_bytes blob = axb_symtab_image_bytes();
	return blob.size == 0 && axb_sym_set_self(blob, 0, 1) == AXB_ERR_TRUNCATED ? 0 : 1;
}
