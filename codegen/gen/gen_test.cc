/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * Behavior of the generated C: tables, names, emitters.
 */
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "codegen/gen/contexts_gen.h"
#include "codegen/gen/event_gen.h"
#include "codegen/gen/formats_gen.h"
#include "codegen/gen/helpers_gen.h"
#include "codegen/gen/maps_gen.h"
#include "codegen/gen/tracepoints_gen.h"
#include "runtime/base/limits.h"

namespace
{

struct Hit {
	const struct axb_tp_def *def;
	std::vector<uint8_t> ctx;
	uint64_t slots[4];
	uint8_t nr_args;
	uint64_t duration_ns;
};
std::vector<Hit> hits;

/* Switches a tracepoint on for the life of the object. */
struct On {
	explicit On(uint32_t index) : index_(index)
	{
		hits.clear();
		axb_tp_states[index_].enabled = 1;
	}
	~On()
	{
		axb_tp_states[index_].enabled = 0;
	}
	uint32_t index_;
};

template <typename T> T ContextOfOnlyHit()
{
	T ctx;
	EXPECT_EQ(1u, hits.size());
	EXPECT_EQ(sizeof(T), hits.at(0).ctx.size());
	memcpy(&ctx, hits.at(0).ctx.data(), sizeof(ctx));
	return ctx;
}

} // namespace

extern "C" void axb_tp_hit(const struct axb_tp_def *def, void *ctx, const uint64_t slots[4],
	uint8_t nr_args, uint64_t duration_ns)
{
	const uint8_t *bytes = static_cast<const uint8_t *>(ctx);
	Hit hit = {
		def, std::vector<uint8_t>(bytes, bytes + def->ctx_size), {}, nr_args, duration_ns};
	memcpy(hit.slots, slots, sizeof(hit.slots));
	hits.push_back(hit);
}

TEST(AxbTrace, DoesNothingWhenOff)
{
	hits.clear();
	axb_trace_vcpu_exit(1, 2, AXB_EXIT_HVC, 3, 4, 5);
	EXPECT_TRUE(hits.empty());
}

TEST(AxbTrace, SwitchesOnOneTracepointOnly)
{
	On on(AXB_TP_INDEX_VCPU_EXIT);
	axb_trace_vcpu_enter(1, 2, 3);
	EXPECT_TRUE(hits.empty());
	axb_trace_vcpu_exit(1, 2, AXB_EXIT_HVC, 3, 4, 5);
	EXPECT_EQ(1u, hits.size());
	EXPECT_FALSE(axb_tp_on_vcpu_enter());
	EXPECT_TRUE(axb_tp_on_vcpu_exit());
}

TEST(AxbTrace, FillsContextAndSlots)
{
	On on(AXB_TP_INDEX_VCPU_EXIT);
	axb_trace_vcpu_exit(7, 2, AXB_EXIT_HVC, 0x40080000, 0x5a000001, 1234);
	auto ctx = ContextOfOnlyHit<struct axb_tp_ctx_vcpu_exit>();
	EXPECT_EQ(AXB_TP_ID_VCPU_EXIT, ctx.id);
	EXPECT_EQ(0, ctx.flags);
	EXPECT_EQ(7, ctx.vm_id);
	EXPECT_EQ(2, ctx.vcpu_id);
	EXPECT_EQ(0u, ctx.timestamp_ns);
	EXPECT_EQ(1234u, ctx.duration_ns);
	EXPECT_EQ(uint32_t{AXB_EXIT_HVC}, ctx.reason);
	EXPECT_EQ(0x40080000u, ctx.pc);
	EXPECT_EQ(0x5a000001u, ctx.syndrome);
	const Hit &hit = hits[0];
	EXPECT_STREQ("vcpu:exit", hit.def->name);
	EXPECT_EQ(3, hit.nr_args);
	EXPECT_EQ(1234u, hit.duration_ns);
	EXPECT_EQ(uint64_t{AXB_EXIT_HVC}, hit.slots[0]);
	EXPECT_EQ(0x40080000u, hit.slots[1]);
	EXPECT_EQ(0x5a000001u, hit.slots[2]);
	EXPECT_EQ(0u, hit.slots[3]);
}

TEST(AxbTrace, SaysThatThereIsNoVcpuWhenOnlyTheVmIsGiven)
{
	On on(AXB_TP_INDEX_VMM_VM_DESTROY);
	axb_trace_vmm_vm_destroy(3);
	auto ctx = ContextOfOnlyHit<struct axb_tp_ctx_vmm_vm_destroy>();
	EXPECT_EQ(3, ctx.vm_id);
	EXPECT_EQ(AXB_VCPU_NONE, ctx.vcpu_id);
	EXPECT_EQ(0, hits[0].nr_args);
}

TEST(AxbTrace, SignExtendsNegativeFieldsIntoTheirSlot)
{
	On on(AXB_TP_INDEX_PSCI_CALL);
	axb_trace_psci_call(1, 0, 0x84000003, 1, 0x40000000, -2);
	auto ctx = ContextOfOnlyHit<struct axb_tp_ctx_psci_call>();
	EXPECT_EQ(-2, ctx.ret);
	EXPECT_EQ(0xfffffffffffffffeu, hits[0].slots[3]);
}

TEST(AxbTrace, PutsTextIntoTheRemainingSlots)
{
	On on(AXB_TP_INDEX_VMM_VM_CREATE);
	axb_trace_vmm_vm_create(1, 2, 0x100000, "guest-a");
	auto ctx = ContextOfOnlyHit<struct axb_tp_ctx_vmm_vm_create>();
	EXPECT_STREQ("guest-a", ctx.name);
	EXPECT_EQ(0, ctx.flags);
	EXPECT_EQ(4, hits[0].nr_args);
	EXPECT_EQ(0, memcmp(&hits[0].slots[2], "guest-a\0\0\0\0\0\0\0\0", 16));
}

TEST(AxbTrace, CutsTextAndSaysSo)
{
	On on(AXB_TP_INDEX_USER_MARKER);
	axb_trace_user_marker("0123456789012345678901234567890");
	EXPECT_EQ(0, ContextOfOnlyHit<struct axb_tp_ctx_user_marker>().flags);
	hits.clear();
	axb_trace_user_marker("01234567890123456789012345678901");
	auto ctx = ContextOfOnlyHit<struct axb_tp_ctx_user_marker>();
	EXPECT_EQ(AXB_EVENT_TRUNCATED, ctx.flags);
	EXPECT_STREQ("0123456789012345678901234567890", ctx.text);
}

TEST(AxbTpDefs, AreSortedByIdAndTheirFieldsLieInTheContext)
{
	ASSERT_EQ(uint32_t{AXB_TP_COUNT_}, axb_tp_count);
	for (uint32_t i = 0; i < axb_tp_count; i++) {
		const struct axb_tp_def &def = axb_tp_defs[i];
		SCOPED_TRACE(def.name);
		EXPECT_TRUE(i == 0 || axb_tp_defs[i - 1].id < def.id);
		EXPECT_EQ(def.name, std::string(def.subsystem) + ":" + def.event);
		EXPECT_LT(strlen(def.name), AXB_NAME_MAX);
		EXPECT_EQ(0, def.ctx_size % 8);
		EXPECT_GE(def.ctx_size, sizeof(struct axb_tp_ctx_header));
		for (uint32_t f = 0; f < def.field_count; f++) {
			const struct axb_tp_field &field = def.fields[f];
			SCOPED_TRACE(field.name);
			EXPECT_LE(field.offset + field.size, def.ctx_size);
			EXPECT_EQ(field.display == AXB_TP_DISPLAY_ENUM, field.enum_name != nullptr);
			if (field.slot == AXB_TP_SLOT_NONE) {
				EXPECT_LT(field.offset, sizeof(struct axb_tp_ctx_header));
			} else {
				EXPECT_LE(field.slot + field.slot_count, 4);
			}
		}
	}
}

TEST(AxbTpDefs, KeepTheIdsOfTheOriginal)
{
	const struct {
		uint32_t id;
		const char *name;
	} kept[] = {
		{4, "vmm:vm_destroy"},
		{50, "vmm:vmm_init"},
		{52, "vmm:config_load"},
		{53, "vmm:image_load"},
		{60, "vmm:timer_tick"},
		{61, "vmm:timer_event"},
		{100, "shell:shell_command"},
		{101, "shell:shell_init"},
	};
	for (uint32_t i = 0; i < AXB_ARRAY_COUNT(kept); i++) {
		EXPECT_EQ(kept[i].id, axb_tp_defs[i].id);
		EXPECT_STREQ(kept[i].name, axb_tp_defs[i].name);
	}
}

TEST(AxbTpFormatText, IsOfTheTracepointAtThatIndex)
{
	const std::string text = axb_tp_format_text(AXB_TP_INDEX_VCPU_EXIT);
	EXPECT_EQ(0u, text.find("name: exit\nID: 212\nformat:\n"));
	EXPECT_NE(
		std::string::npos, text.find("\tfield:u64 pc;\toffset:32;\tsize:8;\tsigned:0;\n"));
	EXPECT_EQ(nullptr, axb_tp_format_text(AXB_TP_COUNT_));
}

TEST(AxbHelperProtoById, FindsEachAndNoOther)
{
	std::set<uint32_t> ids;
	for (uint32_t i = 0; i < axb_helper_proto_count; i++) {
		const struct axb_helper_proto &proto = axb_helper_protos[i];
		EXPECT_TRUE(i == 0 || axb_helper_protos[i - 1].id < proto.id);
		EXPECT_EQ(&proto, axb_helper_proto_by_id(proto.id));
		EXPECT_EQ(&proto, axb_helper_proto_by_name(proto.name));
		ids.insert(proto.id);
	}
	for (uint32_t id = 0; id < 300; id++) {
		EXPECT_EQ(ids.count(id) != 0, axb_helper_proto_by_id(id) != nullptr) << id;
	}
	EXPECT_EQ(nullptr, axb_helper_proto_by_id(0xffffffff));
	EXPECT_EQ(nullptr, axb_helper_proto_by_name("bpf_map_lookup"));
}

TEST(AxbHelperProtos, DescribeTheArguments)
{
	const struct axb_helper_proto *update = axb_helper_proto_by_name("bpf_map_update_elem");
	ASSERT_NE(nullptr, update);
	EXPECT_EQ(2u, update->id);
	EXPECT_EQ(AXB_RET_SCALAR, update->ret);
	EXPECT_EQ(4, update->arg_count);
	EXPECT_EQ(AXB_ARG_MAP, update->args[0]);
	EXPECT_EQ(AXB_ARG_MAP_KEY, update->args[1]);
	EXPECT_EQ(AXB_ARG_MAP_VALUE, update->args[2]);
	EXPECT_EQ(AXB_ARG_SCALAR, update->args[3]);
	EXPECT_EQ(AXB_ARG_NONE, update->args[4]);
	EXPECT_EQ(AXB_PROG_BIT_ALL, update->prog_types);
	EXPECT_TRUE(update->available);
	const struct axb_helper_proto *ip = axb_helper_proto_by_id(AXB_HELPER_GET_FUNC_IP);
	EXPECT_EQ(uint32_t{AXB_PROG_BIT_HPROBE | AXB_PROG_BIT_HRETPROBE | AXB_PROG_BIT_KPROBE |
			   AXB_PROG_BIT_KRETPROBE},
		ip->prog_types);
	EXPECT_FALSE(ip->available);
}

TEST(AxbHelperImplList, NamesExactlyTheAvailableOnesInOrder)
{
#define AXB_X(id, fn) {id, #fn},
	const struct {
		uint32_t id;
		const char *fn;
	} list[] = {AXB_HELPER_IMPL_LIST(AXB_X)};
#undef AXB_X
	uint32_t n = 0;
	for (uint32_t i = 0; i < axb_helper_proto_count; i++) {
		if (axb_helper_protos[i].available) {
			ASSERT_LT(n, AXB_ARRAY_COUNT(list));
			EXPECT_EQ(axb_helper_protos[i].id, list[n].id);
			EXPECT_EQ(std::string("axb_helper_") + (axb_helper_protos[i].name + 4),
				list[n].fn);
			n++;
		}
	}
	EXPECT_EQ(AXB_ARRAY_COUNT(list), n);
}

TEST(AxbNames, AreThoseOfTheSpecAndUnknownOtherwise)
{
	EXPECT_STREQ("tracepoint", axb_probe_type_name(0));
	EXPECT_STREQ("uretprobe", axb_probe_type_name(6));
	EXPECT_STREQ("unknown", axb_probe_type_name(7));
	EXPECT_STREQ("hvc", axb_exit_reason_name(AXB_EXIT_HVC));
	EXPECT_STREQ("unknown", axb_exit_reason_name(AXB_EXIT_COUNT_));
	EXPECT_STREQ("ringbuf", axb_map_type_name(27));
	EXPECT_STREQ("unknown", axb_map_type_name(4));
	EXPECT_STREQ("EINVAL", axb_errno_name(AXB_EINVAL));
}

TEST(AxbMapTypeIsAvailable, SaysNoForTypesThatAreOnlyKnown)
{
	EXPECT_TRUE(axb_map_type_is_available(AXB_MAP_TYPE_HASH));
	EXPECT_FALSE(axb_map_type_is_available(AXB_MAP_TYPE_BLOOM_FILTER));
	EXPECT_FALSE(axb_map_type_is_available(AXB_MAP_TYPE_COUNT_));
}
