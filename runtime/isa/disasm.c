/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "runtime/isa/disasm.h"

#include "runtime/base/mem.h"

struct words {
	const char *name;
	const char *mnemonic;
	const char *text;
};

static const struct words words_of[AXB_OP_COUNT_] = {
	[AXB_OP_NONE_] = {"?", "?", ""},
#define AXB_X(name, opcode, form, select, value, mnemonic, text)                                   \
	[AXB_OP_##name] = {#name, mnemonic, text},
#define AXB_V AXB_X
#include "runtime/isa/opcode.def"
#undef AXB_V
#undef AXB_X
};

static const struct words *words_for(enum axb_op op)
{
	return &words_of[(unsigned)op < AXB_OP_COUNT_ ? op : AXB_OP_NONE_];
}

const char *axb_op_name(enum axb_op op)
{
	return words_for(op)->name;
}

const char *axb_op_mnemonic(enum axb_op op)
{
	return words_for(op)->mnemonic;
}

static void put_register(struct axb_text *out, char kind, unsigned reg)
{
	axb_text_char(out, kind);
	axb_text_u64(out, reg);
}

/* "+8" or "-8". */
static void put_signed(struct axb_text *out, int64_t v)
{
	if (v >= 0) {
		axb_text_char(out, '+');
	}
	axb_text_i64(out, v);
}

/* "+ 8" or "- 8". */
static void put_displacement(struct axb_text *out, int32_t v)
{
	axb_text_str(out, v < 0 ? "- " : "+ ");
	axb_text_i64(out, v < 0 ? -v : v);
}

/* One escape of a text of opcode.def. */
static void put_field(struct axb_text *out, char escape, const struct axb_insn *insn)
{
	switch (escape) {
	case 'D':
		put_register(out, 'r', axb_insn_dst(*insn));
		break;
	case 'S':
		put_register(out, 'r', axb_insn_src(*insn));
		break;
	case 'd':
		put_register(out, 'w', axb_insn_dst(*insn));
		break;
	case 's':
		put_register(out, 'w', axb_insn_src(*insn));
		break;
	case 'I':
		axb_text_i64(out, insn->imm);
		break;
	case 'H':
		axb_text_u64(out, (uint32_t)insn[1].imm);
		break;
	case 'O':
		put_displacement(out, insn->offset);
		break;
	case 'J':
		put_signed(out, insn->offset);
		break;
	case 'L':
		put_signed(out, insn->imm);
		break;
	case 'X':
		axb_text_i64(out,
			(int64_t)((uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm));
		break;
	default:
		axb_text_char(out, escape);
		break;
	}
}

void axb_insn_disasm(const struct axb_insn *insn, struct axb_text *out)
{
	enum axb_op op = axb_insn_op(*insn);
	if (op == AXB_OP_NONE_) {
		uint64_t raw;
		memcpy(&raw, insn, sizeof(raw));
		axb_text_str(out, ".insn ");
		axb_text_0x(out, raw, 16);
		return;
	}
	for (const char *c = words_for(op)->text; *c != '\0'; c++) {
		if (*c == '%') {
			c++;
			put_field(out, *c, insn);
		} else {
			axb_text_char(out, *c);
		}
	}
}
