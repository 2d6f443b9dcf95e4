/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The encoding is probes/insn's to know; here is what these few instructions mean.
 */
#include "platforms/reference/devices/insn.h"

#include "probes/insn/x86_64/decode.h"
#include "runtime/base/bytes.h"
#include "runtime/base/mem.h"
#include "runtime/base/types.h"

#define REX_R 4u
#define REX_B 1u
#define OPCODE_MOVSXD 0x63u
#define OPERAND_SIZE 0u

/* MOVs between memory and a register, or of an immediate to memory. */
static const struct move {
	uint8_t map;
	uint8_t opcode;
	uint8_t kind;
	uint8_t size; /* of memory */
	bool extends; /* the register is as large as the operand size says */
	bool sign_extend;
} moves[] = {
	{AXB_X86_MAP_PRIMARY, 0x88, INSN_STORE, 1, false, false},
	{AXB_X86_MAP_PRIMARY, 0x89, INSN_STORE, OPERAND_SIZE, false, false},
	{AXB_X86_MAP_PRIMARY, 0x8a, INSN_LOAD, 1, false, false},
	{AXB_X86_MAP_PRIMARY, 0x8b, INSN_LOAD, OPERAND_SIZE, false, false},
	{AXB_X86_MAP_PRIMARY, 0xa0, INSN_LOAD, 1, false, false},
	{AXB_X86_MAP_PRIMARY, 0xa1, INSN_LOAD, OPERAND_SIZE, false, false},
	{AXB_X86_MAP_PRIMARY, 0xa2, INSN_STORE, 1, false, false},
	{AXB_X86_MAP_PRIMARY, 0xa3, INSN_STORE, OPERAND_SIZE, false, false},
	{AXB_X86_MAP_PRIMARY, 0xc6, INSN_STORE_IMMEDIATE, 1, false, false},
	{AXB_X86_MAP_PRIMARY, 0xc7, INSN_STORE_IMMEDIATE, OPERAND_SIZE, false, false},
	{AXB_X86_MAP_PRIMARY, OPCODE_MOVSXD, INSN_LOAD, 4, true, true},
	{AXB_X86_MAP_0F, 0xb6, INSN_LOAD, 1, true, false},
	{AXB_X86_MAP_0F, 0xb7, INSN_LOAD, 2, true, false},
	{AXB_X86_MAP_0F, 0xbe, INSN_LOAD, 1, true, true},
	{AXB_X86_MAP_0F, 0xbf, INSN_LOAD, 2, true, true},
};

static uint8_t operand_size(const struct axb_x86_insn *x)
{
	return x->wide ? 8 : (x->prefixes & AXB_X86_PREFIX_OPERAND) != 0 ? 2 : 4;
}

/* Outside of 64-bit mode 40 .. 4F are instructions of their own. */
static bool has_rex(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = bytes[i];
		bool is_prefix = byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e ||
				 (byte >= 0x64 && byte <= 0x67);
		if (!is_prefix) {
			return (byte & 0xf0) == 0x40;
		}
	}
	return false;
}

/* What is encoded in another way outside of 64-bit mode. @return false for forms that are not
 * handled. */
static bool adapt_to_32bit(const uint8_t *bytes, struct axb_x86_insn *x)
{
	if (x->disp_size == 8 || (!x->has_modrm && x->disp_size == 4)) {
		/* A0 .. A3: half as large an address. */
		x->length -= x->disp_size / 2;
	}
	bool address_16 = x->has_modrm && (x->prefixes & AXB_X86_PREFIX_ADDRESS) != 0;
	bool is_arpl = x->map == AXB_X86_MAP_PRIMARY && x->opcode == OPCODE_MOVSXD;
	return !address_16 && !is_arpl && !has_rex(bytes, x->length);
}

static bool decode_move(const struct move *move, const struct axb_x86_insn *x, struct insn *out)
{
	uint32_t reg = (x->has_modrm ? axb_x86_reg(x) : 0) | ((x->rex & REX_R) != 0 ? 8u : 0u);
	if (x->has_modrm && !axb_x86_is_memory(x)) {
		return false;
	}
	out->kind = (enum insn_kind)move->kind;
	out->size = move->size != OPERAND_SIZE ? move->size : operand_size(x);
	out->register_size = move->extends ? operand_size(x) : out->size;
	out->sign_extend = move->sign_extend;
	if (move->kind == INSN_STORE_IMMEDIATE) {
		out->immediate = (uint64_t)x->imm;
		return axb_x86_reg(x) == 0;
	}
	out->high_byte = out->register_size == 1 && x->rex == 0 && reg >= 4;
	out->reg = (uint8_t)(out->high_byte ? reg - 4 : reg);
	return true;
}

/* MOV to debug or control register. */
static bool decode_special(const struct axb_x86_insn *x, struct insn *out)
{
	out->kind = x->opcode == 0x22 ? INSN_WRITE_CONTROL : INSN_WRITE_DEBUG;
	out->immediate = axb_x86_reg(x) | ((x->rex & REX_R) != 0 ? 8u : 0u);
	out->reg = (uint8_t)(axb_x86_rm(x) | ((x->rex & REX_B) != 0 ? 8 : 0));
	return out->kind == INSN_WRITE_CONTROL || out->immediate < 8;
}

static bool decode_meaning(const struct axb_x86_insn *x, struct insn *out)
{
	for (size_t i = 0; i < AXB_ARRAY_COUNT(moves); i++) {
		if (moves[i].map == x->map && moves[i].opcode == x->opcode) {
			return decode_move(&moves[i], x, out);
		}
	}
	if (x->map == AXB_X86_MAP_0F && (x->opcode == 0x22 || x->opcode == 0x23)) {
		return decode_special(x, out);
	}
	if (x->map != AXB_X86_MAP_PRIMARY) {
		return false;
	}
	switch (x->opcode) {
	case 0xcc:
		out->kind = INSN_INT3;
		return true;
	case 0xcd:
		out->kind = INSN_INT;
		out->immediate = (uint8_t)x->imm;
		return true;
	case 0xf4:
		out->kind = INSN_HLT;
		return true;
	default:
		return false;
	}
}

bool insn_decode(const uint8_t *bytes, size_t count, bool is_64bit, struct insn *out)
{
	/* Filled up, so that what is shorter in 32-bit code is not cut off for the decoder. */
	uint8_t padded[INSN_LENGTH_MAX] = {0};
	struct axb_x86_insn x;
	const uint32_t refused = AXB_X86_PREFIX_LOCK | AXB_X86_PREFIX_REP | AXB_X86_PREFIX_REPNE;
	*out = (struct insn){0};
	memcpy(padded, bytes, count < sizeof(padded) ? count : sizeof(padded));
	if (axb_x86_decode(axb_bytes_of(padded, sizeof(padded)), &x) != AXB_X86_OK ||
		x.encoding != AXB_X86_LEGACY || (x.prefixes & refused) != 0 ||
		(!is_64bit && !adapt_to_32bit(padded, &x)) || x.length > count) {
		return false;
	}
	out->length = x.length;
	return decode_meaning(&x, out);
}

static uint64_t low_bytes(uint64_t value, uint8_t size)
{
	return size < 8 ? value & ((UINT64_C(1) << 8 * size) - 1) : value;
}

uint64_t insn_stored(const struct insn *insn, const uint64_t *gpr)
{
	if (insn->kind == INSN_STORE_IMMEDIATE) {
		return low_bytes(insn->immediate, insn->size);
	}
	return low_bytes(gpr[insn->reg] >> (insn->high_byte ? 8 : 0), insn->size);
}

void insn_load(const struct insn *insn, uint64_t *gpr, uint64_t value)
{
	uint32_t shift = insn->high_byte ? 8 : 0;
	value = low_bytes(value, insn->size);
	if (insn->sign_extend && (value >> (8 * insn->size - 1) & 1) != 0) {
		value |= ~low_bytes(UINT64_MAX, insn->size);
	}
	value = low_bytes(value, insn->register_size);
	if (insn->register_size >= 4) {
		gpr[insn->reg] = value;
		return;
	}
	uint64_t mask = low_bytes(UINT64_MAX, insn->register_size) << shift;
	gpr[insn->reg] = (gpr[insn->reg] & ~mask) | value << shift;
}
