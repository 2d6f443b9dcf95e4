/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Names of the interpreter's handlers: one for each operation of opcode.def, and those that
 * predecode.c chooses instead where it knows more. Pure data.
 */
#ifndef AXB_RUNTIME_INTERP_HANDLERS_H_
#define AXB_RUNTIME_INTERP_HANDLERS_H_

#include "runtime/isa/opcode.h"

/** X(name): operations whose meaning needs no handler of its own. */
#define AXB_HANDLER_EXTRA_LIST(X)                                                                  \
	X(CALL_SCALARS) /* helper that takes and gives numbers only */                             \
	X(EXIT_SUBPROG)                                                                            \
	X(FRAME_LDXB) /* loads and stores at r10 + constant: nothing to check */                   \
	X(FRAME_LDXH)                                                                              \
	X(FRAME_LDXW)                                                                              \
	X(FRAME_LDXDW)                                                                             \
	X(FRAME_LDXSB)                                                                             \
	X(FRAME_LDXSH)                                                                             \
	X(FRAME_LDXSW)                                                                             \
	X(FRAME_STB)                                                                               \
	X(FRAME_STH)                                                                               \
	X(FRAME_STW)                                                                               \
	X(FRAME_STDW)                                                                              \
	X(FRAME_STXB)                                                                              \
	X(FRAME_STXH)                                                                              \
	X(FRAME_STXW)                                                                              \
	X(FRAME_STXDW)

/** Backward jumps, which use fuel. */
#define AXB_HANDLER_BACK_LIST(X)                                                                   \
	X(JA)                                                                                      \
	AXB_HANDLER_BRANCH_LIST_(X, 64)                                                            \
	AXB_HANDLER_BRANCH_LIST_(X, 32)
#define AXB_HANDLER_BRANCH_LIST_(X, bits)                                                          \
	X(JEQ##bits##_IMM)                                                                         \
	X(JEQ##bits##_REG)                                                                         \
	X(JGT##bits##_IMM)                                                                         \
	X(JGT##bits##_REG)                                                                         \
	X(JGE##bits##_IMM)                                                                         \
	X(JGE##bits##_REG)                                                                         \
	X(JSET##bits##_IMM)                                                                        \
	X(JSET##bits##_REG)                                                                        \
	X(JNE##bits##_IMM)                                                                         \
	X(JNE##bits##_REG)                                                                         \
	X(JSGT##bits##_IMM)                                                                        \
	X(JSGT##bits##_REG)                                                                        \
	X(JSGE##bits##_IMM)                                                                        \
	X(JSGE##bits##_REG)                                                                        \
	X(JLT##bits##_IMM)                                                                         \
	X(JLT##bits##_REG)                                                                         \
	X(JLE##bits##_IMM)                                                                         \
	X(JLE##bits##_REG)                                                                         \
	X(JSLT##bits##_IMM)                                                                        \
	X(JSLT##bits##_REG)                                                                        \
	X(JSLE##bits##_IMM)                                                                        \
	X(JSLE##bits##_REG)

/** X(name, bits): arithmetic fused with the move of a register in front of it. */
#define AXB_HANDLER_MOVED_LIST(X)                                                                  \
	AXB_HANDLER_MOVED_LIST_(X, 64)                                                             \
	AXB_HANDLER_MOVED_LIST_(X, 32)
#define AXB_HANDLER_MOVED_LIST_(X, bits)                                                           \
	X(ADD, bits)                                                                               \
	X(SUB, bits)                                                                               \
	X(MUL, bits)                                                                               \
	X(OR, bits)                                                                                \
	X(AND, bits)                                                                               \
	X(LSH, bits)                                                                               \
	X(RSH, bits)                                                                               \
	X(XOR, bits)                                                                               \
	X(ARSH, bits)

/** X(name): loads fused with the sum of two registers, their base, in front of them. */
#define AXB_HANDLER_INDEXED_LIST(X)                                                                \
	X(LDXB)                                                                                    \
	X(LDXH)                                                                                    \
	X(LDXW)                                                                                    \
	X(LDXDW)

/** Handlers 1 to AXB_OP_COUNT_ - 1 are those of enum axb_op. */
enum axb_handler {
	AXB_HANDLER_BASE_ = AXB_OP_COUNT_ - 1,
#define AXB_X(name) AXB_HANDLER_##name,
	AXB_HANDLER_EXTRA_LIST(AXB_X)
#undef AXB_X
#define AXB_X(name) AXB_HANDLER_BACK_##name,
		AXB_HANDLER_BACK_LIST(AXB_X)
#undef AXB_X
#define AXB_X(name, bits)                                                                          \
	AXB_HANDLER_MOVED_##name##bits##_IMM, AXB_HANDLER_MOVED_##name##bits##_REG,
			AXB_HANDLER_MOVED_LIST(AXB_X)
#undef AXB_X
#define AXB_X(name) AXB_HANDLER_INDEXED_##name,
				AXB_HANDLER_INDEXED_LIST(AXB_X)
#undef AXB_X
					AXB_HANDLER_COUNT_
};

#endif
