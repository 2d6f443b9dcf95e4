/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * kinds < words in hex, one a line: "kind offset" of each; offset is 0 when there is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "probes/insn/aarch64/decode.h"

int main(void)
{
	char line[32];
	struct axb_a64_insn insn;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		axb_a64_decode((uint32_t)strtoul(line, NULL, 16), &insn);
		(void)printf("%s %" PRId64 "\n", axb_a64_kind_name((enum axb_a64_kind)insn.kind),
			insn.offset);
	}
	return 0;
}
