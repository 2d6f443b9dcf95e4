/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * The yardstick: about the fastest interpreter that portable C gives without further ideas. Each
 * instruction is pre-decoded to the address of its code, its registers and its operand; nothing is
 * checked, and nothing is specialized or fused. It has what the benchmark programs use: cpu v3
 * without atomic operations. gcc makes the faster code of it (BUILD).
 */
#include "platforms/host/bench/engine.h"
#include "platforms/host/bench/native.h"
#include "platforms/host/bench/progs/bench.h"

struct op {
	const void *code;
	uint16_t dst; /* registers as byte offsets */
	uint16_t src;
	int32_t offset;
	int64_t imm;
};

#define OP_MAX 4096
static struct op ops[OP_MAX];

/* X(opcode, name, statement) */
#define ALU64(X, op, name, operator)                                                               \
	X(op | 0x0f, name##64_REG, DST = DST operator SRC)                                         \
	X(op | 0x07, name##64_IMM, DST = DST operator(uint64_t) IMM)                               \
	X(op | 0x0c, name##32_REG, DST = (uint32_t)((uint32_t)DST operator(uint32_t) SRC))         \
	X(op | 0x04, name##32_IMM, DST = (uint32_t)((uint32_t)DST operator(uint32_t) IMM))
#define SHIFT(X, op, name, operator, U64, U32)                                                     \
	X(op | 0x0f, name##64_REG, DST = (uint64_t)((U64)DST operator(SRC & 63)))                  \
	X(op | 0x07, name##64_IMM, DST = (uint64_t)((U64)DST operator(IMM & 63)))                  \
	X(op | 0x0c, name##32_REG, DST = (uint32_t)((U32)DST operator(SRC & 31)))                  \
	X(op | 0x04, name##32_IMM, DST = (uint32_t)((U32)DST operator(IMM & 31)))
#define DIVISION(X, op, name, operator, zero)                                                      \
	X(op | 0x0f, name##64_REG, DST = SRC ? DST operator SRC : zero)                            \
	X(op | 0x07, name##64_IMM, DST = IMM ? DST operator(uint64_t) IMM : zero)                  \
	X(op | 0x0c, name##32_REG,                                                                 \
		DST = (uint32_t)SRC ? (uint32_t)DST operator(uint32_t) SRC : (uint32_t)zero)       \
	X(op | 0x04, name##32_IMM,                                                                 \
		DST = (uint32_t)IMM ? (uint32_t)DST operator(uint32_t) IMM : (uint32_t)zero)
#define BRANCH(X, op, name, operator, T64, T32)                                                    \
	X(op | 0x0d, name##64_REG, if ((T64)DST operator(T64) SRC) JUMP)                           \
	X(op | 0x05, name##64_IMM, if ((T64)DST operator(T64) IMM) JUMP)                           \
	X(op | 0x0e, name##32_REG, if ((T32)DST operator(T32) SRC) JUMP)                           \
	X(op | 0x06, name##32_IMM, if ((T32)DST operator(T32) IMM) JUMP)
#define MEMORY(X, size, name, T)                                                                   \
	X(0x61 | size, LDX##name, DST = *(const T *)(uintptr_t)(SRC + (uint64_t)OFFSET))           \
	X(0x63 | size, STX##name, *(T *)(uintptr_t)(DST + (uint64_t)OFFSET) = (T)SRC)              \
	X(0x62 | size, ST##name, *(T *)(uintptr_t)(DST + (uint64_t)OFFSET) = (T)IMM)
/* clang-format takes operators as arguments for expressions and settles on no layout. */
// clang-format off
#define OPS(X) \
	ALU64(X, 0x00, ADD, +) \
	ALU64(X, 0x10, SUB, -) \
	ALU64(X, 0x20, MUL, *) \
	ALU64(X, 0x40, OR, |) \
	ALU64(X, 0x50, AND, &) \
	ALU64(X, 0xa0, XOR, ^) \
	SHIFT(X, 0x60, LSH, <<, uint64_t, uint32_t) \
	SHIFT(X, 0x70, RSH, >>, uint64_t, uint32_t) \
	SHIFT(X, 0xc0, ARSH, >>, int64_t, int32_t) \
	DIVISION(X, 0x30, DIV, /, 0) \
	DIVISION(X, 0x90, MOD, %, DST) \
	X(0x87, NEG64, DST = 0 - DST) \
	X(0x84, NEG32, DST = (uint32_t)(0 - DST)) \
	X(0xbf, MOV64_REG, DST = SRC) \
	X(0xb7, MOV64_IMM, DST = (uint64_t)IMM) \
	X(0xbc, MOV32_REG, DST = (uint32_t)SRC) \
	X(0xb4, MOV32_IMM, DST = (uint32_t)IMM) \
	BRANCH(X, 0x10, JEQ, ==, uint64_t, uint32_t) \
	BRANCH(X, 0x50, JNE, !=, uint64_t, uint32_t) \
	BRANCH(X, 0x20, JGT, >, uint64_t, uint32_t) \
	BRANCH(X, 0x30, JGE, >=, uint64_t, uint32_t) \
	BRANCH(X, 0xa0, JLT, <, uint64_t, uint32_t) \
	BRANCH(X, 0xb0, JLE, <=, uint64_t, uint32_t) \
	BRANCH(X, 0x40, JSET, &, uint64_t, uint32_t) \
	BRANCH(X, 0x60, JSGT, >, int64_t, int32_t) \
	BRANCH(X, 0x70, JSGE, >=, int64_t, int32_t) \
	BRANCH(X, 0xc0, JSLT, <, int64_t, int32_t) \
	BRANCH(X, 0xd0, JSLE, <=, int64_t, int32_t) \
	X(0x05, JA, JUMP) \
	MEMORY(X, 0x10, B, uint8_t) \
	MEMORY(X, 0x08, H, uint16_t) \
	MEMORY(X, 0x00, W, uint32_t) \
	MEMORY(X, 0x18, DW, uint64_t)
// clang-format on

#define DST (*(uint64_t *)(void *)((char *)regs + o->dst))
#define SRC (*(uint64_t *)(void *)((char *)regs + o->src))
#define IMM ((int32_t)o->imm)
#define OFFSET ((int64_t)o->offset)
#define JUMP o += o->offset
#define NEXT                                                                                       \
	do {                                                                                       \
		o++;                                                                               \
		goto * o->code;                                                                    \
	} while (0)

enum {
	OPCODE_LDDW = 0x18,
	OPCODE_CALL = 0x85,
	OPCODE_CALL_LOCAL = 0x86, /* ours: a call with source register field 1 */
	OPCODE_EXIT = 0x95,
};

/* Run from @o; NULL: give the table of code addresses by opcode instead. */
static uint64_t interpret(uint64_t *regs, const struct op *o, const void *const **table)
{
#define ROW(opcode, name, statement) [opcode] = &&name,
	static const void *const addresses[256] = {OPS(ROW)[OPCODE_LDDW] = &&LDDW,
		[OPCODE_CALL] = &&CALL, [OPCODE_CALL_LOCAL] = &&CALL_LOCAL, [OPCODE_EXIT] = &&EXIT};
#undef ROW
	if (o == NULL) {
		*table = addresses;
		return 0;
	}
	goto * o->code;
#define CODE(opcode, name, statement)                                                              \
	name: {                                                                                    \
		statement;                                                                         \
	}                                                                                          \
	NEXT;
	OPS(CODE)
#undef CODE
LDDW:
	DST = (uint64_t)o->imm;
	o++;
	NEXT;
CALL:
	regs[0] = call_helper(regs[1], regs[2], regs[3], regs[4], regs[5]);
	NEXT;
CALL_LOCAL: {
	uint64_t stack[64];
	uint64_t callee[11];
	for (unsigned i = 0; i < 10; i++) {
		callee[i] = regs[i];
	}
	callee[10] = (uintptr_t)(stack + 64);
	regs[0] = interpret(callee, o + o->imm + 1, NULL);
}
	NEXT;
EXIT:
	return regs[0];
}

static const char *missing(void)
{
	return NULL;
}

static bool load(const struct bench_program *program, struct bench_memory memory)
{
	const void *const *table;
	(void)memory;
	(void)interpret(NULL, NULL, &table);
	if (program->insn_count > OP_MAX) {
		return false;
	}
	for (uint32_t i = 0; i < program->insn_count; i++) {
		struct axb_insn insn = program->insns[i];
		bool local = insn.opcode == OPCODE_CALL && axb_insn_src(insn) == AXB_CALL_LOCAL;
		ops[i] = (struct op){
			.code = table[local ? OPCODE_CALL_LOCAL : insn.opcode],
			.dst = (uint16_t)(axb_insn_dst(insn) * 8),
			.src = (uint16_t)(axb_insn_src(insn) * 8),
			.offset = insn.offset,
			.imm = insn.imm,
		};
		if (ops[i].code == NULL) {
			return false;
		}
		if (insn.opcode == OPCODE_LDDW) {
			i++;
			ops[i - 1].imm = (int64_t)((uint64_t)(uint32_t)program->insns[i].imm << 32 |
						   (uint32_t)insn.imm);
		}
	}
	return true;
}

static double run(struct bench_memory memory, uint64_t count, uint32_t *result)
{
	uint64_t stack[64];
	uint64_t regs[11];
	uint64_t r0 = 0;
	for (uint64_t i = 0; i < count; i++) {
		regs[1] = (uintptr_t)memory.bytes;
		regs[2] = memory.size;
		regs[10] = (uintptr_t)(stack + 64);
		r0 = interpret(regs, ops, NULL);
	}
	*result = (uint32_t)r0;
	return 0;
}

const struct bench_engine bench_reference = {"reference", missing, load, run};
