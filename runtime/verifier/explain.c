/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/base/text.h"
#include "runtime/base/types.h"
#include "runtime/verifier/verify.h"

static const char *const texts[AXB_REJECT_COUNT_] = {
	[AXB_REJECT_NONE] = "not rejected",
#define AXB_X(name, text) [AXB_REJECT_##name] = (text),
#include "runtime/verifier/reject.def"
#undef AXB_X
};

static bool is_operand(const char *c)
{
	return c[0] == '{' && (c[1] == '0' || c[1] == '1') && c[2] == '}';
}

/* Opcodes are named in hex, as RFC 9669 does; all else in decimal. */
static bool names_opcode(enum axb_reject_reason reason, unsigned operand)
{
	return operand == 0 &&
	       (reason == AXB_REJECT_OPCODE || reason == AXB_REJECT_PACKET ||
		       (reason >= AXB_REJECT_SELECT_SRC && reason <= AXB_REJECT_SELECT_IMM));
}

void axb_reject_explain(const struct axb_reject *reject, struct axb_text *out)
{
	const char *text = "unknown reason";
	if ((unsigned)reject->reason < AXB_REJECT_COUNT_) {
		text = texts[reject->reason];
	}
	axb_text_str(out, "insn ");
	axb_text_u64(out, reject->insn);
	axb_text_str(out, ": ");
	for (const char *c = text; *c != '\0'; c++) {
		if (!is_operand(c)) {
			axb_text_char(out, *c);
			continue;
		}
		unsigned operand = (unsigned)(c[1] - '0');
		if (names_opcode(reject->reason, operand)) {
			axb_text_0x(out, (uint64_t)reject->operands[operand], 2);
		} else {
			axb_text_i64(out, reject->operands[operand]);
		}
		c += 2;
	}
}
