/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/control/control.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bpf/embedded.h"
#include "runtime/base/types.h"
#include "runtime/helpers/helpers.h"
#include "runtime/hooks/fake/fake.h"
#include "runtime/init/init.h"
#include "runtime/trace/tracepoint.h"

namespace
{

const struct axb_probe_kind *const kinds[] = {&axb_probe_kind_tracepoint};

class AxbControl : public testing::Test
{
      protected:
	AxbControl() : memory_(kMemorySize)
	{
		axb_fake_reset();
		struct axb_config config = {};
		config.memory = memory_.data();
		config.memory_size = memory_.size();
		config.helpers = &axb_helpers_standard;
		EXPECT_EQ(axb_init(&config, nullptr), AXB_OK);
		axb_control_init(kinds, AXB_ARRAY_COUNT(kinds));
	}
	~AxbControl() override
	{
		axb_deinit();
	}

	/* The only or first program of embedded object @name, loaded anew. */
	axb_prog_id_t Load(const char *name)
	{
		const struct axb_embedded_object *object = axb_embedded_find(name);
		struct axb_load_error error;
		axb_object_id_t id = {0};
		axb_prog_id_t prog = {0};
		EXPECT_EQ(axb_object_load(
				  axb_bytes_of(object->bytes, *object->size), name, &id, &error),
			AXB_OK);
		EXPECT_EQ(axb_object_find_prog(id, "", &prog), AXB_OK);
		return prog;
	}

	enum axb_status Attach(const char *spec, axb_prog_id_t prog)
	{
		attached_ = 0;
		why_ = {};
		const axb_control_config config = {prog, 0, false, nullptr};
		return axb_control_attach(spec, &config, &attached_, &why_);
	}

	enum axb_status Detach(const char *spec, axb_prog_id_t prog)
	{
		attached_ = 0;
		why_ = {};
		return axb_control_detach(spec, prog, &attached_, &why_);
	}

	/* Names of the tracepoints where @prog is. */
	static std::string Sites(axb_prog_id_t prog)
	{
		std::string names;
		for (uint32_t i = 0; i < axb_tp_count; i++) {
			axb_prog_id_t progs[AXB_TP_PROG_MAX];
			uint32_t count = axb_tp_progs(i, progs);
			for (uint32_t k = 0; k < count; k++) {
				if (progs[k].value == prog.value) {
					names += std::string(names.empty() ? "" : " ") +
						 axb_tp_def(i)->name;
				}
			}
		}
		return names;
	}

	static const size_t kMemorySize = (size_t)32 << 20;
	std::vector<uint8_t> memory_;
	uint32_t attached_ = 0;
	struct axb_control_error why_ = {};
};

TEST_F(AxbControl, AttachesWhatSpecsName)
{
	struct {
		const char *spec;
		const char *sites;
	} const cases[] = {
		{"tracepoint:vcpu:exit", "vcpu:exit"},
		{"t:vcpu:exit", "vcpu:exit"},
		{"vcpu:exit", "vcpu:exit"},
		{"t:vcpu:e*", "vcpu:enter vcpu:exit"},
		{"vcpu:e?it", "vcpu:exit"},
		{"t:*:e[mnx]*", "vcpu:enter vcpu:exit"},
		{"t:vcpu:exit,vcpu:enter,tracepoint:vcpu:block", "vcpu:enter vcpu:exit vcpu:block"},
		{"t:vmm:vm_create,user:*", "vmm:vm_create user:marker"},
	};
	axb_prog_id_t prog = Load("exits");
	for (const auto &c : cases) {
		EXPECT_EQ(Attach(c.spec, prog), AXB_OK) << c.spec;
		EXPECT_EQ(Sites(prog), c.sites) << c.spec;
		uint32_t attached = attached_;
		EXPECT_NE(attached, 0u);
		EXPECT_EQ(Detach(c.spec, prog), AXB_OK) << c.spec;
		EXPECT_EQ(attached_, attached) << c.spec;
		EXPECT_EQ(Sites(prog), "") << c.spec;
	}
}

TEST_F(AxbControl, SaysWhatIsWrongAndWhere)
{
	const char *const not_linked = "this binary is built without this kind of probe";
	const char *const no_options = "predicates and options are not supported yet";
	const char *const no_kind =
		"no kind of probe has this name (tracepoint hprobe hretprobe kprobe kretprobe)";
	const char *const how = "a probe is written KIND:SITE, for example tracepoint:vcpu:exit";
	struct {
		const char *spec;
		enum axb_status status;
		uint32_t column;
		const char *what;
		const char *nearest;
	} const cases[] = {
		{"", AXB_ERR_ARG, 0, how, ""},
		{"vcpu", AXB_ERR_ARG, 4, how, ""},
		{"t:", AXB_ERR_ARG, 2, "the site is missing", ""},
		{"t:vcpu:exit,", AXB_ERR_ARG, 12, how, ""},
		{",t:vcpu:exit", AXB_ERR_ARG, 0, how, ""},
		{"t:vcpu:exit,,t:vcpu:enter", AXB_ERR_ARG, 12, how, ""},
		{"tracepiont:vcpu:exit", AXB_ERR_NOT_FOUND, 0, no_kind, "tracepoint"},
		{"usdt:vcpu:exit", AXB_ERR_NOT_FOUND, 0, no_kind, ""},
		{"t:vcpu:exit,tp:vcpu:enter", AXB_ERR_NOT_FOUND, 12, no_kind, ""},
		{"t:vcpu:exti", AXB_ERR_NOT_FOUND, 2, "no site matches this", "vcpu:exit"},
		{"vcpu:exti", AXB_ERR_NOT_FOUND, 0, "no site matches this", "vcpu:exit"},
		{"t:nothing*", AXB_ERR_NOT_FOUND, 2, "no site matches this", ""},
		{"t:vcpu:exit,t:vmm:vm_crate", AXB_ERR_NOT_FOUND, 14, "no site matches this",
			"vmm:vm_create"},
		{"hprobe:main", AXB_ERR_UNSUPPORTED, 0, not_linked, ""},
		{"h:main+0x10", AXB_ERR_UNSUPPORTED, 0, not_linked, ""},
		{"hretprobe:main", AXB_ERR_UNSUPPORTED, 0, not_linked, ""},
		{"kprobe:vm1:do_exit", AXB_ERR_UNSUPPORTED, 0, not_linked, ""},
		{"t:vcpu:exit,kr:vm*:do_exit", AXB_ERR_UNSUPPORTED, 12, not_linked, ""},
		{"t:vcpu:exit / cpu == 1 /", AXB_ERR_UNSUPPORTED, 12, no_options, ""},
		{"t:vcpu:exit/cpu==1/", AXB_ERR_UNSUPPORTED, 11, no_options, ""},
		{"t:vcpu:exit\tx=\\1", AXB_ERR_UNSUPPORTED, 11, no_options, ""},
		{"t:vcpu:\x80xit", AXB_ERR_UNSUPPORTED, 7, no_options, ""},
	};
	axb_prog_id_t prog = Load("exits");
	for (const auto &c : cases) {
		char buffer[512];
		struct axb_text text;
		axb_text_init(&text, buffer, sizeof(buffer));
		EXPECT_EQ(Attach(c.spec, prog), c.status) << c.spec;
		EXPECT_EQ(why_.column, c.column) << c.spec;
		EXPECT_STREQ(why_.what, c.what) << c.spec;
		EXPECT_STREQ(why_.nearest, c.nearest) << c.spec;
		EXPECT_EQ(Sites(prog), "") << c.spec;
		why_ = {};
		EXPECT_EQ(axb_control_check(c.spec, &text, &why_), c.status) << c.spec;
		EXPECT_EQ(why_.column, c.column) << c.spec;
		EXPECT_EQ(Detach(c.spec, prog), c.status) << c.spec;
	}
}

TEST_F(AxbControl, TracepointsFetchNoArguments)
{
	axb_prog_id_t prog = Load("exits");
	const char *spec = "t:vcpu:exit,user:marker  a=%x0";
	EXPECT_EQ(Attach(spec, prog), AXB_ERR_UNSUPPORTED);
	EXPECT_EQ(why_.column, 25u);
	EXPECT_STREQ(why_.what, "this kind of probe does not fetch arguments");
	EXPECT_EQ(Sites(prog), "");
	ASSERT_EQ(Attach("t:vcpu:exit ", prog), AXB_OK) << "blanks are no arguments";
	EXPECT_EQ(Detach("t:vcpu:exit a=%x0", prog), AXB_ERR_ARG);
	EXPECT_EQ(why_.column, 12u);
	EXPECT_STREQ(why_.what, "arguments are for attaching");
	EXPECT_EQ(Sites(prog), "vcpu:exit");
}

TEST_F(AxbControl, BoundsLengthAndNumberOfProbes)
{
	axb_prog_id_t prog = Load("exits");
	std::string many = "vcpu:exit";
	for (int i = 0; i < 16; i++) {
		many += ",t:nothing:*";
	}
	EXPECT_EQ(Attach(many.c_str(), prog), AXB_ERR_LIMIT);
	EXPECT_STREQ(why_.what, "more than 16 probes in a list");
	EXPECT_EQ(Attach(("t:" + std::string(253, 'x')).c_str(), prog), AXB_ERR_NOT_FOUND);
	EXPECT_EQ(Attach(("t:" + std::string(254, 'x')).c_str(), prog), AXB_ERR_ARG);
	EXPECT_STREQ(why_.what, "the probe spec is longer than 255 characters");
}

TEST_F(AxbControl, AttachesToAllOrNone)
{
	axb_prog_id_t prog = Load("exits");
	/* In the middle of a glob, in a later term, and by a term that overlaps an earlier one. */
	ASSERT_EQ(Attach("vcpu:inject", prog), AXB_OK);
	for (const char *spec : {"vcpu:*", "vmm:*,t:hyp:*,vcpu:inject", "user:*,vcpu:*"}) {
		EXPECT_EQ(Attach(spec, prog), AXB_ERR_EXISTS) << spec;
		EXPECT_STREQ(why_.what, "the program is attached there already") << spec;
		EXPECT_EQ(Sites(prog), "vcpu:inject") << spec;
	}
	EXPECT_EQ(Attach("vcpu:exit,vcpu:e*", prog), AXB_ERR_EXISTS);
	EXPECT_EQ(why_.column, 10u);
	EXPECT_EQ(Sites(prog), "vcpu:inject");
}

TEST_F(AxbControl, RefusesMoreProgramsThanATracepointHolds)
{
	for (uint32_t i = 0; i < AXB_TP_PROG_MAX; i++) {
		ASSERT_EQ(Attach("vcpu:exit", Load("exits")), AXB_OK);
	}
	axb_prog_id_t prog = Load("exits");
	EXPECT_EQ(Attach("vcpu:e*", prog), AXB_ERR_FULL);
	EXPECT_STREQ(why_.what, "this tracepoint has as many programs as it can have");
	EXPECT_EQ(Sites(prog), "");
	EXPECT_EQ(Attach("vcpu:enter", prog), AXB_OK);
}

TEST_F(AxbControl, RefusesProgramsOfAnotherType)
{
	axb_prog_id_t prog = Load("regs");
	EXPECT_EQ(Attach("vcpu:exit", prog), AXB_ERR_UNSUPPORTED);
	EXPECT_STREQ(why_.what, "the program is not for tracepoints (its section says so)");
	EXPECT_EQ(axb_control_attach_auto(prog, &attached_, &why_), AXB_ERR_ARG);
	EXPECT_STREQ(why_.what, "the program's section names no site: say where to attach it");
}

TEST_F(AxbControl, RefusesProgramsThatAreGone)
{
	axb_prog_id_t prog = Load("exits");
	struct axb_prog_info info;
	ASSERT_EQ(axb_prog_info(prog, &info), AXB_OK);
	ASSERT_EQ(axb_object_unload(info.object), AXB_OK);
	EXPECT_EQ(Attach("vcpu:exit", prog), AXB_ERR_STALE);
	EXPECT_STREQ(why_.what, "the program is gone");
	EXPECT_EQ(axb_control_attach_auto(prog, &attached_, &why_), AXB_ERR_STALE);
}

TEST_F(AxbControl, DetachesWhereTheProgramIs)
{
	axb_prog_id_t prog = Load("exits");
	axb_prog_id_t other = Load("exits");
	ASSERT_EQ(Attach("vcpu:e*", prog), AXB_OK);
	ASSERT_EQ(Attach("vcpu:exit", other), AXB_OK);
	EXPECT_EQ(Detach("vmm:*", prog), AXB_ERR_NOT_FOUND);
	EXPECT_STREQ(why_.what, "the program is attached at none of these");
	EXPECT_EQ(Detach("t:vcpu:exit,vmm:*", prog), AXB_OK);
	EXPECT_EQ(attached_, 1u);
	EXPECT_EQ(Sites(prog), "vcpu:enter");
	EXPECT_EQ(Sites(other), "vcpu:exit");
}

TEST_F(AxbControl, AttachesWhereTheSectionSays)
{
	axb_prog_id_t prog = Load("exits");
	EXPECT_EQ(axb_control_attach_auto(prog, &attached_, &why_), AXB_OK);
	EXPECT_EQ(attached_, 1u);
	EXPECT_EQ(Sites(prog), "vcpu:exit");
}

TEST_F(AxbControl, CheckCountsSitesAndTouchesNothing)
{
	axb_prog_id_t prog = Load("exits");
	char buffer[512];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	EXPECT_EQ(axb_control_check("t:vcpu:e*,user:marker", &text, &why_), AXB_OK);
	EXPECT_STREQ(buffer,
		"tracepoint:vcpu:e*: 2 sites; off: one load and one branch; on: no trap\n"
		"tracepoint:user:marker: 1 site; off: one load and one branch; on: no trap\n");
	EXPECT_EQ(Sites(prog), "");
}

TEST_F(AxbControl, ExplainsWithACaret)
{
	char buffer[512];
	struct axb_text text;
	axb_text_init(&text, buffer, sizeof(buffer));
	EXPECT_EQ(Attach("t:vcpu:exit,t:vcpu:entr", Load("exits")), AXB_ERR_NOT_FOUND);
	axb_control_explain("t:vcpu:exit,t:vcpu:entr", &why_, &text);
	EXPECT_STREQ(buffer, "t:vcpu:exit,t:vcpu:entr\n"
			     "              ^ no site matches this; did you mean vcpu:enter?\n");
}

std::vector<uint16_t> gone;

void OnVmGone(uint16_t vm)
{
	gone.push_back(vm);
}

TEST_F(AxbControl, TellsKindsThatAVmIsGone)
{
	axb_probe_kind in_vms = axb_probe_kind_tracepoint;
	in_vms.name = "kprobe";
	in_vms.vm_gone = OnVmGone;
	const struct axb_probe_kind *const both[] = {&axb_probe_kind_tracepoint, &in_vms};
	axb_vm_gone(3);
	EXPECT_TRUE(gone.empty());
	axb_control_init(both, AXB_ARRAY_COUNT(both));
	axb_vm_gone(3);
	axb_vm_gone(3);
	axb_vm_gone(65535);
	EXPECT_EQ(gone, (std::vector<uint16_t>{3, 3, 65535}));
}

} // namespace
