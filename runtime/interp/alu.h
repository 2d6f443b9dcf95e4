/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What arithmetic and comparisons of eBPF mean, once, for every engine of C: axb_alu64_ADD(a, b)
 * ... axb_cmp32_SLE(a, b). No operand is undefined behavior. Pure; any context.
 * Ref: RFC 9669 sections 4.1 to 4.3.
 */
#ifndef AXB_RUNTIME_INTERP_ALU_H_
#define AXB_RUNTIME_INTERP_ALU_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** X(name, expression of a and b, unsigned type U, signed type S, bits). */
#define AXB_ALU_LIST(X, U, S, bits)                                                                \
	X(ADD, a + b, U, S, bits)                                                                  \
	X(SUB, a - b, U, S, bits)                                                                  \
	X(MUL, (a * b), U, S, bits)                                                                \
	X(DIV, b == 0 ? 0 : a / b, U, S, bits)                                                     \
	X(SDIV, b == 0 ? 0 : b == ~(U)0 ? 0 - a : (U)((S)a / (S)b), U, S, bits)                    \
	X(OR, a | b, U, S, bits)                                                                   \
	X(AND, (a & b), U, S, bits)                                                                \
	X(LSH, a << (b & (bits - 1)), U, S, bits)                                                  \
	X(RSH, a >> (b & (bits - 1)), U, S, bits)                                                  \
	X(MOD, b == 0 ? a : a % b, U, S, bits)                                                     \
	X(SMOD, b == 0 ? a : b == ~(U)0 ? 0 : (U)((S)a % (S)b), U, S, bits)                        \
	X(XOR, a ^ b, U, S, bits)                                                                  \
	X(ARSH, (U)((S)a >> (b & (bits - 1))), U, S, bits)

/** X(name, expression, U, S, bits); the operands of signed comparisons are converted. */
#define AXB_CMP_LIST(X, U, S, bits)                                                                \
	X(JEQ, a == b, U, S, bits)                                                                 \
	X(JGT, a > b, U, S, bits)                                                                  \
	X(JGE, a >= b, U, S, bits)                                                                 \
	X(JSET, (a & b) != 0, U, S, bits)                                                          \
	X(JNE, a != b, U, S, bits)                                                                 \
	X(JSGT, (S)a > (S)b, U, S, bits)                                                           \
	X(JSGE, (S)a >= (S)b, U, S, bits)                                                          \
	X(JLT, a < b, U, S, bits)                                                                  \
	X(JLE, a <= b, U, S, bits)                                                                 \
	X(JSLT, (S)a < (S)b, U, S, bits)                                                           \
	X(JSLE, (S)a <= (S)b, U, S, bits)

#define AXB_ALU_FUNCTION_(name, expression, U, S, bits)                                            \
	static inline U axb_alu##bits##_##name(U a, U b)                                           \
	{                                                                                          \
		return expression;                                                                 \
	}
#define AXB_CMP_FUNCTION_(name, expression, U, S, bits)                                            \
	static inline bool axb_cmp##bits##_##name(U a, U b)                                        \
	{                                                                                          \
		return expression;                                                                 \
	}
AXB_ALU_LIST(AXB_ALU_FUNCTION_, uint64_t, int64_t, 64)
AXB_ALU_LIST(AXB_ALU_FUNCTION_, uint32_t, int32_t, 32)
AXB_CMP_LIST(AXB_CMP_FUNCTION_, uint64_t, int64_t, 64)
AXB_CMP_LIST(AXB_CMP_FUNCTION_, uint32_t, int32_t, 32)
#undef AXB_ALU_FUNCTION_
#undef AXB_CMP_FUNCTION_

#ifdef __cplusplus
}
#endif

#endif
