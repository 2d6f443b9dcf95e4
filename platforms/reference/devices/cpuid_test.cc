/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "platforms/reference/devices/cpuid.h"

namespace
{

constexpr struct cpuid_leaf kAll = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
constexpr struct cpuid_guest kOne = {0, 1, false, 1000000};
constexpr struct cpuid_guest kSecondOfFour = {1, 4, true, 1000000};

struct cpuid_leaf Ask(const struct cpuid_guest &guest, uint32_t leaf, uint32_t subleaf = 0)
{
	return cpuid_of_guest(&guest, leaf, subleaf, kAll);
}

TEST(CpuidOfGuest, HidesWhatIsNotVirtualized)
{
	const struct {
		uint32_t leaf;
		uint32_t ecx, edx; // bits that must be 0
	} cases[] = {
		{0x1, 1 << 3 | 1 << 5, 1 << 7 | 1 << 12 | 1 << 14}, // MONITOR, VMX; MCE, MTRR, MCA
		{0x80000001, 1 << 2 | 1 << 12, 1 << 12},            // SVM, SKINIT; MTRR
		// PKU, OSPKE, shadow stacks, LA57, PKS; speculation controls
		{0x7, 1 << 3 | 1 << 4 | 1 << 7 | 1 << 16 | 1u << 31, ~(1u << 29)},
	};
	for (const auto &c : cases) {
		struct cpuid_leaf r = Ask(kOne, c.leaf);
		EXPECT_EQ(r.ecx & c.ecx, 0u) << std::hex << c.leaf;
		EXPECT_EQ(r.edx & c.edx, 0u) << std::hex << c.leaf;
	}
	EXPECT_EQ(Ask(kOne, 0xd, 1).eax, ~(1u << 3)) << "XSAVES";
	EXPECT_EQ(Ask(kOne, 0xd, 0).eax, UINT32_MAX);
}

TEST(CpuidOfGuest, HasAnMsrThatSaysThatX2apicModeIsLocked)
{
	const struct cpuid_leaf none = {0, 0, 0, 0};
	EXPECT_EQ(cpuid_of_guest(&kOne, 0x7, 0, none).edx, 1u << 29);
}

TEST(CpuidOfGuest, GivesNothingWhereThereIsNothing)
{
	for (uint32_t leaf :
		{0x5u, 0xau, 0x40000002u, 0x40000011u, 0x7fffffffu, 0x80000009u, 0xffffffffu}) {
		struct cpuid_leaf r = Ask(kOne, leaf);
		EXPECT_EQ(r.eax | r.ebx | r.ecx | r.edx, 0u) << std::hex << leaf;
	}
}

TEST(CpuidOfGuest, PassesOtherLeavesOn)
{
	for (uint32_t leaf : {0x0u, 0x2u, 0x80000000u, 0x80000002u, 0x80000006u}) {
		struct cpuid_leaf r = Ask(kOne, leaf);
		EXPECT_EQ(memcmp(&r, &kAll, sizeof(r)), 0) << std::hex << leaf;
	}
}

TEST(CpuidOfGuest, TellsTheVcpusOfAVmApart)
{
	EXPECT_EQ(Ask(kSecondOfFour, 0x1).ebx, 0x0104ffffu);
	EXPECT_NE(Ask(kSecondOfFour, 0x1).edx & 1 << 28, 0u);
	EXPECT_EQ(Ask(kOne, 0x1).edx & 1 << 28, 0u);
	struct cpuid_leaf threads = Ask(kSecondOfFour, 0xb, 0);
	EXPECT_EQ(threads.ebx, 1u);
	EXPECT_EQ(threads.ecx, 0x100u);
	struct cpuid_leaf cores = Ask(kSecondOfFour, 0xb, 1);
	EXPECT_EQ(cores.eax, 2u);
	EXPECT_EQ(cores.ebx, 4u);
	EXPECT_EQ(cores.ecx, 0x201u);
	EXPECT_EQ(cores.edx, 1u);
	EXPECT_EQ(Ask(kSecondOfFour, 0x80000008).ecx, 0x2003u);
}

TEST(CpuidOfGuest, FollowsTheGuestsOwnControls)
{
	EXPECT_EQ(Ask(kOne, 0x1).ecx & 1 << 27, 0u);
	EXPECT_NE(Ask(kSecondOfFour, 0x1).ecx & 1 << 27, 0u);
}

TEST(CpuidOfGuest, IsAHypervisorWithAClock)
{
	struct cpuid_leaf r = Ask(kOne, 0x40000000);
	std::string signature((const char *)&r.ebx, 12);
	EXPECT_EQ(signature, std::string("KVMKVMKVM\0\0\0", 12));
	EXPECT_EQ(r.eax, 0x40000010u);
	EXPECT_EQ(Ask(kOne, 0x40000001).eax, 1u << 3 | 1u << 24);
	EXPECT_EQ(Ask(kOne, 0x40000010).eax, 1000000u);
	EXPECT_NE(Ask(kOne, 0x1).ecx & 1u << 31, 0u);
}

} // namespace
