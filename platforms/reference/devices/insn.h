/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Decoder of the few instructions that the hypervisor emulates: plain MOVs between a register or an
 * immediate and memory (the address is the nested page fault's, so it is not computed), MOV to a
 * debug or control register, INT3, INT n and HLT. 32-bit and 64-bit code. Pure.
 * Ref: APM vol. 3, 1.2 "Instruction Encoding", appendix A "Opcode and Operand Encodings".
 */
#ifndef AXB_PLATFORMS_REFERENCE_DEVICES_INSN_H_
#define AXB_PLATFORMS_REFERENCE_DEVICES_INSN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INSN_LENGTH_MAX 15u

enum insn_kind {
	INSN_LOAD,            /**< memory to register */
	INSN_STORE,           /**< register to memory */
	INSN_STORE_IMMEDIATE, /**< immediate to memory */
	INSN_WRITE_DEBUG,     /**< register to debug register number immediate */
	INSN_WRITE_CONTROL,   /**< register to control register number immediate */
	INSN_INT3,
	INSN_INT, /**< INT immediate */
	INSN_HLT,
};

struct insn {
	enum insn_kind kind;
	uint8_t length;
	uint8_t size;          /**< bytes of memory: 1, 2, 4, 8 */
	uint8_t register_size; /**< bytes that a load writes; 4 clears the upper half */
	uint8_t reg;           /**< 0 .. 15 */
	bool high_byte;        /**< AH, CH, DH or BH; reg is that of AL .. BL */
	bool sign_extend;
	uint64_t immediate;
};

/** Decode what the @count bytes at @bytes begin with. @return false for anything else. */
bool insn_decode(const uint8_t *bytes, size_t count, bool is_64bit, struct insn *out);

/** What a store writes. @param gpr 16 registers, in the order of their numbers */
uint64_t insn_stored(const struct insn *insn, const uint64_t *gpr);

/** Put the @value that a load read into its register. */
void insn_load(const struct insn *insn, uint64_t *gpr, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
