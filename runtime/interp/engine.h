/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Inside of the interpreter: pre-decoded operations, the state of a run, and what its parts call.
 *
 *   predecode.c  struct axb_checked -> operations; chooses handlers and fuses pairs
 *   ops.inc      the handlers, compiled once with checks (checked.c) and once without (unchecked.c)
 *   memory.c     which memory an address belongs to, when a handler's quick check did not know
 *   call.c       helper arguments, local frames
 *   interp.c     begin and end of a run
 */
#ifndef AXB_RUNTIME_INTERP_ENGINE_H_
#define AXB_RUNTIME_INTERP_ENGINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "codegen/gen/helpers_gen.h"
#include "runtime/base/limits.h"
#include "runtime/base/types.h"
#include "runtime/helpers/env.h"
#include "runtime/interp/handlers.h"
#include "runtime/interp/interp.h"
#include "runtime/isa/insn.h"
#include "runtime/verifier/checked.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axb_run;

/**
 * A pre-decoded operation. Operation i belongs to instruction i, so that jumps need no table and a
 * fused operation can leave the one behind it in place for jumps to it.
 */
struct axb_iop {
	const void *handler;
	uint8_t dst;    /**< register as byte offset in struct axb_run */
	uint8_t src;    /**< the same */
	uint16_t extra; /**< a third register, or a region as byte offset in struct axb_run */
	int32_t imm;
	union {
		int64_t value; /**< second operand, or displacement of an access */
		const struct axb_iop *target;
		const struct axb_call_site *call;
	};
};

/** A helper call. */
struct axb_call_site {
	axb_helper_fn_t fn;
	const struct axb_helper_proto *proto; /**< NULL: all arguments are scalars */
	uint32_t id;
	uint16_t region; /**< where accesses through the returned pointer look first */
};

/** Access sizes as index: log2 of the bytes. */
#define AXB_SIZE_CLASSES 4u

/**
 * Memory that the program may access, in the form that makes a check one subtraction and one
 * comparison: an access of 1 << c bytes at a is inside when a - base < load_limit[c].
 */
struct axb_region {
	uint64_t base;
	uint32_t load_limit[AXB_SIZE_CLASSES];
	uint32_t store_limit[AXB_SIZE_CLASSES]; /**< 0 for read-only memory */
};

/** Regions of a run: caches, each for the accesses that predecode.c thinks go to one place. */
enum {
	AXB_REGION_CTX,
	AXB_REGION_STACK,
	AXB_REGION_ANY,
	AXB_REGION_FIRST_POINTER, /**< map values and records, by the instruction that gave them */
	AXB_REGION_COUNT = 8
};

/** A frame of a local call. */
struct axb_frame {
	const struct axb_iop *return_to;
	uint64_t saved[4]; /**< the caller's r6 to r9 */
	uint64_t top;      /**< r10 */
	uint64_t zeroed;   /**< the frame is zeroed from here to the top */
	uint32_t size;
};

/** Bytes, whether it stores, and which instruction of a fused operation does it (0 = the first). */
#define AXB_SLOW_ACCESS(size, stores, insn_delta)                                                  \
	((uint32_t)(size) | (uint32_t)(stores) << 8 | (uint32_t)(insn_delta) << 16)

/** One run. Only what is used is initialized. */
struct axb_run {
	uint64_t regs[AXB_REG_COUNT];
	struct axb_env *env;
	const struct axb_interp *interp;
	uint32_t depth; /**< index of the current frame */
	/** The access that a handler's quick check refused, for axb_run_resolve():
	 * AXB_SLOW_ACCESS(). */
	uint32_t slow_access;
	uint64_t slow_address;
	struct axb_region regions[AXB_REGION_COUNT];
	struct axb_frame frames[AXB_FRAME_MAX];
	uint8_t stack[AXB_FRAME_MAX * AXB_STACK_MAX] AXB_ALIGNED(16);
};

struct axb_interp {
	const struct axb_checked *checked;
	const struct axb_iop *ops;
	void (*enter)(const struct axb_iop *op, struct axb_run *run);
	int64_t fuel_bytes; /**< AXB_FUEL_DEFAULT operations */
	struct axb_subprog entry;
	bool is_raw;          /**< r2 is the size of the context, which may be written */
	bool trusted;         /**< unchecked: nothing is zeroed */
	uint8_t region_count; /**< regions that operations name */
};

static inline uint32_t axb_run_insn_index(const struct axb_run *run, const struct axb_iop *op)
{
	return (uint32_t)(op - run->interp->ops);
}

/** The region at byte offset @offset of @run. */
static inline struct axb_region *axb_run_region(struct axb_run *run, uint16_t offset)
{
	return (struct axb_region *)((uintptr_t)run + offset);
}

/** End the run with a fault. */
void axb_run_fault(struct axb_run *run, uint32_t insn, enum axb_run_result result, uint64_t address,
	uint32_t size);

/** Set the region for @size bytes at @base; what exceeds 4 GiB is left to the slow path. */
static inline void axb_region_set(
	struct axb_region *region, uint64_t base, uint64_t size, bool writable)
{
	uint64_t room = size > UINT32_MAX ? UINT32_MAX : size;
	region->base = base;
	for (unsigned i = 0; i < AXB_SIZE_CLASSES; i++) {
		uint32_t access = 1u << i;
		uint32_t limit = room >= access ? (uint32_t)(room - access + 1) : 0;
		region->load_limit[i] = limit;
		region->store_limit[i] = writable ? limit : 0;
	}
}

/**
 * Find the memory that the access in run->slow_* belongs to and make it op's region, so that the
 * same operation passes its check when it is tried again.
 *
 * @return false when the program does not own it: the run has faulted.
 */
bool axb_run_resolve(struct axb_run *run, const struct axb_iop *op);

/** May the program access @size bytes at @address? @size 0 is allowed anywhere. */
bool axb_run_owns(struct axb_run *run, uint64_t address, uint64_t size, bool stores);

/** Does a NUL-terminated string begin at @address in memory that the program may read? */
bool axb_run_owns_string(struct axb_run *run, uint64_t address);

/**
 * Check the arguments and call the helper.
 * @return false when an argument is wrong: the run has faulted.
 */
bool axb_run_call_helper(
	struct axb_run *run, const struct axb_iop *op, const struct axb_call_site *site);

/** Call by register: the helper whose id is in @id. False: the run has faulted. */
bool axb_run_call_by_id(struct axb_run *run, const struct axb_iop *op, uint64_t id);

/** Zero the part of a new frame that the program names directly. */
void axb_run_zero_frame(const struct axb_frame *frame);

/** The frame is left: its memory is the program's no longer. */
void axb_run_forget_frame(struct axb_run *run, const struct axb_frame *frame);

/** Handlers with checks, by enum axb_handler, and the way into them. */
const void *const *axb_checked_handlers(void);
void axb_checked_enter(const struct axb_iop *op, struct axb_run *run);

/** What predecode.c makes: AXB_OK, AXB_ERR_NOMEM. */
struct axb_predecode_config {
	const void *const *handlers;
	void (*enter)(const struct axb_iop *op, struct axb_run *run);
	bool trusted;
};
AXB_MUST_USE enum axb_status axb_predecode(const struct axb_checked *checked,
	const struct axb_predecode_config *config, struct axb_arena *arena,
	const struct axb_interp **out);

#ifdef __cplusplus
}
#endif

#endif
