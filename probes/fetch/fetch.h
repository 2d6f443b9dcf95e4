/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Fetch arguments of probes, in the words of Linux kprobe_events
 * (Documentation/trace/kprobetrace.rst): "dfd=$arg1:s32 file=+0($arg2):string" becomes a small
 * program that fills the arguments of an event from registers and memory. Pure: what differs
 * between architectures is in a table, memory and symbols come through functions of the caller.
 */
#ifndef AXB_PROBES_FETCH_FETCH_H_
#define AXB_PROBES_FETCH_FETCH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codegen/gen/event_gen.h" // Generated.
#include "runtime/base/limits.h"
#include "runtime/base/status.h"
#include "runtime/base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Reads of memory for one value: "+8(+0(%x0))" are two. */
#define AXB_FETCH_READ_MAX 4u
/** Bytes of an argument's name, NUL included. */
#define AXB_FETCH_NAME_MAX 24u

struct axb_fetch_reg {
	const char *name;
	uint16_t offset; /**< of its 8 bytes in the registers */
};

/** What differs between architectures; the registers are those of codegen/gen/contexts_gen.h. */
struct axb_fetch_arch {
	const struct axb_fetch_reg *regs;
	uint32_t reg_count;
	uint16_t arguments[8]; /**< offsets of the registers that carry arguments, in order */
	uint32_t argument_count;
	uint16_t result;
	uint16_t sp;
};

/** struct axb_user_pt_regs, struct axb_pt_regs_x86_64. */
extern const struct axb_fetch_arch axb_fetch_aarch64;
extern const struct axb_fetch_arch axb_fetch_x86_64;

/** What arguments are fetched for. */
struct axb_fetch_target {
	const struct axb_fetch_arch *arch;
	bool is_return; /**< a return probe: $retval, no $argN */
	/** Address of a symbol, for "@SYM"; NULL = there are none. */
	bool (*symbol)(void *cookie, const char *name, uint64_t *address);
	void *cookie; /**< for symbol */
};

/** One argument. Treat as opaque. */
struct axb_fetch_arg {
	char name[AXB_FETCH_NAME_MAX];
	uint64_t value;                      /**< constant, or offset in the registers */
	int64_t offsets[AXB_FETCH_READ_MAX]; /**< added before each read, the first one first */
	bool is_reg;
	bool is_signed;
	uint8_t reads;
	uint8_t size;       /**< bytes of the value; 0 = a string */
	uint8_t shift_up;   /**< of a bit field, in the 64 bits of a value */
	uint8_t shift_down; /**< likewise */
	char display;       /**< as in runtime/event/fields.h */
	uint8_t slot;
	uint8_t slots;
};

/** Arguments made ready. Treat as opaque. */
struct axb_fetch {
	uint32_t count;
	uint32_t slots;      /**< of an event's arguments */
	bool uses_arguments; /**< $argN: right at the entry of a function only */
	struct axb_fetch_arg args[AXB_EVENT_ARG_MAX];
};

/** What is wrong with the text. */
struct axb_fetch_error {
	uint32_t column; /**< 0-based position in the text */
	char what[128];
	char nearest[AXB_NAME_MAX]; /**< "" = no suggestion */
};

/**
 * Make @text ready: arguments [NAME=]FETCHARG[:TYPE], with blanks between them.
 *   FETCHARG: %REG $argN $retval $stack $stackN @ADDRESS @SYMBOL[+|-OFFSET] \IMMEDIATE
 *             +|-OFFSET(FETCHARG)
 *   TYPE: u8 .. u64 s8 .. s64 x8 .. x64 char string bWIDTH@OFFSET/SIZE; without it x64
 * Arguments without a name are called arg1, arg2, ... by their place, as in Linux.
 * Context: thread. @return AXB_OK; AXB_ERR_ARG (malformed, or nothing there); AXB_ERR_NOT_FOUND (no
 *   such register, symbol, type); AXB_ERR_UNSUPPORTED; AXB_ERR_LIMIT.
 */
AXB_MUST_USE enum axb_status axb_fetch_parse(const char *text,
	const struct axb_fetch_target *target, struct axb_fetch *out, struct axb_fetch_error *why);

/** Copies @size bytes from memory that may not be there: false = it is not. */
typedef bool (*axb_fetch_read_fn_t)(void *cookie, uint64_t address, void *to, size_t size);

/**
 * Fill args, nr_args and flags of @event. What cannot be read is 0, and AXB_EVENT_FAULT0 <<
 * its first slot is set in the flags; a string that did not fit sets AXB_EVENT_TRUNCATED.
 * Context: any where @read may be called. Time: at most 24 reads of 8 bytes or less.
 */
void axb_fetch_run(const struct axb_fetch *fetch, const void *regs, axb_fetch_read_fn_t read,
	void *cookie, struct axb_trace_event *event);

/** Do they fetch the same, under the same names? */
bool axb_fetch_equal(const struct axb_fetch *a, const struct axb_fetch *b);

/** " dfd:d file:s", which behind the name of its site is what runtime/event/fields.h reads. */
void axb_fetch_describe(const struct axb_fetch *fetch, struct axb_text *out);

#ifdef __cplusplus
}
#endif

#endif
