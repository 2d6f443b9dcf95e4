/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Any bytes as a program: what verification accepts must run, or fault, within the memory it owns
 * (AddressSanitizer watches). The first byte says how the rest is read: as it is, or made to fit
 * the encoding rules, so that most inputs get to run.
 */
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "codegen/gen/helpers_gen.h" // Generated.
#include "codegen/gen/maps_gen.h"    // Generated.
#include "runtime/base/arena.h"
#include "runtime/helpers/env.h"
#include "runtime/interp/engine.h"
#include "runtime/interp/interp.h"
#include "runtime/isa/opcode.h"
#include "runtime/maps/testing.h"
#include "runtime/verifier/verify.h"

namespace
{

axb_map *Map(uint64_t r1)
{
	return (axb_map *)(uintptr_t)r1;
}

uint64_t Lookup(axb_env *, uint64_t r1, uint64_t r2, uint64_t, uint64_t, uint64_t)
{
	return (uintptr_t)axb_map_lookup(Map(r1), (const void *)r2);
}
uint64_t Update(axb_env *, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t)
{
	return (uint64_t)axb_map_update(Map(r1), (const void *)r2, (const void *)r3, r4);
}
uint64_t Delete(axb_env *, uint64_t r1, uint64_t r2, uint64_t, uint64_t, uint64_t)
{
	return (uint64_t)axb_map_delete(Map(r1), (const void *)r2);
}
uint64_t Fill(axb_env *, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t, uint64_t)
{
	memset((void *)r1, (int)r3, r2);
	return 0;
}
uint64_t Reserve(axb_env *env, uint64_t r1, uint64_t r2, uint64_t, uint64_t, uint64_t)
{
	if (env->reservation_count == AXB_RESERVE_MAX || r2 > UINT32_MAX) {
		return 0;
	}
	auto *record = (uint8_t *)axb_ringbuf_reserve(Map(r1), (uint32_t)r2);
	if (record != nullptr) {
		env->reservations[env->reservation_count++] = {Map(r1), record, (uint32_t)r2};
	}
	return (uintptr_t)record;
}
uint64_t Submit(axb_env *env, uint64_t r1, uint64_t, uint64_t, uint64_t, uint64_t)
{
	uint32_t i = 0;
	while ((uintptr_t)env->reservations[i].record != r1) {
		i++;
	}
	axb_ringbuf_submit(env->reservations[i].map, (void *)r1);
	env->reservations[i] = env->reservations[--env->reservation_count];
	return 0;
}

const axb_helper_impl kImpls[] = {{AXB_HELPER_MAP_LOOKUP_ELEM, Lookup},
	{AXB_HELPER_MAP_UPDATE_ELEM, Update}, {AXB_HELPER_MAP_DELETE_ELEM, Delete},
	{AXB_HELPER_PROBE_READ, Fill}, {AXB_HELPER_RINGBUF_RESERVE, Reserve},
	{AXB_HELPER_RINGBUF_SUBMIT, Submit}};
const axb_helper_table kHelpers = {kImpls, 6};

/* Any 8 bytes as an instruction whose fields are in range. @left: instructions behind it. */
axb_insn Fit(axb_insn insn, uint32_t index, uint32_t left)
{
	const axb_op_info &info = axb_op_table[1 + insn.opcode % (AXB_OP_COUNT_ - 1)];
	unsigned fields = axb_form_fields((axb_form)info.form);
	unsigned dst = axb_insn_dst(insn) % (fields & AXB_FIELD_WRITES_DST ? 10 : 11);
	unsigned src = axb_insn_src(insn) % (info.form == AXB_FORM_ATOMIC ? 10 : 11);
	axb_insn out = {info.opcode, 0, 0, 0};
	dst = fields & AXB_FIELD_DST ? dst : 0;
	src = fields & AXB_FIELD_SRC ? src : 0;
	src = info.select == AXB_SELECT_SRC ? info.value : src;
	out.offset = fields & AXB_FIELD_OFFSET ? insn.offset : (int16_t)0;
	out.imm = fields & AXB_FIELD_IMM ? insn.imm : 0;
	out.offset = info.select == AXB_SELECT_OFFSET ? info.value : out.offset;
	out.imm = info.select == AXB_SELECT_IMM ? info.value : out.imm;
	uint32_t where = (uint16_t)insn.offset % (index + left + 1);
	if (axb_form_branches((axb_form)info.form) || info.form == AXB_FORM_JUMP) {
		out.offset = (int16_t)(where - index - 1);
	} else if (info.form == AXB_FORM_JUMP_LONG || info.value == AXB_CALL_LOCAL) {
		out.imm = (int32_t)(where - index - 1);
	}
	if (info.form == AXB_FORM_CALL && info.value == AXB_CALL_HELPER) {
		out.imm = (int32_t)kImpls[(uint32_t)insn.imm % kHelpers.count].id;
	} else if (info.form == AXB_FORM_LDDW && info.value != AXB_LDDW_IMM) {
		out.imm = (int32_t)((uint32_t)insn.imm % 4);
	}
	out.regs = (uint8_t)(dst | src << 4);
	return out;
}

std::vector<axb_insn> Program(const uint8_t *data, size_t size)
{
	std::vector<axb_insn> insns((size - 1) / sizeof(axb_insn));
	if (!insns.empty()) {
		memcpy(insns.data(), data + 1, insns.size() * sizeof(axb_insn));
	}
	if (data[0] & 1) {
		return insns;
	}
	for (uint32_t i = 0; i < insns.size(); i++) {
		insns[i] = Fit(insns[i], i, (uint32_t)insns.size() - i);
		if (insns[i].opcode == 0x18 && i + 1 < insns.size()) {
			insns[++i] = {0, 0, 0, data[0]};
		}
	}
	insns.push_back({0x95, 0, 0, 0});
	return insns;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 2048) {
		return 0;
	}
	axb_testing::TestMap array({AXB_MAP_TYPE_ARRAY, 4, 12, 4, 0});
	axb_testing::TestMap one({AXB_MAP_TYPE_ARRAY, 4, 16, 1, 0});
	axb_testing::TestMap hash({AXB_MAP_TYPE_HASH, 8, 8, 4, 0});
	axb_testing::TestMap ring({AXB_MAP_TYPE_RINGBUF, 0, 0, 4096, 0});
	axb_map *maps[] = {array.get(), one.get(), hash.get(), ring.get()};
	std::vector<axb_insn> insns = Program(data, size);
	axb_prog_type type = data[0] & 2 ? AXB_PROG_TYPE_RAW : AXB_PROG_TYPE_TRACEPOINT;
	const axb_code code = {insns.data(), (uint32_t)insns.size(), type, maps, 4, &kHelpers};
	std::vector<uint64_t> memory(1 << 13);
	axb_arena arena;
	axb_arena_init(&arena, memory.data(), memory.size() * 8);
	const axb_checked *checked;
	const axb_interp *interp;
	axb_reject why;
	if (axb_verify(&code, &arena, &checked, &why) != AXB_OK) {
		return 0;
	}
	if (axb_interp_create(checked, &arena, &interp) != AXB_OK) {
		abort();
	}
	/* Loops without end are frequent: let them end soon. */
	const_cast<axb_interp *>(interp)->fuel_bytes = 2000 * sizeof(axb_iop);
	std::vector<uint8_t> context(1 + data[0] % 40);
	axb_env env = {};
	env.ctx = context.data();
	env.ctx_size = (uint32_t)context.size();
	axb_run_result result = axb_interp_run(interp, &env);
	if (result != env.fault.result || env.reservation_count != 0 ||
		env.fault.insn > insns.size()) {
		abort();
	}
	return 0;
}
