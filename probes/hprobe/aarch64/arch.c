/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: Procedure Call Standard for the Arm 64-bit Architecture (IHI 0055), 6.4.
 */
#include "probes/hprobe/arch.h"

#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/hprobe/hprobe.h"
#include "probes/insn/aarch64/decode.h"
#include "probes/insn/aarch64/step.h"
#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

#define INSN_SIZE 4u
#define REG_LINK 30u
#define BREAKPOINT (0xd4200000u | AXB_A64_BREAKPOINT << 5) /* BRK */

const uint32_t hprobe_regs_size = sizeof(struct axb_user_pt_regs);
const uint8_t hprobe_breakpoint[4] = {
	BREAKPOINT & 0xff, BREAKPOINT >> 8 & 0xff, BREAKPOINT >> 16 & 0xff, BREAKPOINT >> 24};
const uint8_t hprobe_breakpoint_size = INSN_SIZE;
const uint8_t hprobe_nop[8] = {0x1f, 0x20, 0x03, 0xd5};
const uint8_t hprobe_jump_size = INSN_SIZE;
const bool hprobe_jump_is_one_write = true;
/* BRK is compatible with every PSTATE.BTYPE. Ref: Arm ARM DDI 0487, D8.4.7. */
const bool hprobe_must_keep_landing_pad = false;

#define INSN_NOP 0xd503201fu
/* BTI with its two target bits. Ref: Arm ARM C6.2.44. */
#define INSN_BTI 0xd503241fu
#define INSN_BTI_MASK 0xffffff3fu
#define INSN_B 0x14000000u
#define INSN_BL 0x94000000u
#define BRANCH_FIELD 0x03ffffffu
#define BRANCH_REACH ((int64_t)1 << 27)
/* In a stub, behind its four instructions: the site. */
#define STUB_SITE_OFFSET 16u

AXB_NOPROBE_INLINE struct axb_user_pt_regs *pt(struct axb_regs *regs)
{
	return (struct axb_user_pt_regs *)(void *)regs;
}

AXB_NOPROBE_INLINE const struct axb_user_pt_regs *const_pt(const struct axb_regs *regs)
{
	return (const struct axb_user_pt_regs *)(const void *)regs;
}

static uint32_t word_of(const uint8_t *insn)
{
	uint32_t word;
	memcpy(&word, insn, sizeof(word));
	return word;
}

void hprobe_step(
	const uint8_t *code, size_t size, size_t offset, struct axb_step *out, bool *is_boundary)
{
	uint32_t words[AXB_A64_WINDOW_MAX + 1];
	size_t before = offset / INSN_SIZE;
	*is_boundary = offset % INSN_SIZE == 0 && size - offset >= INSN_SIZE;
	*out = (struct axb_step){.refuse = AXB_REFUSE_UNDEFINED};
	if (!*is_boundary) {
		return;
	}
	before = before < AXB_A64_WINDOW_MAX ? before : AXB_A64_WINDOW_MAX;
	memcpy(words, code + offset - before * INSN_SIZE, (before + 1) * INSN_SIZE);
	axb_a64_step(words, before, out);
}

enum axb_refuse hprobe_slot(
	const uint8_t *insn, uint64_t site, uint64_t slot, struct axb_slot_code *out)
{
	return axb_a64_slot(word_of(insn), site, slot, out);
}

/* Literals lie in the text, which is mapped. */
AXB_NOPROBE static bool read_text(void *cookie, uint64_t address, uint64_t *to, size_t size)
{
	(void)cookie;
	*to = size == 8 ? *(const uint64_t *)(uintptr_t)address
			: *(const uint32_t *)(uintptr_t)address;
	return true;
}

AXB_STATIC_ASSERT(sizeof(struct axb_a64_insn) <= sizeof(struct hprobe_decoded), "fits");

void hprobe_decode(const uint8_t *insn, struct hprobe_decoded *out)
{
	axb_a64_decode(word_of(insn), (struct axb_a64_insn *)(void *)out);
}

AXB_NOPROBE void hprobe_simulate(const struct hprobe_decoded *insn, struct axb_regs *regs)
{
	/* read_text() does not fail. */
	(void)axb_a64_simulate(
		(const struct axb_a64_insn *)(const void *)insn, pt(regs), read_text, NULL);
}

enum axb_status hprobe_plan_patch(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out)
{
	return axb_patch_plan_aarch64(from, to, size, out);
}

const struct axb_fetch_arch *axb_hprobe_fetch_arch(void)
{
	return &axb_fetch_aarch64;
}

AXB_NOPROBE uint64_t hprobe_pc(const struct axb_regs *regs)
{
	return const_pt(regs)->pc;
}

AXB_NOPROBE void hprobe_set_pc(struct axb_regs *regs, uint64_t pc)
{
	pt(regs)->pc = pc;
}

uint64_t hprobe_argument(const struct axb_regs *regs, uint32_t index)
{
	return index < 8 ? const_pt(regs)->regs[index] : 0;
}

uint64_t hprobe_result(const struct axb_regs *regs)
{
	return const_pt(regs)->regs[0];
}

uint64_t hprobe_return_address(const struct axb_regs *regs)
{
	return const_pt(regs)->regs[REG_LINK];
}

void hprobe_set_return_address(struct axb_regs *regs, uint64_t address)
{
	pt(regs)->regs[REG_LINK] = address;
}

uint64_t hprobe_entry_frame(const struct axb_regs *regs)
{
	return const_pt(regs)->sp;
}

AXB_NOPROBE uint64_t hprobe_return_frame(const struct axb_regs *regs)
{
	return const_pt(regs)->sp;
}

bool hprobe_is_nop(const uint8_t *code, size_t size)
{
	return size >= INSN_SIZE && word_of(code) == INSN_NOP;
}

/* One NOP has room. */
bool hprobe_is_split_nop(const uint8_t code[HPROBE_INSN_MAX])
{
	(void)code;
	return false;
}

size_t hprobe_landing_pad(const uint8_t *code, size_t size)
{
	return size >= INSN_SIZE && (word_of(code) & INSN_BTI_MASK) == INSN_BTI ? INSN_SIZE : 0;
}

/* B or BL. */
static bool put_branch(uint32_t opcode, uint64_t from, uint64_t to, uint8_t *out)
{
	int64_t distance = (int64_t)(to - from);
	if (distance < -BRANCH_REACH || distance >= BRANCH_REACH || distance % INSN_SIZE != 0) {
		return false;
	}
	uint32_t word = opcode | ((uint32_t)((uint64_t)distance / INSN_SIZE) & BRANCH_FIELD);
	memcpy(out, &word, sizeof(word));
	return true;
}

bool hprobe_jump(uint64_t from, uint64_t to, uint8_t out[HPROBE_INSN_MAX])
{
	return put_branch(INSN_B, from, to, out);
}

extern const uint8_t hprobe_site_entry[]; /* stub.S */

enum axb_refuse hprobe_stub(
	uint64_t stub, uint64_t back, const void *site, struct axb_slot_code *out)
{
	const uint32_t save = 0xa9bf7bf1; /* stp x17, x30, [sp, #-16]! */
	const uint32_t load = 0x58000071; /* ldr x17, . + 12 */
	uint64_t common = (uint64_t)(uintptr_t)hprobe_site_entry;
	const size_t call = sizeof(save) + sizeof(load);
	memset(out, 0, sizeof(*out));
	memcpy(out->bytes, &save, sizeof(save));
	memcpy(out->bytes + sizeof(save), &load, sizeof(load));
	if (!put_branch(INSN_BL, stub + call, common, out->bytes + call) ||
		!put_branch(INSN_B, stub + call + INSN_SIZE, back, out->bytes + call + INSN_SIZE)) {
		return AXB_REFUSE_RANGE;
	}
	memcpy(out->bytes + STUB_SITE_OFFSET, (const void *)&site, sizeof(site));
	out->size = STUB_SITE_OFFSET + sizeof(site);
	return AXB_REFUSE_NONE;
}

/* General registers only: the hypervisor's own code uses no others. */
void hprobe_prepare_stubs(void)
{
}
