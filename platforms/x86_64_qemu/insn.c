/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "platforms/x86_64_qemu/insn.h"

#define REX_W 8u
#define REX_R 4u
#define REX_B 1u
#define OP_TWO_BYTES 0x0fu
/* Opcodes after OP_TWO_BYTES are kept as 0x100 + opcode. */
#define OP_TWO(opcode) (0x100u + (opcode))

struct cursor {
	const uint8_t *bytes;
	size_t count;
	size_t at;
	bool cut; /* more bytes were wanted than there are */
	bool is_64bit;
	bool operand_16;
	bool address_other; /* 0x67 */
	uint8_t rex;
	uint8_t modrm;
};

static uint8_t next(struct cursor *c)
{
	if (c->at >= c->count || c->at >= INSN_LENGTH_MAX) {
		c->cut = true;
		return 0;
	}
	return c->bytes[c->at++];
}

static uint64_t next_little(struct cursor *c, uint32_t size)
{
	uint64_t value = 0;
	for (uint32_t i = 0; i < size; i++) {
		value |= (uint64_t)next(c) << 8 * i;
	}
	return value;
}

/* Prefixes that change nothing here: segments. LOCK and REP do not go with these instructions. */
static bool is_segment_prefix(uint8_t byte)
{
	return byte == 0x26 || byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x64 ||
	       byte == 0x65;
}

static uint32_t read_opcode(struct cursor *c)
{
	uint8_t byte = next(c);
	while (!c->cut) {
		if (byte == 0x66) {
			c->operand_16 = true;
		} else if (byte == 0x67) {
			c->address_other = true;
		} else if (!is_segment_prefix(byte)) {
			break;
		}
		byte = next(c);
	}
	if (c->is_64bit && (byte & 0xf0) == 0x40) {
		c->rex = byte;
		byte = next(c);
	}
	return byte == OP_TWO_BYTES ? OP_TWO(next(c)) : byte;
}

/* Skip what follows ModRM: SIB and displacement. @return false for forms that are not handled. */
static bool skip_address(struct cursor *c)
{
	uint8_t mod = c->modrm >> 6;
	uint8_t rm = c->modrm & 7;
	if (mod == 3 || (!c->is_64bit && c->address_other)) {
		return false;
	}
	uint32_t displacement = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	if (rm == 4) {
		uint8_t sib = next(c);
		if (mod == 0 && (sib & 7) == 5) {
			displacement = 4;
		}
	} else if (mod == 0 && rm == 5) {
		displacement = 4;
	}
	(void)next_little(c, displacement);
	return true;
}

static uint8_t operand_size(const struct cursor *c)
{
	return (c->rex & REX_W) != 0 ? 8 : c->operand_16 ? 2 : 4;
}

/* The register in ModRM.reg as an operand of @size bytes. */
static void set_register(const struct cursor *c, uint8_t size, struct insn *out)
{
	out->reg = (uint8_t)((c->modrm >> 3 & 7) | ((c->rex & REX_R) != 0 ? 8 : 0));
	out->register_size = size;
	if (size == 1 && c->rex == 0 && out->reg >= 4) {
		out->reg -= 4;
		out->high_byte = true;
	}
}

static bool decode_move(struct cursor *c, enum insn_kind kind, uint8_t size, struct insn *out)
{
	c->modrm = next(c);
	out->kind = kind;
	out->size = size;
	set_register(c, size, out);
	return skip_address(c);
}

/* MOVZX, MOVSX, MOVSXD: less memory than register. */
static bool decode_extend(struct cursor *c, uint8_t size, bool sign_extend, struct insn *out)
{
	c->modrm = next(c);
	out->kind = INSN_LOAD;
	out->size = size;
	out->sign_extend = sign_extend;
	set_register(c, operand_size(c), out);
	return skip_address(c);
}

static bool decode_immediate(struct cursor *c, uint8_t size, struct insn *out)
{
	bool ok = decode_move(c, INSN_STORE_IMMEDIATE, size, out);
	uint32_t bytes = size == 8 ? 4 : size;
	uint64_t value = next_little(c, bytes);
	/* Extended to 64 bits; what does not fit @size is cut by the store. */
	out->immediate = bytes == 4 ? (uint64_t)(int64_t)(int32_t)value : value;
	return ok && (c->modrm >> 3 & 7) == 0;
}

/* MOV between AL .. RAX and memory at an address in the instruction. */
static bool decode_absolute(struct cursor *c, enum insn_kind kind, uint8_t size, struct insn *out)
{
	out->kind = kind;
	out->size = size;
	out->register_size = size;
	uint32_t full = c->is_64bit ? 8 : 4;
	(void)next_little(c, c->address_other ? full / 2 : full);
	return true;
}

/* MOV to debug or control register. */
static bool decode_special(struct cursor *c, enum insn_kind kind, struct insn *out)
{
	c->modrm = next(c);
	out->kind = kind;
	out->immediate = (c->modrm >> 3 & 7) | ((c->rex & REX_R) != 0 ? 8u : 0u);
	out->reg = (uint8_t)((c->modrm & 7) | ((c->rex & REX_B) != 0 ? 8 : 0));
	return kind == INSN_WRITE_CONTROL || out->immediate < 8;
}

static bool decode_opcode(struct cursor *c, uint32_t opcode, struct insn *out)
{
	switch (opcode) {
	case 0x88:
		return decode_move(c, INSN_STORE, 1, out);
	case 0x89:
		return decode_move(c, INSN_STORE, operand_size(c), out);
	case 0x8a:
		return decode_move(c, INSN_LOAD, 1, out);
	case 0x8b:
		return decode_move(c, INSN_LOAD, operand_size(c), out);
	case 0xa0:
		return decode_absolute(c, INSN_LOAD, 1, out);
	case 0xa1:
		return decode_absolute(c, INSN_LOAD, operand_size(c), out);
	case 0xa2:
		return decode_absolute(c, INSN_STORE, 1, out);
	case 0xa3:
		return decode_absolute(c, INSN_STORE, operand_size(c), out);
	case 0xc6:
		return decode_immediate(c, 1, out);
	case 0xc7:
		return decode_immediate(c, operand_size(c), out);
	case 0x63:
		return c->is_64bit && decode_extend(c, 4, true, out);
	case OP_TWO(0xb6):
		return decode_extend(c, 1, false, out);
	case OP_TWO(0xb7):
		return decode_extend(c, 2, false, out);
	case OP_TWO(0xbe):
		return decode_extend(c, 1, true, out);
	case OP_TWO(0xbf):
		return decode_extend(c, 2, true, out);
	case OP_TWO(0x23):
		return decode_special(c, INSN_WRITE_DEBUG, out);
	case OP_TWO(0x22):
		return decode_special(c, INSN_WRITE_CONTROL, out);
	case 0xcc:
		out->kind = INSN_INT3;
		return true;
	case 0xcd:
		out->kind = INSN_INT;
		out->immediate = next(c);
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
	struct cursor c = {.bytes = bytes, .count = count, .is_64bit = is_64bit};
	*out = (struct insn){0};
	uint32_t opcode = read_opcode(&c);
	if (c.cut || !decode_opcode(&c, opcode, out) || c.cut) {
		return false;
	}
	out->length = (uint8_t)c.at;
	return true;
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
