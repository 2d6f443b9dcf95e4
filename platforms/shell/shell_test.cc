/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
 *
 * What the golden session does not show: status codes, odd lines, and that outputs are well formed.
 */
#include <gtest/gtest.h>

#include "bpf/embedded.h"
#include "platforms/shell/editor.h"
#include "platforms/shell/testing.h"

#include "codegen/gen/event_gen.h"       // Generated.
#include "codegen/gen/tracepoints_gen.h" // Generated.

namespace
{

using testing::Test;

class AxbShell : public Test
{
      protected:
	bool Says(const std::string &line, const std::string &part)
	{
		std::string text = shell_.Run(line);
		EXPECT_NE(text.find(part), std::string::npos) << line << "\n" << text;
		return text.find(part) != std::string::npos;
	}
	ShellFixture shell_;
};

TEST_F(AxbShell, IgnoresEmptyLines)
{
	for (const char *line : {"", "   ", "\t \t"}) {
		EXPECT_EQ(shell_.Run(line), "");
		EXPECT_EQ(shell_.status, AXB_OK);
	}
}

TEST_F(AxbShell, RefusesWithAStatus)
{
	const struct {
		const char *line;
		enum axb_status status;
	} cases[] = {
		{"help", AXB_ERR_NOT_FOUND},
		{"trace lst", AXB_ERR_NOT_FOUND},
		{"trace enable", AXB_ERR_ARG},
		{"trace enable nothing:*", AXB_ERR_NOT_FOUND},
		{"trace list a b", AXB_ERR_ARG},
		{"trace load nothing", AXB_ERR_NOT_FOUND},
		{"trace load exits --atach", AXB_ERR_ARG},
		{"trace unload exits", AXB_ERR_NOT_FOUND},
		{"trace attach nothing", AXB_ERR_NOT_FOUND},
		{"trace maps nothing", AXB_ERR_NOT_FOUND},
		{"trace stream maybe", AXB_ERR_ARG},
		{"trace dump many", AXB_ERR_ARG},
		{"trace dump 0x10000000000000001", AXB_ERR_ARG},
		{"trace stat --hits vcpu:exit", AXB_ERR_ARG},
		{"trace format vcpu", AXB_ERR_ARG},
		{"trace sym main", AXB_ERR_STATE},
		{"trace help nothing", AXB_ERR_NOT_FOUND},
		{"trace list 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", AXB_ERR_ARG},
	};
	for (const auto &c : cases) {
		EXPECT_NE(shell_.Run(c.line), "") << c.line;
		EXPECT_EQ(shell_.status, c.status) << c.line;
	}
}

TEST_F(AxbShell, RefusesLinesThatAreTooLong)
{
	shell_.Run("trace marker " + std::string(AXB_SHELL_LINE_MAX, 'x'));
	EXPECT_EQ(shell_.status, AXB_ERR_ARG);
}

TEST_F(AxbShell, PutsTheCaretUnderTheWrongWord)
{
	EXPECT_EQ(shell_.Run("trace  enable vmm:*  vcpu:exti"),
		"Enabled: vmm:* (8)\n"
		"trace  enable vmm:*  vcpu:exti\n"
		"                     ^\n"
		"error: matches no tracepoint; did you mean vcpu:exit?\n");
}

TEST_F(AxbShell, LoadsAFileAndExplainsWhyNot)
{
	const struct axb_embedded_object *object = axb_embedded_find("exits");
	shell_.file = "not an ELF file";
	Says("trace load some.bpf.o", "error: ");
	EXPECT_NE(shell_.status, AXB_OK);
	shell_.file.assign((const char *)object->bytes, *object->size);
	Says("trace load some.bpf.o --attach", "Attached: count_exit to vcpu:exit");
	Says("trace load some.bpf.o", "it is loaded already");
	EXPECT_EQ(shell_.status, AXB_ERR_EXISTS);
}

TEST_F(AxbShell, FindsAnObjectByAPathThatIsLongerThanANameCanBe)
{
	const struct axb_embedded_object *object = axb_embedded_find("exits");
	const std::string path = std::string(AXB_NAME_MAX, 'd') + "/exits.bpf.o";
	shell_.file.assign((const char *)object->bytes, *object->size);
	Says("trace load " + path, "Loaded: ");
	Says("trace load " + path, "it is loaded already");
	Says("trace unload " + path, "Unloaded: ");
	EXPECT_EQ(shell_.status, AXB_OK);
}

TEST_F(AxbShell, SetsGlobalVariablesAtLoad)
{
	EXPECT_EQ(shell_.Run("trace load vm_filter target=2"),
		"trace load vm_filter target=2\n"
		"           ^\n"
		"error: target: the object has no such global variable\n");
	EXPECT_EQ(shell_.status, AXB_ERR_NOT_FOUND);
	for (const char *word : {"target_vm", "target_vm=", "=2", "target_vm=x", "target_vm=-1"}) {
		Says(std::string("trace load vm_filter ") + word, "NAME=NUMBER are known here");
		EXPECT_EQ(shell_.status, AXB_ERR_ARG);
	}
	Says("trace load vm_filter target_vm=65536", "does not fit");
	Says("trace load vm_filter target_vm=0x2 --attach matched=3", "Attached: filter_exit");
	EXPECT_EQ(shell_.status, AXB_OK);
	Says("trace maps .bss", "0: 3");
	axb_trace_vcpu_exit(1, 0, AXB_EXIT_HVC, 0x1000, 0, 10);
	Says("trace maps .bss", "0: 3");
	axb_trace_vcpu_exit(2, 0, AXB_EXIT_HVC, 0x1000, 0, 10);
	Says("trace maps .bss", "0: 4");
}

TEST_F(AxbShell, UnloadsOnlyWhatIsNotAttached)
{
	Says("trace load exits --attach", "Attached");
	shell_.Run("trace unload exits");
	EXPECT_EQ(shell_.status, AXB_ERR_BUSY);
	Says("trace detach exits/count_exit", "Detached: count_exit from vcpu:exit");
	shell_.Run("trace detach exits/count_exit");
	EXPECT_EQ(shell_.status, AXB_ERR_NOT_FOUND);
	Says("trace unload exits", "Unloaded: exits");
	EXPECT_EQ(shell_.status, AXB_OK);
	EXPECT_EQ(shell_.Run("trace maps --json"), "");
}

TEST_F(AxbShell, MakesAnEventOfEachCommand)
{
	shell_.Run("trace enable shell:*");
	shell_.Run("trace list");
	Says("trace dump", "shell:shell_command            cmd_id=1 dur=");
}

TEST_F(AxbShell, MarkerKeepsTheTextAsItWasTyped)
{
	shell_.Run("trace enable user:*");
	shell_.Run("trace marker  two   words");
	Says("trace dump", "two   words");
}

TEST_F(AxbShell, StreamShowsEachEventOnce)
{
	shell_.Run("trace enable irq:ack");
	axb_trace_irq_ack(1);
	shell_.Run("trace stream on");
	axb_trace_irq_ack(2);
	axb_trace_irq_ack(3);
	axb_shell_poll();
	std::string first = shell_.TakeOutput();
	EXPECT_EQ(first.find("irq=1"), std::string::npos);
	EXPECT_NE(first.find("irq=2"), std::string::npos);
	EXPECT_NE(first.find("irq=3"), std::string::npos);
	axb_shell_poll();
	EXPECT_EQ(shell_.TakeOutput(), "");
	shell_.Run("trace stream off");
	axb_trace_irq_ack(4);
	axb_shell_poll();
	EXPECT_EQ(shell_.TakeOutput(), "");
}

TEST_F(AxbShell, StreamShowsEventsOfOneNanosecondAndOfTraps)
{
	shell_.Run("trace enable irq:ack");
	axb_fake_set_time(5000, 0);
	axb_trace_irq_ack(1);
	shell_.Run("trace stream on");
	axb_trace_irq_ack(2);
	axb_trace_irq_ack(3);
	axb_shell_poll();
	axb_trace_irq_ack(4);
	axb_fake_set_time(6000, 1);
	axb_fake_trap_at_clock([](void *) { axb_trace_irq_ack(6); }, nullptr);
	axb_trace_irq_ack(5);
	axb_shell_poll();
	axb_shell_poll();
	std::string text = shell_.TakeOutput();
	EXPECT_EQ(text.find("irq=1"), std::string::npos) << text;
	for (const char *event : {"irq=2", "irq=3", "irq=4", "irq=5", "irq=6"}) {
		size_t at = text.find(event);
		ASSERT_NE(at, std::string::npos) << event << "\n" << text;
		EXPECT_EQ(text.find(event, at + 1), std::string::npos) << event << "\n" << text;
	}
	axb_fake_trap_at_clock(nullptr, nullptr);
	shell_.Run("trace stream off");
}

// What Tab gives behind @before and @word: the line as it then is.
std::string Complete(const std::string &line)
{
	editor editor = {};
	editor.config.prompt = "";
	editor.config.write = [](void *, const char *, size_t) {};
	editor.config.run = [](void *, const char *) {};
	editor.config.complete = [](void *, const char *before, editor_offers *offers) {
		axb_shell_complete(before, offers);
	};
	for (char key : line + "\t") {
		editor_key(&editor, key);
	}
	return std::string(editor.line, editor.length);
}

TEST_F(AxbShell, CompletesEveryKindOfWord)
{
	ASSERT_TRUE(Says("trace load exits", "Loaded"));
	const struct {
		const char *line;
		const char *completed;
	} cases[] = {
		{"tr", "trace "},
		{"trace ena", "trace enable "},
		{"  trace   ena", "  trace   enable "},
		{"trace enable vcpu:ex", "trace enable vcpu:exit "},
		{"trace enable vcpu:exit vcpu:en", "trace enable vcpu:exit vcpu:enter "},
		{"trace disable irq:i", "trace disable irq:inject "},
		{"trace load exi", "trace load exit"},
		{"trace attach count", "trace attach count_exit "},
		{"trace attach count_exit trace", "trace attach count_exit tracepoint:"},
		{"trace detach count_exit tracepoint:vcpu:ex",
			"trace detach count_exit tracepoint:vcpu:exit "},
		{"trace check tracepoint:vcpu:en", "trace check tracepoint:vcpu:enter "},
		{"trace maps exi", "trace maps exits "},
		{"trace help form", "trace help format "},
		{"trace nothing vc", "trace nothing vc"},
		{"trace enable nothing", "trace enable nothing"},
		{"vm li", "vm li"},
	};
	for (const auto &c : cases) {
		EXPECT_EQ(Complete(c.line), c.completed);
	}
}

} // namespace
