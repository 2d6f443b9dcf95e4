/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: System V ABI for AMD64, 3.2.3 (arguments).
 */
#include "probes/hprobe/arch.h"

#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/insn/x86_64/decode.h"
#include "probes/insn/x86_64/step.h"
#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

const uint32_t hprobe_regs_size = sizeof(struct axb_pt_regs_x86_64);
const uint8_t hprobe_breakpoint[4] = {0xcc};
const uint8_t hprobe_breakpoint_size = 1;

AXB_NOPROBE_INLINE struct axb_pt_regs_x86_64 *pt(struct axb_regs *regs)
{
	return (struct axb_pt_regs_x86_64 *)(void *)regs;
}

AXB_NOPROBE_INLINE const struct axb_pt_regs_x86_64 *const_pt(const struct axb_regs *regs)
{
	return (const struct axb_pt_regs_x86_64 *)(const void *)regs;
}

/* Instructions have no alignment: only decoding from the symbol on shows where one begins. */
void hprobe_step(
	const uint8_t *code, size_t size, size_t offset, struct axb_step *out, bool *is_boundary)
{
	size_t at = 0;
	while (at < offset) {
		struct axb_x86_insn insn;
		if (axb_x86_decode(axb_bytes_of(code + at, size - at), &insn) != AXB_X86_OK) {
			break;
		}
		at += insn.length;
	}
	*is_boundary = at == offset;
	*out = (struct axb_step){.refuse = AXB_REFUSE_UNDEFINED};
	if (*is_boundary) {
		axb_x86_step(axb_bytes_of(code + at, size - at), out);
	}
}

enum axb_refuse hprobe_slot(
	const uint8_t *insn, uint64_t site, uint64_t slot, struct axb_slot_code *out)
{
	return axb_x86_slot(axb_bytes_of(insn, HPROBE_INSN_MAX), site, slot, out);
}

AXB_STATIC_ASSERT(sizeof(struct axb_x86_insn) <= sizeof(struct hprobe_decoded), "fits");

void hprobe_decode(const uint8_t *insn, struct hprobe_decoded *out)
{
	/* It was decoded before. */
	(void)axb_x86_decode(
		axb_bytes_of(insn, HPROBE_INSN_MAX), (struct axb_x86_insn *)(void *)out);
}

AXB_NOPROBE void hprobe_simulate(const struct hprobe_decoded *insn, struct axb_regs *regs)
{
	axb_x86_simulate((const struct axb_x86_insn *)(const void *)insn, pt(regs));
}

enum axb_status hprobe_plan_patch(
	const uint8_t *from, const uint8_t *to, size_t size, struct axb_patch_plan *out)
{
	return axb_patch_plan_x86_64(from, to, size, out);
}

AXB_NOPROBE uint64_t hprobe_pc(const struct axb_regs *regs)
{
	return const_pt(regs)->rip;
}

AXB_NOPROBE void hprobe_set_pc(struct axb_regs *regs, uint64_t pc)
{
	pt(regs)->rip = pc;
}

uint64_t hprobe_argument(const struct axb_regs *regs, uint32_t index)
{
	const struct axb_pt_regs_x86_64 *r = const_pt(regs);
	const uint64_t arguments[] = {r->rdi, r->rsi, r->rdx, r->rcx, r->r8, r->r9};
	return index < 6 ? arguments[index] : 0;
}

uint64_t hprobe_result(const struct axb_regs *regs)
{
	return const_pt(regs)->rax;
}

uint64_t hprobe_return_address(const struct axb_regs *regs)
{
	uint64_t address;
	memcpy(&address, (const void *)(uintptr_t)const_pt(regs)->rsp, sizeof(address));
	return address;
}

void hprobe_set_return_address(struct axb_regs *regs, uint64_t address)
{
	memcpy((void *)(uintptr_t)pt(regs)->rsp, &address, sizeof(address));
}

uint64_t hprobe_entry_frame(const struct axb_regs *regs)
{
	return const_pt(regs)->rsp;
}

/* RET has popped the return address. */
uint64_t hprobe_return_frame(const struct axb_regs *regs)
{
	return const_pt(regs)->rsp - sizeof(uint64_t);
}
