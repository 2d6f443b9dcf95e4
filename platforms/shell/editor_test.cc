// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "platforms/shell/editor.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace
{

// A terminal of one long line, which knows what the editor uses.
class Terminal
{
      public:
	void Write(const std::string &bytes)
	{
		for (size_t i = 0; i < bytes.size(); i++) {
			if (bytes[i] == '\033') {
				i = Sequence(bytes, i + 2);
			} else if (bytes[i] == '\r') {
				column_ = 0;
			} else if (bytes[i] == '\n') {
				lines_.push_back(line_);
				line_.clear();
				column_ = 0;
			} else {
				Put(bytes[i]);
			}
		}
	}

	// The last line, with | where the cursor is.
	std::string Screen() const
	{
		std::string out = line_;
		out.resize(std::max(out.size(), column_), ' ');
		return out.insert(column_, "|");
	}

	std::vector<std::string> lines_;

      private:
	void Put(char c)
	{
		line_.resize(std::max(line_.size(), column_ + 1), ' ');
		line_[column_++] = c;
	}

	size_t Sequence(const std::string &bytes, size_t at)
	{
		size_t number = 0;
		for (; isdigit(bytes[at]) != 0; at++) {
			number = number * 10 + static_cast<size_t>(bytes[at] - '0');
		}
		if (bytes[at] == 'C') {
			column_ += number;
		} else if (bytes[at] == 'D') {
			EXPECT_LE(number, column_);
			column_ -= number;
		} else if (bytes[at] == 'K') {
			line_.resize(std::min(line_.size(), column_));
		} else {
			ADD_FAILURE() << "unknown sequence";
		}
		return at;
	}

	std::string line_;
	size_t column_ = 0;
};

const char *const kWords[] = {"trace", "tracing", "vm", "vcpu:enter", "vcpu:exit"};

class Editor : public testing::Test
{
      protected:
	Editor()
	{
		editor_.config = {"> ", OnWrite, OnRun, OnComplete, this};
		editor_draw(&editor_);
	}

	static void OnWrite(void *cookie, const char *bytes, size_t size)
	{
		static_cast<Editor *>(cookie)->terminal_.Write(std::string(bytes, size));
	}
	static void OnRun(void *cookie, const char *line)
	{
		static_cast<Editor *>(cookie)->run_.push_back(line);
	}
	static void OnComplete(void *cookie, const char *before, editor_offers *offers)
	{
		static_cast<Editor *>(cookie)->before_ = before;
		for (const char *word : kWords) {
			editor_offer(offers, word);
		}
	}

	std::string Type(const std::string &keys)
	{
		for (char key : keys) {
			editor_key(&editor_, key);
		}
		return terminal_.Screen();
	}

	editor editor_ = {};
	Terminal terminal_;
	std::vector<std::string> run_;
	std::string before_;
};

TEST_F(Editor, KeysChangeLineAndScreenAlike)
{
	const struct {
		const char *keys;
		const char *screen;
	} cases[] = {
		{"abc", "> abc|"},
		{"abc\x7f", "> ab|"},
		{"abc\b\b\b\b", "> |"},
		{"abc\033[D\033[DX", "> aX|bc"},
		{"abc\033[D\033[D\033[D\033[D\033[D", "> |abc"},
		{"abc\033[D\033[C\033[C", "> abc|"},
		{"abc\001X", "> X|abc"},
		{"abc\033[HX\033[FY", "> XabcY|"},
		{"abc\033[1~X\033[4~Y", "> XabcY|"},
		{"abc\033OHX\033OFY", "> XabcY|"},
		{"abc\001\033[3~", "> |bc"},
		{"abc\001\004", "> |bc"},
		{"abc\033[3~", "> abc|"},
		{"abcdef\001\006\006\013", "> ab|"},
		{"abcdef\002\002\025", "> |ef"},
		{"one two  \027", "> one |"},
		{"one two\002\002\027", "> one |wo"},
		{"abc\014", "> abc|"},
		{"abc\033[1;5Dx", "> abx|c"},
		{"abc\033[99~d", "> abcd|"},
		{"abc\033xd", "> abcd|"},
		{"a\000\034\035b", "> a|"},
	};
	for (const auto &c : cases) {
		SCOPED_TRACE(c.keys);
		Type("\003");
		EXPECT_EQ(c.screen, Type(c.keys));
	}
}

TEST_F(Editor, LinesAreRunOnce)
{
	Type("one\r");
	Type("two\n");
	Type("three\r\n");
	Type("\r\r");
	EXPECT_EQ((std::vector<std::string>{"one", "two", "three", "", ""}), run_);
	EXPECT_EQ("> |", terminal_.Screen());
}

TEST_F(Editor, ControlCGivesUp)
{
	EXPECT_EQ("> |", Type("abc\003"));
	EXPECT_EQ("> abc^C", terminal_.lines_.back());
	Type("d\r");
	EXPECT_EQ((std::vector<std::string>{"d"}), run_);
}

TEST_F(Editor, HistoryWithoutDoubles)
{
	Type("one\rtwo\rtwo\r");
	EXPECT_EQ("> two|", Type("dra\033[A"));
	EXPECT_EQ("> one|", Type("\033[A"));
	EXPECT_EQ("> one|", Type("\020"));
	EXPECT_EQ("> two|", Type("\033[B"));
	EXPECT_EQ("> dra|", Type("\016"));
	EXPECT_EQ("> dra|", Type("\033[B"));
	Type("\033[A\033[A!\r");
	EXPECT_EQ("one!", run_.back());
	EXPECT_EQ("> one!|", Type("\033[A"));
}

TEST_F(Editor, HistoryHasABound)
{
	for (int i = 0; i < 40; i++) {
		Type("line " + std::to_string(i) + "\r");
	}
	for (int i = 0; i < 50; i++) {
		Type("\033[A");
	}
	EXPECT_EQ("> line 8|", terminal_.Screen());
}

TEST_F(Editor, TabCompletes)
{
	EXPECT_EQ("> trac|", Type("t\t"));
	EXPECT_EQ("> trac|", Type("\t"));
	EXPECT_EQ("trace  tracing  ", terminal_.lines_.back());
	EXPECT_EQ("> trace |", Type("e\t"));
	EXPECT_EQ("> trace vcpu:e|", Type("vc\t"));
	EXPECT_EQ("> trace vcpu:exit |", Type("x\t"));
	EXPECT_EQ("> trace vcpu:exit zz|", Type("zz\t"));
	EXPECT_EQ("trace vcpu:exit ", before_);
	Type("\003");
	EXPECT_EQ("> vcpu:e| rest", Type("vcp rest\002\002\002\002\002\t"));
}

TEST_F(Editor, LongestLine)
{
	std::string full(EDITOR_LINE_MAX - 1, 'x');
	EXPECT_EQ("> " + full + "|", Type(full + "yyy"));
	Type("\r");
	EXPECT_EQ(full, run_.back());
}

// Any bytes: the screen always shows the line.
TEST_F(Editor, AnyBytes)
{
	uint32_t random = 1;
	for (int i = 0; i < 200000; i++) {
		static const char special[] =
			"\033[ABCDHF~3\t\r\n\001\002\005\006\013\025\027\x7f x";
		random = random * 1664525 + 1013904223;
		editor_key(&editor_, special[(random >> 16) % (sizeof(special) - 1)]);
		ASSERT_LE(editor_.cursor, editor_.length);
		ASSERT_LT(editor_.length, EDITOR_LINE_MAX);
		std::string line(editor_.line, editor_.length);
		ASSERT_EQ("> " + line.insert(editor_.cursor, "|"), terminal_.Screen());
		if (i % 1000 == 0) {
			terminal_.lines_.clear();
			run_.clear();
		}
	}
}

} // namespace
