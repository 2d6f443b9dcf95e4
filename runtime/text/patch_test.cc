// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
#include "runtime/text/patch.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/hooks/text.h"

namespace
{

// The text of the test, and what was done to it.
uint8_t text[64];
std::string done;
bool stopped;
bool refuse;

} // namespace

extern "C" {

bool axb_plat_slot_area(uint64_t *, size_t *)
{
	return false;
}

bool axb_plat_text_write(uint64_t address, const void *bytes, size_t size)
{
	if (refuse) {
		return false;
	}
	std::memcpy(text + address, bytes, size);
	done += "write " + std::to_string(address) + "+" + std::to_string(size) +
		(stopped ? " stopped; " : "; ");
	return true;
}

void axb_plat_text_sync(void)
{
	done += "sync; ";
}

void axb_plat_text_stop(void (*change)(void *cookie), void *cookie)
{
	stopped = true;
	change(cookie);
	stopped = false;
}
}

namespace
{

class Patch : public testing::Test
{
      protected:
	void SetUp() override
	{
		done.clear();
		refuse = false;
	}

	static std::string X86(const std::vector<uint8_t> &from, const std::vector<uint8_t> &to)
	{
		axb_patch_plan plan;
		std::memcpy(text + 8, from.data(), from.size());
		EXPECT_EQ(
			AXB_OK, axb_patch_plan_x86_64(from.data(), to.data(), from.size(), &plan));
		EXPECT_EQ(AXB_OK, axb_patch_apply(8, &plan));
		EXPECT_EQ(0, std::memcmp(text + 8, to.data(), to.size()));
		return done;
	}

	static std::string A64(uint32_t from, uint32_t to)
	{
		axb_patch_plan plan;
		uint8_t old_bytes[4], new_bytes[4];
		std::memcpy(old_bytes, &from, 4);
		std::memcpy(new_bytes, &to, 4);
		EXPECT_EQ(AXB_OK, axb_patch_plan_aarch64(old_bytes, new_bytes, 4, &plan));
		EXPECT_EQ(AXB_OK, axb_patch_apply(8, &plan));
		EXPECT_EQ(0, std::memcmp(text + 8, new_bytes, 4));
		return done;
	}
};

TEST_F(Patch, OneByteOnX86)
{
	EXPECT_EQ("write 8+1; sync; ", X86({0x55}, {0xcc}));
}

TEST_F(Patch, BreakpointOverALongInstruction)
{
	EXPECT_EQ("write 8+1; sync; ", X86({0x48, 0x89, 0xe5}, {0xcc, 0x89, 0xe5}));
}

TEST_F(Patch, MoreBytesGoBehindABreakpoint)
{
	EXPECT_EQ("write 8+1; sync; write 9+4; sync; write 8+1; sync; ",
		X86({0x0f, 0x1f, 0x44, 0, 0}, {0xe9, 1, 2, 3, 4}));
}

TEST_F(Patch, SafeWordsChangeLive)
{
	EXPECT_EQ("write 8+4; sync; ", A64(0xd503201f, 0x14000002));
	done.clear();
	EXPECT_EQ("write 8+4; sync; ", A64(0x14000002, 0xd503201f));
	done.clear();
	EXPECT_EQ("write 8+4; sync; ", A64(0x94000002, 0xd4200000));
}

TEST_F(Patch, OtherWordsStopTheOthers)
{
	EXPECT_EQ("write 8+4 stopped; ", A64(0xa9bf7bfd, 0xd4200000));
	done.clear();
	EXPECT_EQ("write 8+4 stopped; ", A64(0xd4200000, 0xa9bf7bfd));
	done.clear();
	// Conditional branches are not in the list.
	EXPECT_EQ("write 8+4 stopped; ", A64(0x54000001, 0xd4200000));
}

TEST_F(Patch, RefusedIsAFault)
{
	axb_patch_plan plan;
	const uint8_t from[] = {0x55}, to[] = {0xcc};
	ASSERT_EQ(AXB_OK, axb_patch_plan_x86_64(from, to, 1, &plan));
	refuse = true;
	EXPECT_EQ(AXB_ERR_FAULT, axb_patch_apply(8, &plan));
	EXPECT_EQ("", done);
}

TEST_F(Patch, BadSizes)
{
	axb_patch_plan plan;
	const uint8_t bytes[32] = {};
	EXPECT_EQ(AXB_ERR_ARG, axb_patch_plan_x86_64(bytes, bytes, 0, &plan));
	EXPECT_EQ(AXB_ERR_ARG, axb_patch_plan_x86_64(bytes, bytes, AXB_PATCH_MAX + 1, &plan));
	EXPECT_EQ(AXB_ERR_ARG, axb_patch_plan_aarch64(bytes, bytes, 8, &plan));
}

} // namespace
