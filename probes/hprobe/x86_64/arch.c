/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Ref: System V ABI for AMD64, 3.2.3 (arguments).
 */
#include "probes/hprobe/arch.h"

#include "codegen/gen/contexts_gen.h" // Generated.
#include "probes/hprobe/hprobe.h"
#include "probes/insn/x86_64/decode.h"
#include "probes/insn/x86_64/step.h"
#include "runtime/base/mem.h"
#include "runtime/base/noprobe.h"
#include "runtime/base/types.h"

const uint32_t hprobe_regs_size = sizeof(struct axb_pt_regs_x86_64);
const uint8_t hprobe_breakpoint[4] = {0xcc};
const uint8_t hprobe_breakpoint_size = 1;
/* NOPL 0(RAX,RAX): the recommended one of five bytes. Ref: APM vol. 3, NOP. */
const uint8_t hprobe_nop[8] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
const uint8_t hprobe_jump_size = 5;
const bool hprobe_jump_is_one_write = false;
/* Where indirect branches are tracked, INT3 is no landing pad. Ref: Intel SDM vol. 1, 17.3. */
const bool hprobe_must_keep_landing_pad = true;

#define NOP_OF_ONE_BYTE 0x90u
#define CALL_REL32 0xe8u
#define JMP_REL32 0xe9u
/* In a stub, behind its call and its jump: the site. stub.S reads it there. */
#define STUB_SITE_OFFSET 16u

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

const struct axb_fetch_arch *axb_hprobe_fetch_arch(void)
{
	return &axb_fetch_x86_64;
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
AXB_NOPROBE uint64_t hprobe_return_frame(const struct axb_regs *regs)
{
	return const_pt(regs)->rsp - sizeof(uint64_t);
}

bool hprobe_is_nop(const uint8_t *code, size_t size)
{
	struct axb_x86_insn insn;
	return axb_x86_decode(axb_bytes_of(code, size), &insn) == AXB_X86_OK &&
	       insn.kind == AXB_X86_NOP && insn.length >= hprobe_jump_size;
}

/* As gcc leaves them. */
bool hprobe_is_split_nop(const uint8_t code[HPROBE_INSN_MAX])
{
	uint32_t count = 0;
	while (count < hprobe_jump_size && code[count] == NOP_OF_ONE_BYTE) {
		count++;
	}
	return count == hprobe_jump_size;
}

size_t hprobe_landing_pad(const uint8_t *code, size_t size)
{
	struct axb_x86_insn insn;
	bool is_pad = axb_x86_decode(axb_bytes_of(code, size), &insn) == AXB_X86_OK &&
		      insn.kind == AXB_X86_ENDBR;
	return is_pad ? insn.length : 0;
}

/* CALL or JMP rel32. */
static bool put_branch(uint8_t opcode, uint64_t from, uint64_t to, uint8_t *out)
{
	int64_t distance = (int64_t)(to - (from + hprobe_jump_size));
	uint32_t field = (uint32_t)distance;
	if (distance != (int32_t)field) {
		return false;
	}
	out[0] = opcode;
	memcpy(out + 1, &field, sizeof(field));
	return true;
}

bool hprobe_jump(uint64_t from, uint64_t to, uint8_t out[HPROBE_INSN_MAX])
{
	return put_branch(JMP_REL32, from, to, out);
}

extern const uint8_t hprobe_site_entry[]; /* stub.S */

enum axb_refuse hprobe_stub(
	uint64_t stub, uint64_t back, const void *site, struct axb_slot_code *out)
{
	uint64_t common = (uint64_t)(uintptr_t)hprobe_site_entry;
	uint64_t jump = stub + hprobe_jump_size;
	memset(out, 0, sizeof(*out));
	memset(out->bytes, hprobe_breakpoint[0], STUB_SITE_OFFSET);
	if (!put_branch(CALL_REL32, stub, common, out->bytes) ||
		!put_branch(JMP_REL32, jump, back, out->bytes + hprobe_jump_size)) {
		return AXB_REFUSE_RANGE;
	}
	memcpy(out->bytes + STUB_SITE_OFFSET, (const void *)&site, sizeof(site));
	out->size = STUB_SITE_OFFSET + sizeof(site);
	return AXB_REFUSE_NONE;
}

#ifdef __SSE__
/* Read by stub.S: 0 = of the vector registers there are only the lower halves. */
__attribute__((visibility("hidden"))) uint32_t hprobe_has_avx;
#endif

/* CS and SS, which are always the same and slow to read. */
__attribute__((visibility("hidden"))) uint32_t hprobe_segments[2];

void hprobe_prepare_stubs(void)
{
	__asm__("movl %%cs, %0" : "=r"(hprobe_segments[0]));
	__asm__("movl %%ss, %0" : "=r"(hprobe_segments[1]));
#ifdef __SSE__
	hprobe_has_avx = __builtin_cpu_supports("avx") ? 1 : 0;
#endif
}
