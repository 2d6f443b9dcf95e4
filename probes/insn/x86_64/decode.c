/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/insn/x86_64/decode.h"

#include <stddef.h>

#include "runtime/base/mem.h"

/*
 * One letter for each opcode of a map says what follows the opcode:
 *
 *   -  it is no instruction in 64-bit mode     .  nothing
 *   m  ModRM                                   c  ModRM whose mod is not looked at
 *   b  imm8                                    B  ModRM, imm8
 *   w  imm16                                   e  imm16, imm8
 *   z  imm16 or imm32                          Z  ModRM, imm16 or imm32
 *   v  imm16, imm32 or imm64                   o  an address
 *   j  rel8                                    J  rel32
 *   g  ModRM, imm8 if ModRM.reg < 2            G  ModRM, imm16 or imm32 if ModRM.reg < 2
 *   p  a prefix                                x  an escape to another map or encoding
 *   W  ModRM, imm32 whatever the operand size is
 */
static const char primary_map[] = "mmmmbz--mmmmbz-x"  /* 0 */
				  "mmmmbz--mmmmbz--"  /* 1 */
				  "mmmmbzp-mmmmbzp-"  /* 2 */
				  "mmmmbzp-mmmmbzp-"  /* 3 */
				  "pppppppppppppppp"  /* 4: REX */
				  "................"  /* 5 */
				  "--xmppppzZbB...."  /* 6 */
				  "jjjjjjjjjjjjjjjj"  /* 7 */
				  "BZ-Bmmmmmmmmmmmx"  /* 8 */
				  "..........-....."  /* 9 */
				  "oooo....bz......"  /* a */
				  "bbbbbbbbvvvvvvvv"  /* b */
				  "BBw.xxBZe.w..b-."  /* c */
				  "mmmm---.mmmmmmmm"  /* d */
				  "jjjjbbbbJJ-j...."  /* e */
				  "p.pp..gG......mm"; /* f */

static const char map_0f[] = "mmmm-.....-.-m.x"  /* 0 */
			     "mmmmmmmmmmmmmmmm"  /* 1 */
			     "cccc----mmmmmmmm"  /* 2 */
			     "......-.x-x-----"  /* 3 */
			     "mmmmmmmmmmmmmmmm"  /* 4 */
			     "mmmmmmmmmmmmmmmm"  /* 5 */
			     "mmmmmmmmmmmmmmmm"  /* 6 */
			     "BBBBmmm.mm--mmmm"  /* 7 */
			     "JJJJJJJJJJJJJJJJ"  /* 8 */
			     "mmmmmmmmmmmmmmmm"  /* 9 */
			     "...mBm--...mBmmm"  /* a */
			     "mmmmmmmmmmBmmmmm"  /* b */
			     "mmBmBBBm........"  /* c */
			     "mmmmmmmmmmmmmmmm"  /* d */
			     "mmmmmmmmmmmmmmmm"  /* e */
			     "mmmmmmmmmmmmmmmm"; /* f */

static const char map_0f38[] = "mmmmmmmmmmmm----"  /* 0 */
			       "m---mm-m----mmm-"  /* 1 */
			       "mmmmmm--mmmm----"  /* 2 */
			       "mmmmmm-mmmmmmmmm"  /* 3 */
			       "mm--------------"  /* 4 */
			       "----------------"  /* 5 */
			       "----------------"  /* 6 */
			       "----------------"  /* 7 */
			       "mmm-------------"  /* 8 */
			       "----------------"  /* 9 */
			       "----------------"  /* a */
			       "----------------"  /* b */
			       "--------mmmmmm-m"  /* c */
			       "--------m--mmmmm"  /* d */
			       "----------------"  /* e */
			       "mm---mm-mmmmm---"; /* f */

static const char map_0f3a[] = "--------BBBBBBBB"  /* 0 */
			       "----BBBB--------"  /* 1 */
			       "BBB-------------"  /* 2 */
			       "----------------"  /* 3 */
			       "BBB-B-----------"  /* 4 */
			       "----------------"  /* 5 */
			       "BBBB------------"  /* 6 */
			       "----------------"  /* 7 */
			       "----------------"  /* 8 */
			       "----------------"  /* 9 */
			       "----------------"  /* a */
			       "----------------"  /* b */
			       "------------B-BB"  /* c */
			       "---------------B"  /* d */
			       "----------------"  /* e */
			       "B---------------"; /* f */

/* Reading goes on at .at; the first error stays. */
struct reader {
	struct axb_bytes bytes; /* AXB_X86_LENGTH_MAX of them at most */
	bool is_cut;            /* because there were more */
	uint8_t at;
	enum axb_x86_error error;
};

static void fail(struct reader *r, enum axb_x86_error error)
{
	if (r->error == AXB_X86_OK) {
		r->error = error;
	}
}

static uint8_t next(struct reader *r)
{
	uint8_t byte = 0;
	if (!axb_bytes_u8(r->bytes, r->at, &byte)) {
		fail(r, r->is_cut ? AXB_X86_TOO_LONG : AXB_X86_TRUNCATED);
		return 0;
	}
	r->at++;
	return byte;
}

/* @size bytes as a signed number. */
static int64_t next_signed(struct reader *r, uint32_t size)
{
	uint64_t value = 0;
	for (uint32_t i = 0; i < size; i++) {
		value |= (uint64_t)next(r) << (8 * i);
	}
	uint32_t unused = 64 - 8 * size;
	return (int64_t)(value << unused) >> unused;
}

static uint8_t legacy_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x66:
		return AXB_X86_PREFIX_OPERAND;
	case 0x67:
		return AXB_X86_PREFIX_ADDRESS;
	case 0xf0:
		return AXB_X86_PREFIX_LOCK;
	case 0xf2:
		return AXB_X86_PREFIX_REPNE;
	case 0xf3:
		return AXB_X86_PREFIX_REP;
	default:
		return AXB_X86_PREFIX_SEGMENT;
	}
}

/* Prefixes; returns the byte after them. A REX counts only right before the opcode. */
static uint8_t read_prefixes(struct reader *r, struct axb_x86_insn *insn)
{
	uint8_t byte = next(r);
	while (r->error == AXB_X86_OK && primary_map[byte] == 'p') {
		if ((byte & 0xf0) == 0x40) {
			insn->rex = byte;
		} else {
			insn->rex = 0;
			insn->prefixes |= legacy_prefix(byte);
		}
		byte = next(r);
	}
	insn->wide = (insn->rex & 8) != 0;
	return byte;
}

/* Of maps that begin with VEX or EVEX, whose undefined opcodes are not told from others. */
static char vector_letter(uint8_t encoding, uint8_t map, uint8_t opcode)
{
	char legacy = map_0f[opcode];
	switch (map) {
	case 1:
		if (encoding == AXB_X86_VEX && opcode == 0x77) {
			return '.'; /* VZEROUPPER, VZEROALL */
		}
		return legacy == 'B' ? 'B' : 'm';
	case 2:
		return 'm';
	case 3:
		return 'B';
	case 5:
	case 6:
		return encoding == AXB_X86_EVEX ? 'm' : '-';
	default:
		return '-';
	}
}

static char xop_letter(uint8_t map)
{
	switch (map) {
	case 8:
		return 'B';
	case 9:
		return 'm';
	case 10:
		return 'W';
	default:
		return '-';
	}
}

/* VEX and what is like it take no legacy prefix but address size and segment, and no REX. */
static bool may_follow_prefixes(const struct axb_x86_insn *insn)
{
	return insn->rex == 0 &&
	       (insn->prefixes & ~(AXB_X86_PREFIX_ADDRESS | AXB_X86_PREFIX_SEGMENT)) == 0;
}

/* C5; C4 and 8F with three bytes; 62. Returns the letter of the opcode. */
static char read_vector(struct reader *r, struct axb_x86_insn *insn, uint8_t first)
{
	uint8_t payload = next(r);
	if (first == 0xc5) {
		insn->encoding = AXB_X86_VEX;
		insn->map = 1;
	} else if (first == 0x62) {
		uint8_t second = next(r);
		insn->encoding = AXB_X86_EVEX;
		insn->map = payload & 7;
		insn->wide = (second & 0x80) != 0;
		(void)next(r);
		if ((payload & 8) != 0 || (second & 4) == 0) {
			fail(r, AXB_X86_UNDEFINED);
		}
	} else {
		insn->encoding = first == 0xc4 ? AXB_X86_VEX : AXB_X86_XOP;
		insn->map = payload & 0x1f;
		insn->wide = (next(r) & 0x80) != 0;
	}
	if (!may_follow_prefixes(insn)) {
		fail(r, AXB_X86_UNDEFINED);
	}
	insn->opcode = next(r);
	if (insn->encoding == AXB_X86_XOP) {
		return xop_letter(insn->map);
	}
	return vector_letter(insn->encoding, insn->map, insn->opcode);
}

static char read_0f(struct reader *r, struct axb_x86_insn *insn)
{
	const uint8_t extrq = AXB_X86_PREFIX_OPERAND | AXB_X86_PREFIX_REPNE;
	insn->opcode = next(r);
	switch (insn->opcode) {
	case 0x0f:
		insn->encoding = AXB_X86_3DNOW; /* its opcode comes last, like an immediate */
		insn->map = AXB_X86_MAP_0F;
		return 'B';
	case 0x38:
		insn->map = AXB_X86_MAP_0F38;
		insn->opcode = next(r);
		return map_0f38[insn->opcode];
	case 0x3a:
		insn->map = AXB_X86_MAP_0F3A;
		insn->opcode = next(r);
		return map_0f3a[insn->opcode];
	default:
		insn->map = AXB_X86_MAP_0F;
		if (insn->opcode == 0x78 && (insn->prefixes & extrq) != 0) {
			return 'E'; /* SSE4A: EXTRQ and INSERTQ with two immediates. */
		}
		return map_0f[insn->opcode];
	}
}

/* The opcode with its escapes; returns its letter. */
static char read_opcode(struct reader *r, struct axb_x86_insn *insn, uint8_t byte)
{
	uint8_t following = 0;
	switch (byte) {
	case 0x0f:
		return read_0f(r, insn);
	case 0x62:
	case 0xc4:
	case 0xc5:
		return read_vector(r, insn, byte);
	case 0x8f:
		/* POP r/m has ModRM.reg 0; XOP has a map number of at least 8 there. */
		if (axb_bytes_u8(r->bytes, r->at, &following) && (following & 0x1f) >= 8) {
			return read_vector(r, insn, byte);
		}
		insn->opcode = byte;
		return 'm';
	default:
		insn->opcode = byte;
		return primary_map[byte];
	}
}

static void read_modrm(struct reader *r, struct axb_x86_insn *insn, bool is_register)
{
	insn->has_modrm = true;
	insn->modrm = next(r);
	uint8_t mod = insn->modrm >> 6;
	if (is_register) {
		insn->modrm |= 0xc0;
		return;
	}
	if (mod == 3) {
		return;
	}
	bool is_absolute = mod == 0 && axb_x86_rm(insn) == 5;
	if (axb_x86_rm(insn) == 4) {
		insn->sib = next(r);
		is_absolute = mod == 0 && (insn->sib & 7) == 5;
	} else {
		insn->is_rip_relative = is_absolute;
	}
	if (mod == 1) {
		insn->disp_size = 1;
	} else if (mod == 2 || is_absolute) {
		insn->disp_size = 4;
	}
	insn->disp_offset = r->at;
	insn->disp = insn->disp_size == 0 ? 0 : next_signed(r, insn->disp_size);
}

static bool has_modrm(char letter)
{
	return letter == 'm' || letter == 'c' || letter == 'B' || letter == 'Z' || letter == 'g' ||
	       letter == 'G' || letter == 'W' || letter == 'E';
}

/* What "imm16 or imm32" is. */
static uint8_t operand_immediate(const struct axb_x86_insn *insn)
{
	return !insn->wide && (insn->prefixes & AXB_X86_PREFIX_OPERAND) != 0 ? 2 : 4;
}

static uint8_t immediate_size(const struct axb_x86_insn *insn, char letter)
{
	switch (letter) {
	case 'b':
	case 'B':
	case 'j':
		return 1;
	case 'w':
	case 'E':
		return 2;
	case 'e':
		return 3;
	case 'J':
	case 'W':
		return 4;
	case 'z':
	case 'Z':
		return operand_immediate(insn);
	case 'v':
		return insn->wide ? 8 : operand_immediate(insn);
	case 'g':
		return axb_x86_reg(insn) < 2 ? 1 : 0;
	case 'G':
		return axb_x86_reg(insn) < 2 ? operand_immediate(insn) : 0;
	default:
		return 0;
	}
}

/* With 66h, AMD takes a near branch as 16-bit, Intel as 64-bit (APM vol. 3, 1.2.2). */
static bool is_vendor_specific(const struct axb_x86_insn *insn, char letter)
{
	return letter == 'J' && !insn->wide && (insn->prefixes & AXB_X86_PREFIX_OPERAND) != 0;
}

static void read_fields(struct reader *r, struct axb_x86_insn *insn, char letter)
{
	if (has_modrm(letter)) {
		read_modrm(r, insn, letter == 'c');
	}
	if (letter == 'o') {
		insn->disp_offset = r->at;
		insn->disp_size = (insn->prefixes & AXB_X86_PREFIX_ADDRESS) != 0 ? 4 : 8;
		insn->disp = next_signed(r, insn->disp_size);
	}
	if (is_vendor_specific(insn, letter)) {
		fail(r, AXB_X86_VENDOR);
	}
	insn->imm_size = immediate_size(insn, letter);
	insn->imm_offset = r->at;
	insn->imm = insn->imm_size == 0 ? 0 : next_signed(r, insn->imm_size);
	insn->is_relative = letter == 'j' || letter == 'J';
}

static enum axb_x86_kind kind_of_group5(const struct axb_x86_insn *insn)
{
	static const uint8_t kinds[8] = {
		[2] = AXB_X86_CALL_INDIRECT,
		[3] = AXB_X86_FAR,
		[4] = AXB_X86_JMP_INDIRECT,
		[5] = AXB_X86_FAR,
	};
	return (enum axb_x86_kind)kinds[axb_x86_reg(insn)];
}

static enum axb_x86_kind kind_of_primary(const struct axb_x86_insn *insn)
{
	switch (insn->opcode) {
	case 0x6c:
	case 0x6d:
	case 0x6e:
	case 0x6f:
	case 0xe4:
	case 0xe5:
	case 0xe6:
	case 0xe7:
	case 0xec:
	case 0xed:
	case 0xee:
	case 0xef:
	case 0xf4:
		return AXB_X86_SYSTEM;
	case 0x8e:
		return axb_x86_reg(insn) == 2 ? AXB_X86_SHADOW : AXB_X86_SYSTEM;
	case 0x90:
		return (insn->rex & 1) != 0 ? AXB_X86_OTHER : AXB_X86_NOP;
	case 0x9c:
	case 0x9d:
		return AXB_X86_FLAGS;
	case 0xc2:
	case 0xc3:
		return AXB_X86_RET;
	case 0xc6:
	case 0xc7:
		return insn->modrm == 0xf8 ? AXB_X86_TRANSACTION : AXB_X86_OTHER;
	case 0xca:
	case 0xcb:
	case 0xcf:
		return AXB_X86_FAR;
	case 0xcc:
		return AXB_X86_INT3;
	case 0xcd:
	case 0xf1:
		return AXB_X86_INT;
	case 0xe8:
		return AXB_X86_CALL;
	case 0xe9:
	case 0xeb:
		return AXB_X86_JMP;
	case 0xfa:
	case 0xfb:
		return AXB_X86_SHADOW;
	case 0xff:
		return kind_of_group5(insn);
	default:
		break;
	}
	if ((insn->opcode & 0xf0) == 0x70) {
		return AXB_X86_JCC;
	}
	return (insn->opcode & 0xfc) == 0xe0 ? AXB_X86_LOOP : AXB_X86_OTHER;
}

static enum axb_x86_kind kind_of_0f(const struct axb_x86_insn *insn)
{
	switch (insn->opcode) {
	case 0x00:
	case 0x01:
	case 0x06:
	case 0x08:
	case 0x09:
	case 0x20:
	case 0x21:
	case 0x22:
	case 0x23:
	case 0x30:
	case 0x32:
	case 0x33:
	case 0x37:
	case 0xaa:
		return AXB_X86_SYSTEM;
	case 0x05:
	case 0x07:
	case 0x34:
	case 0x35:
		return AXB_X86_SYSTEM_CALL;
	case 0x0b:
	case 0xb9:
	case 0xff:
		return AXB_X86_UD;
	case 0x1e:
		return (insn->prefixes & AXB_X86_PREFIX_REP) != 0 && insn->modrm == 0xfa
			       ? AXB_X86_ENDBR
			       : AXB_X86_NOP;
	case 0x1f:
		return AXB_X86_NOP;
	default:
		return (insn->opcode & 0xf0) == 0x80 ? AXB_X86_JCC : AXB_X86_OTHER;
	}
}

static enum axb_x86_kind kind_of(const struct axb_x86_insn *insn)
{
	if (insn->encoding != AXB_X86_LEGACY) {
		return AXB_X86_OTHER;
	}
	switch (insn->map) {
	case AXB_X86_MAP_PRIMARY:
		return kind_of_primary(insn);
	case AXB_X86_MAP_0F:
		return kind_of_0f(insn);
	default:
		return AXB_X86_OTHER;
	}
}

/* XBEGIN is C7 F8 with a target. */
static void mark_xbegin(struct axb_x86_insn *insn)
{
	insn->is_relative |= insn->kind == AXB_X86_TRANSACTION && insn->opcode == 0xc7;
}

enum axb_x86_error axb_x86_decode(struct axb_bytes bytes, struct axb_x86_insn *out)
{
	struct reader r = {.bytes = bytes};
	memset(out, 0, sizeof(*out));
	if (bytes.size > AXB_X86_LENGTH_MAX) {
		r.bytes.size = AXB_X86_LENGTH_MAX;
		r.is_cut = true;
	}
	uint8_t byte = read_prefixes(&r, out);
	char letter = '-';
	if (r.error == AXB_X86_OK) {
		letter = read_opcode(&r, out, byte);
	}
	if (letter == '-') {
		fail(&r, AXB_X86_UNDEFINED);
	}
	if (r.error == AXB_X86_OK) {
		read_fields(&r, out, letter);
	}
	out->kind = (uint8_t)kind_of(out);
	out->length = r.at;
	mark_xbegin(out);
	return r.error;
}
