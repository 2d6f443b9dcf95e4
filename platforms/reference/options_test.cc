/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <string>

#include <cstdio>
#include <gtest/gtest.h>

#include "platforms/reference/options.h"

namespace
{

struct Parsed {
	enum axb_status status;
	struct options options;
	std::string bad;
};

Parsed Parse(std::string line)
{
	Parsed parsed = {};
	static char buffer[256];
	snprintf(buffer, sizeof(buffer), "%s", line.c_str());
	const char *bad = "";
	parsed.status = options_parse(buffer, &parsed.options, &bad);
	parsed.bad = bad;
	return parsed;
}

TEST(OptionsParse, KeepsDefaultsOfWhatIsNotNamed)
{
	Parsed p = Parse("");
	EXPECT_EQ(p.status, AXB_OK);
	EXPECT_EQ(p.options.tick_us, 10000u);
	EXPECT_EQ(p.options.stay, 0u);
}

TEST(OptionsParse, TakesWordsBetweenAnySpaces)
{
	Parsed p = Parse("  stay=7   tick_us=250 ");
	EXPECT_EQ(p.status, AXB_OK);
	EXPECT_EQ(p.options.stay, 7u);
	EXPECT_EQ(p.options.tick_us, 250u);
}

TEST(OptionsParse, TakesFileNames)
{
	Parsed p = Parse("script=a.txt finish=/b/c stream=x=y stay=1 tick_us=5");
	EXPECT_EQ(p.status, AXB_OK);
	EXPECT_STREQ(p.options.script, "a.txt");
	EXPECT_STREQ(p.options.finish, "/b/c");
	EXPECT_STREQ(p.options.stream, "x=y");
	EXPECT_EQ(p.options.stay, 1u);
	EXPECT_EQ(p.options.tick_us, 5u);
	EXPECT_EQ(Parse("").options.script, nullptr);
}

TEST(OptionsParse, NamesTheWordThatItRefuses)
{
	for (const char *bad : {"bogus", "stay", "stay=", "stay=x", "stay=1x", "stay=-1",
		     "stay=18446744073709551616", "script=", "scripts=x"}) {
		Parsed p = Parse(std::string("tick_us=1 ") + bad);
		EXPECT_EQ(p.status, AXB_ERR_ARG) << bad;
		EXPECT_EQ(p.bad, bad);
	}
}

} // namespace
