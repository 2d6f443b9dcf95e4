/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * From untrusted instructions to an axb_checked: opcodes, reserved fields, jumps, fall-through,
 * helper ids, unreachable code, call depth and stack size are sound. Values and pointers are not
 * looked at: an axb_checked runs in the checked interpreter only.
 */
#ifndef AXB_RUNTIME_VERIFIER_VERIFY_H_
#define AXB_RUNTIME_VERIFIER_VERIFY_H_

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"
#include "runtime/helpers/env.h"
#include "runtime/isa/insn.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axb_map;

/** Program types. Section names choose them; contexts and allowed helpers follow from them. */
enum axb_prog_type {
	AXB_PROG_TYPE_RAW = 0, /**< raw bytecode of `run --raw`: r1 = memory, r2 = its length */
	AXB_PROG_TYPE_TRACEPOINT,
	AXB_PROG_TYPE_HPROBE,
	AXB_PROG_TYPE_HRETPROBE,
	AXB_PROG_TYPE_KPROBE,
	AXB_PROG_TYPE_KRETPROBE,
	AXB_PROG_TYPE_COUNT_
};

/** What is to be verified. Instruction 0 is the entry; subprograms follow. */
struct axb_code {
	const struct axb_insn *insns;
	uint32_t insn_count;
	enum axb_prog_type type;
	struct axb_map *const *maps; /**< AXB_LDDW_MAP and _MAP_VALUE index this list */
	uint32_t map_count;
	const struct axb_helper_table *helpers; /**< ids outside it are rejected */
};

/** Reasons of a rejection: the enumerators of reject.def. */
enum axb_reject_reason {
	AXB_REJECT_NONE = 0,
#define AXB_X(name, text) AXB_REJECT_##name,
#include "runtime/verifier/reject.def"
#undef AXB_X
	AXB_REJECT_COUNT_
};

/** A rejection as data. */
struct axb_reject {
	enum axb_reject_reason reason;
	uint32_t insn;       /**< index of the instruction */
	int64_t operands[2]; /**< what reject.def's text names as {0} and {1} */
};

/** Text of a rejection, e.g. "insn 3: jump to 17 leaves the program (4 instructions)". */
void axb_reject_explain(const struct axb_reject *reject, struct axb_text *out);

/** Program whose structure is sound. Opaque; lives in the arena it was made in. */
struct axb_checked;

/**
 * Check @code and make an axb_checked with its own copy of the instructions.
 *
 * Context: boot, thread. Time linear in insn_count times AXB_FRAME_MAX.
 * @return AXB_OK; AXB_ERR_REJECTED (@why says more); AXB_ERR_NOMEM.
 */
AXB_MUST_USE enum axb_status axb_verify(const struct axb_code *code, struct axb_arena *arena,
	const struct axb_checked **out, struct axb_reject *why);

/** The code that was checked; pointers are valid as long as the arena. */
const struct axb_code *axb_checked_code(const struct axb_checked *checked);

/** The most stack bytes that a chain of calls can use. */
uint32_t axb_checked_stack_bytes(const struct axb_checked *checked);

#ifdef __cplusplus
}
#endif

#endif
