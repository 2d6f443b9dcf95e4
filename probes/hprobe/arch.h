/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What differs between the architectures for probes on the hypervisor: one implementation each, in
 * aarch64/ and x86_64/, chosen by the build. All are pure but for memory that regs point at.
 */
#ifndef AXB_PROBES_HPROBE_ARCH_H_
#define AXB_PROBES_HPROBE_ARCH_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/core/dispatch.h"
#include "probes/insn/step.h"
#include "runtime/text/patch.h"

/** Longest instruction; and what is read before a site to know its neighbors. */
#define HPROBE_INSN_MAX 16u
#define HPROBE_BEFORE_MAX 64u

/** sizeof the registers, for programs. */
extern const uint32_t hprobe_regs_size;
/** The breakpoint, at the beginning of an instruction. */
extern const uint8_t hprobe_breakpoint[4];
extern const uint8_t hprobe_breakpoint_size;

/**
 * How to get past the instruction at code[@offset], where code[0 .. @size) is the function from its
 * symbol on, not all of it perhaps, but more than the instruction. *@is_boundary = false: no
 * instruction begins there.
 */
void hprobe_step(
	const uint8_t *code, size_t size, size_t offset, struct axb_step *out, bool *is_boundary);

enum axb_refuse hprobe_slot(
	const uint8_t *insn, uint64_t site, uint64_t slot, struct axb_slot_code *out);

/** An instruction made ready for hprobe_simulate(). */
struct hprobe_decoded {
	uint64_t words[8];
};
void hprobe_decode(const uint8_t *insn, struct hprobe_decoded *out);
/** Calls nothing that can be probed. */
void hprobe_simulate(const struct hprobe_decoded *insn, struct axb_regs *regs);

AXB_MUST_USE enum axb_status hprobe_plan_patch(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out);

uint64_t hprobe_pc(const struct axb_regs *regs);
void hprobe_set_pc(struct axb_regs *regs, uint64_t pc);
/** First six arguments; results. */
uint64_t hprobe_argument(const struct axb_regs *regs, uint32_t index);
uint64_t hprobe_result(const struct axb_regs *regs);

/** At the first instruction of a function: where it returns to, and the frame that tells its
 * return from those of deeper calls. */
uint64_t hprobe_return_address(const struct axb_regs *regs);
void hprobe_set_return_address(struct axb_regs *regs, uint64_t address);
uint64_t hprobe_entry_frame(const struct axb_regs *regs);
/** The same frame, right after the return. */
uint64_t hprobe_return_frame(const struct axb_regs *regs);

/* Patch sites of the compiler: NOPs at the entry of a function that become a jump to a stub. */

/** The NOP that is there, and the jump; bytes. On x86_64 the NOP may be longer. */
extern const uint8_t hprobe_nop[8];
extern const uint8_t hprobe_jump_size;
/** A jump comes into the text in one write; else behind a breakpoint. */
extern const bool hprobe_jump_is_one_write;

/** Do a NOP and room for the jump begin at @code? */
bool hprobe_is_nop(const uint8_t *code, size_t size);
/** Is there room for the jump, but in several NOPs? They are to become one. */
bool hprobe_is_split_nop(const uint8_t code[HPROBE_INSN_MAX]);

/** Bytes of the landing pad for indirect branches at @code; 0 = there is none. */
size_t hprobe_landing_pad(const uint8_t *code, size_t size);
/** A breakpoint may not be put in its place: the branch would fault. */
extern const bool hprobe_must_keep_landing_pad;

/** The jump from @from to @to; false when it does not reach. */
bool hprobe_jump(uint64_t from, uint64_t to, uint8_t out[HPROBE_INSN_MAX]);

/** The code at @stub that calls hprobe_on_site(@site, its registers), and goes on at @back. */
enum axb_refuse hprobe_stub(
	uint64_t stub, uint64_t back, const void *site, struct axb_slot_code *out);

/** Find out what the stubs must save. Context: boot. */
void hprobe_prepare_stubs(void);

/** Where functions whose return is waited for return to: calls hprobe_on_return(). */
extern const uint8_t hprobe_return_stub[];

struct hprobe_site;
/** The pc of @regs is that of the site. @return where to go on, with all registers as @regs has
 * them; 0 = behind the patch site, and only where a function returns to has changed in @regs. */
uint64_t hprobe_on_site(struct hprobe_site *site, struct axb_regs *regs);
/** @return where to go on. */
uint64_t hprobe_on_return(struct axb_regs *regs);

#endif
