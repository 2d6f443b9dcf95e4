/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include "probes/fetch/fetch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "codegen/gen/contexts_gen.h"

namespace
{

constexpr uint64_t kMemory = 0x10000;
constexpr size_t kMemorySize = 0x1000;

bool Symbol(void * /*cookie*/, const char *name, uint64_t *address)
{
	*address = kMemory + 0x100;
	return std::string(name) == "counter" || std::string(name) == "f.isra.0";
}

/* One page, and nothing around it. */
class AxbFetch : public testing::Test
{
      protected:
	AxbFetch() : memory_(kMemorySize)
	{
		for (size_t i = 0; i < 31; i++) {
			regs_.regs[i] = 0x1111111111111100 * (i % 8) + i;
		}
		regs_.regs[0] = static_cast<uint64_t>(-5);
		regs_.regs[1] = kMemory;
		regs_.regs[2] = kMemory + kMemorySize;
		regs_.sp = kMemory + 0x800;
		regs_.pc = 0x4020;
		regs_.pstate = 0x3c9;
		Put(0, kMemory + 0x40);
		Put(8, 0x8877665544332211);
		Put(0x100, 77);
		Put(0x808, 0xabcd);
		PutText(0x40, "/etc/passwd");
		PutText(0x60, "exactly-eight-24-charact");
		PutText(0x80, "a string that is longer than all the slots of an event");
		memcpy(&memory_[kMemorySize - 3], "end", 3);
		memcpy(&memory_[kMemorySize - 0x20], "tail", 5);
		memcpy(&memory_[kMemorySize - 7], "odd", 4);
	}

	void Put(size_t at, uint64_t value)
	{
		memcpy(&memory_[at], &value, sizeof(value));
	}

	void PutText(size_t at, const char *text)
	{
		memcpy(&memory_[at], text, strlen(text) + 1);
	}

	static bool Read(void *cookie, uint64_t address, void *to, size_t size)
	{
		auto *self = static_cast<AxbFetch *>(cookie);
		self->reads_++;
		if (address < kMemory || address > kMemory + kMemorySize ||
			size > kMemory + kMemorySize - address) {
			return false;
		}
		memcpy(to, &self->memory_[address - kMemory], size);
		return true;
	}

	/* Parse and run; the event as text: slots, flags. */
	std::string Run(const char *text, bool is_return = false,
		const struct axb_fetch_arch *arch = &axb_fetch_aarch64)
	{
		const struct axb_fetch_target target = {arch, is_return, Symbol, nullptr};
		struct axb_fetch_error why = {};
		struct axb_fetch fetch;
		struct axb_trace_event event = {};
		if (axb_fetch_parse(text, &target, &fetch, &why) != AXB_OK) {
			return why.what;
		}
		axb_fetch_run(&fetch, &regs_, Read, this, &event);
		std::string out;
		for (uint32_t i = 0; i < fetch.count; i++) {
			const struct axb_fetch_arg &arg = fetch.args[i];
			char value[64];
			out += out.empty() ? "" : " ";
			if (arg.display == 's') {
				memcpy(value, &event.args[arg.slot], arg.slots * 8u);
				out += "\"" + std::string(value, strnlen(value, arg.slots * 8u)) +
				       "\"";
			} else {
				snprintf(value, sizeof(value), "%llx",
					static_cast<unsigned long long>(event.args[arg.slot]));
				out += value;
			}
		}
		EXPECT_EQ(event.nr_args, fetch.slots);
		if (event.flags != 0) {
			out += " flags=" + std::to_string(event.flags);
		}
		return out;
	}

	static std::string Describe(const char *text, bool is_return = false)
	{
		const struct axb_fetch_target target = {
			&axb_fetch_x86_64, is_return, Symbol, nullptr};
		struct axb_fetch_error why = {};
		struct axb_fetch fetch;
		char buffer[256];
		struct axb_text out;
		axb_text_init(&out, buffer, sizeof(buffer));
		if (axb_fetch_parse(text, &target, &fetch, &why) == AXB_OK) {
			axb_fetch_describe(&fetch, &out);
		}
		return buffer;
	}

	std::vector<uint8_t> memory_;
	struct axb_user_pt_regs regs_ = {};
	uint32_t reads_ = 0;
};

TEST_F(AxbFetch, Values)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{"%x0", "fffffffffffffffb"},
		{"$arg1:s32", "fffffffffffffffb"},
		{"$arg1:u32", "fffffffb"},
		{"$arg1:u8", "fb"},
		{"$arg1:x16", "fffb"},
		{"$arg1:s8", "fffffffffffffffb"},
		{"%pc", "4020"},
		{"%pstate:u16", "3c9"},
		{"%lr", "666666666666661e"},
		{"%x30", "666666666666661e"},
		{"$arg8", "7777777777777707"},
		{"$stack", "10800"},
		{"$stack1", "abcd"},
		{"+8($stack)", "abcd"},
		{"@counter", "4d"},
		{"@counter:u8", "4d"},
		{"@counter-248:x32", "44332211"},
		{"@counter+0x708", "abcd"},
		{"@f.isra.0", "4d"},
		{"@0x10008:u16", "2211"},
		{"@65544:u16", "2211"},
		{"\\42", "2a"},
		{"\\-1", "ffffffffffffffff"},
		{"\\0xff:s8", "ffffffffffffffff"},
		{"+8(%x1):x64", "8877665544332211"},
		{"+8(%x1):char", "11"},
		{"+9(%x1):u8", "22"},
		{"-8(%x2):u8", "0"},
		{"+0(+0(%x1)):char", "2f"},
		{"+0(+0(%x1)):string", "\"/etc/passwd\""},
		{"+1(+0(%x1)):string", "\"etc/passwd\""},
		{"+0(+0(+0(\\0x10000)))", "0 flags=8"}, /* the text there is no address */
		{"+8(%x1):b4@0/8", "1"},
		{"+8(%x1):b4@4/32", "1"},
		{"+8(%x1):b8@8/32", "22"},
		{"+8(%x1):b64@0/64", "8877665544332211"},
		{"+8(%x1):b1@63/64", "1"},
		{"$arg1:b3@1/16", "5"},
		{"  a=%x0:u8 \t b=$stack1  ", "fb abcd"},
		{"%x0:u8 %x0:u16 %x0:u32 %x0", "fb fffb fffffffb fffffffffffffffb"},
	};
	for (const auto &c : cases) {
		EXPECT_EQ(Run(c.text), c.want) << c.text;
	}
	EXPECT_EQ(Run("$retval:s32 %x1", true), "fffffffffffffffb 10000");
}

TEST_F(AxbFetch, StringsShareWhatNumbersLeave)
{
	EXPECT_EQ(Run("+0x80(%x1):string"), "\"a string that is longer than all\" flags=2");
	EXPECT_EQ(Run("+0x80(%x1):string %x0:u8"), "\"a string that is longer \" fb flags=2");
	EXPECT_EQ(Run("+0x60(%x1):string %x0:u8"), "\"exactly-eight-24-charact\" fb");
	EXPECT_EQ(Run("%x0:u8 +0x60(%x1):string +0x40(%x1):string"),
		"fb \"exactly-eight-24\" \"/etc/pas\" flags=2");
	EXPECT_EQ(Run("a=+0x40(%x1):string b=+0x40(%x1):string c=+0x44(%x1):string "
		      "d=+0x47(%x1):string"),
		"\"/etc/pas\" \"/etc/pas\" \"/passwd\" \"sswd\" flags=2");
}

TEST_F(AxbFetch, FaultsAreMarked)
{
	EXPECT_EQ(Run("+0(%x2)"), "0 flags=8");
	EXPECT_EQ(Run("%x0:u8 +0(%x2):u8"), "fb 0 flags=16");
	EXPECT_EQ(Run("+0(+0(%x2)) %x0:u8 +0(\\0) +0(\\0)"), "0 fb 0 0 flags=104");
	EXPECT_EQ(Run("-4(%x2):x64"), "0 flags=8") << "across the end";
	EXPECT_EQ(Run("-3(%x2):string"), "\"\" flags=8") << "no end before the end of memory";
	EXPECT_EQ(Run("-0x20(%x2):string"), "\"tail\"");
	EXPECT_EQ(Run("-7(%x2):string"), "\"odd\"") << "nothing behind the memory is read";
	EXPECT_EQ(Run("+0(%x2):string %x0:u8"), "\"\" fb flags=8");
	/* Addresses wrap. */
	EXPECT_EQ(Run("+0(\\-1)"), "0 flags=8");
	EXPECT_EQ(Run("+0x7fffffffffffffff(\\-1):string"), "\"\" flags=8");
}

TEST_F(AxbFetch, ReadsAreBounded)
{
	reads_ = 0;
	(void)Run(
		"a=+0x81(%x1):string b=+0x81(%x1):string c=+0x81(%x1):string d=+0x81(%x1):string");
	EXPECT_LE(reads_, 4u * (2 + 1));
}

TEST_F(AxbFetch, RegistersOfX86)
{
	struct axb_pt_regs_x86_64 regs = {};
	const struct axb_fetch_target target = {&axb_fetch_x86_64, false, nullptr, nullptr};
	static const struct {
		const char *name;
		uint64_t axb_pt_regs_x86_64::*field;
	} cases[] = {
		{"%r15", &axb_pt_regs_x86_64::r15},
		{"%r14", &axb_pt_regs_x86_64::r14},
		{"%r13", &axb_pt_regs_x86_64::r13},
		{"%r12", &axb_pt_regs_x86_64::r12},
		{"%r11", &axb_pt_regs_x86_64::r11},
		{"%r10", &axb_pt_regs_x86_64::r10},
		{"%r9", &axb_pt_regs_x86_64::r9},
		{"%r8", &axb_pt_regs_x86_64::r8},
		{"%bx", &axb_pt_regs_x86_64::rbx},
		{"%cx", &axb_pt_regs_x86_64::rcx},
		{"%dx", &axb_pt_regs_x86_64::rdx},
		{"%si", &axb_pt_regs_x86_64::rsi},
		{"%di", &axb_pt_regs_x86_64::rdi},
		{"%bp", &axb_pt_regs_x86_64::rbp},
		{"%ax", &axb_pt_regs_x86_64::rax},
		{"%ip", &axb_pt_regs_x86_64::rip},
		{"%cs", &axb_pt_regs_x86_64::cs},
		{"%flags", &axb_pt_regs_x86_64::eflags},
		{"%sp", &axb_pt_regs_x86_64::rsp},
		{"%ss", &axb_pt_regs_x86_64::ss},
		{"$arg1", &axb_pt_regs_x86_64::rdi},
		{"$arg2", &axb_pt_regs_x86_64::rsi},
		{"$arg3", &axb_pt_regs_x86_64::rdx},
		{"$arg4", &axb_pt_regs_x86_64::rcx},
		{"$arg5", &axb_pt_regs_x86_64::r8},
		{"$arg6", &axb_pt_regs_x86_64::r9},
		{"$stack", &axb_pt_regs_x86_64::rsp},
	};
	uint64_t number = 0x1000;
	for (const auto &c : cases) {
		struct axb_fetch fetch;
		struct axb_fetch_error why = {};
		struct axb_trace_event event = {};
		regs.*c.field = ++number;
		ASSERT_EQ(axb_fetch_parse(c.name, &target, &fetch, &why), AXB_OK) << c.name;
		axb_fetch_run(&fetch, &regs, Read, this, &event);
		EXPECT_EQ(event.args[0], number) << c.name;
	}
}

TEST_F(AxbFetch, Descriptions)
{
	EXPECT_EQ(
		Describe("dfd=$arg1:s32 file=+0($arg2):string c=$arg3:char"), " dfd:d file:s c:c");
	EXPECT_EQ(Describe("%ax %bx:u8 n=\\1:b1@0/8"), " arg1:x arg2:u n:u");
	EXPECT_EQ(Describe("$retval", true), " arg1:x");
}

TEST_F(AxbFetch, Refusals)
{
	static const struct {
		const char *text;
		enum axb_status status;
		uint32_t column;
		const char *what;
		const char *nearest;
	} cases[] = {
		{"", AXB_ERR_ARG, 0, "an argument is missing", ""},
		{"   ", AXB_ERR_ARG, 3, "an argument is missing", ""},
		{"dfd", AXB_ERR_ARG, 0, "an argument begins with NAME= or % $ @ \\ + or -", ""},
		{"a=", AXB_ERR_ARG, 2, "an argument begins with % $ @ \\ + or -", ""},
		{"a=dfd", AXB_ERR_ARG, 2, "an argument begins with % $ @ \\ + or -", ""},
		{"1a=%ax", AXB_ERR_ARG, 0, "a name begins with a letter or _", ""},
		{"=%ax", AXB_ERR_ARG, 0, "an argument begins with % $ @ \\ + or -", ""},
		{"a=%ax a=%bx", AXB_ERR_EXISTS, 6, "another argument has this name", ""},
		{"arg2=%ax %bx", AXB_ERR_EXISTS, 9, "another argument has this name", ""},
		{"a23456789012345678901234=%ax", AXB_ERR_LIMIT, 0,
			"a name has more than 23 characters", ""},
		{"%rdi", AXB_ERR_NOT_FOUND, 1, "no register has this name", "di"},
		{"%", AXB_ERR_ARG, 1, "the name of a register is missing", ""},
		{"%ax,%bx", AXB_ERR_ARG, 3, "the argument should end here", ""},
		{"%ax)", AXB_ERR_ARG, 3, "the argument should end here", ""},
		{"$", AXB_ERR_ARG, 1, "there are $argN, $retval, $stack and $stackN", ""},
		{"$arg", AXB_ERR_NOT_FOUND, 1, "there are $argN, $retval, $stack and $stackN",
			"arg1"},
		{"$arg0", AXB_ERR_ARG, 1, "arguments are counted from $arg1", ""},
		{"$arg7", AXB_ERR_LIMIT, 1, "so many arguments are not in registers", ""},
		{"$arg99999999999999999999", AXB_ERR_NOT_FOUND, 1,
			"there are $argN, $retval, $stack and $stackN", ""},
		{"$retval", AXB_ERR_ARG, 1, "only a return probe knows the result", ""},
		{"$comm", AXB_ERR_UNSUPPORTED, 1, "there are no tasks with names here", ""},
		{"$stack4294967296", AXB_ERR_LIMIT, 1, "that is beyond every stack", ""},
		{"$retvla", AXB_ERR_NOT_FOUND, 1, "there are $argN, $retval, $stack and $stackN",
			"retval"},
		{"@", AXB_ERR_ARG, 1, "an address or a symbol is missing", ""},
		{"@nothing", AXB_ERR_NOT_FOUND, 1, "no symbol has this name", ""},
		{"@counter+", AXB_ERR_ARG, 9, "a number is missing", ""},
		{"@0x", AXB_ERR_ARG, 1, "a number is missing", ""},
		{"@0x1ffffffffffffffff", AXB_ERR_ARG, 1, "the number has more than 64 bits", ""},
		{"\\", AXB_ERR_ARG, 1, "a number is missing", ""},
		{"\\\"x\":string", AXB_ERR_UNSUPPORTED, 1, "a text is no argument here", ""},
		{"+0", AXB_ERR_ARG, 2, "what it is an offset to stands in ()", ""},
		{"+(%ax)", AXB_ERR_ARG, 1, "a number is missing", ""},
		{"+9223372036854775808(%ax)", AXB_ERR_ARG, 0, "the offset has more than 63 bits",
			""},
		{"+u0(%ax)", AXB_ERR_UNSUPPORTED, 1, "there is no user memory here", ""},
		{"+0(%ax", AXB_ERR_ARG, 6, ") is missing", ""},
		{"+0(%ax:u8)", AXB_ERR_ARG, 6, ") is missing", ""},
		{"+0(+0(+0(+0(+0(%ax)))))", AXB_ERR_LIMIT, 12,
			"memory is read more than 4 times for a value", ""},
		{"+0(+0(+0(+0(@counter))))", AXB_ERR_LIMIT, 0,
			"memory is read more than 4 times for a value", ""},
		{"%ax:", AXB_ERR_ARG, 4, "the type is missing", ""},
		{"%ax:u33", AXB_ERR_NOT_FOUND, 4, "no type has this name", "u32"},
		{"%ax:string", AXB_ERR_ARG, 4, "a string is in memory: +0(...):string", ""},
		{"$arg1:string", AXB_ERR_ARG, 6, "a string is in memory: +0(...):string", ""},
		{"+0(%ax):ustring", AXB_ERR_UNSUPPORTED, 8, "there is no user memory here: string",
			""},
		{"%ax:symbol", AXB_ERR_UNSUPPORTED, 4, "whoever reads events has no symbols: x64",
			""},
		{"%ax:symstr", AXB_ERR_UNSUPPORTED, 4, "whoever reads events has no symbols: x64",
			""},
		{"%ax:u8[4]", AXB_ERR_UNSUPPORTED, 6,
			"arrays are not supported: name their elements one by one", ""},
		{"%ax:b4", AXB_ERR_ARG, 6, "a bit field is written bWIDTH@OFFSET/SIZE", ""},
		{"%ax:b4@2", AXB_ERR_ARG, 8, "a bit field is written bWIDTH@OFFSET/SIZE", ""},
		{"%ax:b4@2/24", AXB_ERR_ARG, 9, "bits are of 8, 16, 32 or 64", ""},
		{"%ax:b0@2/8", AXB_ERR_ARG, 4, "there are no such bits", ""},
		{"%ax:b4@5/8", AXB_ERR_ARG, 4, "there are no such bits", ""},
		{"%ax:b9@0/8", AXB_ERR_ARG, 4, "there are no such bits", ""},
		{"%ax %bx %cx %dx %si", AXB_ERR_LIMIT, 16, "an event has room for 4 arguments", ""},
	};
	const struct axb_fetch_target target = {&axb_fetch_x86_64, false, Symbol, nullptr};
	for (const auto &c : cases) {
		struct axb_fetch fetch;
		struct axb_fetch_error why = {};
		EXPECT_EQ(axb_fetch_parse(c.text, &target, &fetch, &why), c.status) << c.text;
		EXPECT_EQ(why.column, c.column) << c.text;
		EXPECT_STREQ(why.what, c.what) << c.text;
		EXPECT_STREQ(why.nearest, c.nearest) << c.text;
	}
	EXPECT_EQ(Run("$arg1", true), "at a return the arguments are gone");
}

TEST_F(AxbFetch, EqualIsWhatFetchesTheSame)
{
	const struct axb_fetch_target target = {&axb_fetch_x86_64, false, Symbol, nullptr};
	/* All different, but for blanks. */
	static const char *const texts[] = {"n=+8(%ax):u8 s=@counter:string", "n=+8(%ax):u8",
		"m=+8(%ax):u8", "n=+9(%ax):u8", "n=+8(%bx):u8", "n=+8(%ax):s8", "n=+8(%ax):x8",
		"n=+8(%ax):u16", "n=+0(+8(%ax)):u8", "n=%ax:u8", "n=\\80:u8", "n=+8(%ax):b8@0/16",
		"n=+8(%ax):b8@8/16", "n=%di:u8", "n=$arg1:u8"};
	std::vector<struct axb_fetch> all;
	for (const char *text : texts) {
		struct axb_fetch_error why = {};
		struct axb_fetch fetch;
		struct axb_fetch spaced;
		memset(&spaced, 0x55, sizeof(spaced));
		ASSERT_EQ(axb_fetch_parse(text, &target, &fetch, &why), AXB_OK) << text;
		ASSERT_EQ(axb_fetch_parse(
				  (std::string("  ") + text + " ").c_str(), &target, &spaced, &why),
			AXB_OK);
		EXPECT_TRUE(axb_fetch_equal(&fetch, &spaced)) << text;
		for (const struct axb_fetch &other : all) {
			EXPECT_FALSE(axb_fetch_equal(&fetch, &other)) << text;
		}
		all.push_back(fetch);
	}
}

} // namespace
