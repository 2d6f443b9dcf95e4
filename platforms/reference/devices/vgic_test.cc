/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "platforms/reference/devices/vgic.h"

namespace
{

constexpr uint64_t kPending = UINT64_C(1) << 62;
constexpr uint64_t kActive = UINT64_C(1) << 63;
constexpr uint64_t kHardware = UINT64_C(1) << 61;
constexpr uint64_t kEoi = UINT64_C(1) << 41;
constexpr uint64_t kState = kPending | kActive;

/* Offsets in the distributor, and in the second frame of a redistributor. */
constexpr uint64_t kCtlr = 0, kEnable = 0x100, kDisable = 0x180, kSetPending = 0x200,
		   kClearPending = 0x280, kSetActive = 0x300, kClearActive = 0x380,
		   kPriority = 0x400, kConfig = 0xc00, kRouter = 0x6000;
constexpr uint32_t kSpi = 33, kSpi2 = 40, kTimer = 27, kSgi = 3;

class Vgic : public testing::Test
{
      protected:
	Vgic()
	{
		vgic_init(&vgic_, 2);
		Gicd(kCtlr, 2);
		for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
			Gicr(vcpu, kEnable, UINT32_MAX);
		}
		Gicd(kEnable + 4, UINT32_MAX);
	}
	static uint64_t Redistributor(uint32_t vcpu)
	{
		return VGIC_GICR_BASE + uint64_t{vcpu} * VGIC_GICR_STRIDE;
	}
	bool Write(uint64_t gpa, uint64_t value, uint32_t size = 4)
	{
		return vgic_access(&vgic_, axb_gpa_t{gpa}, size, true, &value);
	}
	uint64_t Read(uint64_t gpa, uint32_t size = 4)
	{
		uint64_t value = 0xbad;
		EXPECT_TRUE(vgic_access(&vgic_, axb_gpa_t{gpa}, size, false, &value)) << gpa;
		return value;
	}
	void Gicd(uint64_t offset, uint64_t value, uint32_t size = 4)
	{
		EXPECT_TRUE(Write(VGIC_GICD_BASE + offset, value, size)) << offset;
	}
	void Gicr(uint32_t vcpu, uint64_t offset, uint64_t value, uint32_t size = 4)
	{
		EXPECT_TRUE(Write(Redistributor(vcpu) + 0x10000 + offset, value, size)) << offset;
	}
	/* Numbers of the interrupts that @vcpu would take, in order. */
	std::vector<uint32_t> Load(uint32_t vcpu)
	{
		count_ = vgic_load(&vgic_, vcpu, list_, &more_);
		std::vector<uint32_t> irqs;
		for (uint32_t i = 0; i < count_; i++) {
			irqs.push_back(static_cast<uint32_t>(list_[i]));
		}
		return irqs;
	}
	/* The guest left its list registers in @state. */
	void Save(uint32_t vcpu, uint64_t state)
	{
		for (uint32_t i = 0; i < count_; i++) {
			list_[i] = (list_[i] & ~kState) | state;
		}
		vgic_save(&vgic_, vcpu, list_, count_);
	}
	struct vgic vgic_;
	uint64_t list_[VGIC_LRS];
	uint32_t count_ = 0;
	bool more_ = false;
};

using Irqs = std::vector<uint32_t>;

TEST_F(Vgic, TellsWhatItIs)
{
	EXPECT_EQ(Read(VGIC_GICD_BASE), 0x52u);
	EXPECT_EQ(Read(VGIC_GICD_BASE + 4) & 0x1f, 1u) << "64 interrupts";
	EXPECT_EQ(Read(VGIC_GICD_BASE + 0xffe8), 0x3bu);
	EXPECT_EQ(Read(Redistributor(1) + 0xffe8), 0x3bu);
	EXPECT_EQ(Read(Redistributor(0) + 8, 8), 0u);
	EXPECT_EQ(Read(Redistributor(1) + 8, 8), UINT64_C(1) << 32 | 1u << 8 | 1u << 4);
	EXPECT_EQ(Read(Redistributor(1) + 12), 1u);
	EXPECT_EQ(Read(VGIC_GICD_BASE + 0x84), UINT32_MAX);
}

TEST_F(Vgic, RefusesOtherFramesAndSizes)
{
	uint64_t value;
	const struct {
		uint64_t gpa;
		uint32_t size;
	} cases[] = {
		{VGIC_GICD_BASE - 4, 4},
		{VGIC_GICD_BASE + VGIC_GICD_SIZE, 4},
		{VGIC_GICR_BASE - 4, 4},
		{Redistributor(2), 4},
		{UINT64_MAX, 4},
		{VGIC_GICD_BASE + 0x102, 4},
		{VGIC_GICD_BASE + 0x104, 2},
		{VGIC_GICD_BASE + 0x104, 1},
		{VGIC_GICD_BASE + 0x104, 8},
		{VGIC_GICD_BASE + 0x6104, 8},
		{Redistributor(0) + 0x400, 1},
		{Redistributor(0) + 0x14, 8},
	};
	for (const auto &c : cases) {
		EXPECT_FALSE(vgic_access(&vgic_, axb_gpa_t{c.gpa}, c.size, false, &value)) << c.gpa;
	}
}

TEST_F(Vgic, EveryWordOfItsFramesCanBeReadAndWritten)
{
	for (uint64_t offset = 0; offset < VGIC_GICD_SIZE; offset += 4) {
		(void)Read(VGIC_GICD_BASE + offset);
		EXPECT_TRUE(Write(VGIC_GICD_BASE + offset, UINT32_MAX));
	}
	for (uint64_t offset = 0; offset < VGIC_GICR_STRIDE; offset += 4) {
		(void)Read(Redistributor(1) + offset);
		EXPECT_TRUE(Write(Redistributor(1) + offset, UINT32_MAX));
	}
	Load(0);
	Load(1);
}

TEST_F(Vgic, SetAndClearRegistersAreOneState)
{
	const struct {
		uint64_t set;
		uint64_t clear;
	} cases[] = {{kEnable, kDisable}, {kSetPending, kClearPending}, {kSetActive, kClearActive}};
	for (const auto &c : cases) {
		Gicd(c.clear + 4, UINT32_MAX);
		Gicd(c.set + 4, 0x30);
		Gicd(c.clear + 4, 0x10);
		EXPECT_EQ(Read(VGIC_GICD_BASE + c.set + 4), 0x20u);
		EXPECT_EQ(Read(VGIC_GICD_BASE + c.clear + 4), 0x20u);
		EXPECT_EQ(Read(VGIC_GICD_BASE + c.set), 0u) << "private ones are elsewhere";
	}
}

TEST_F(Vgic, PrioritiesAreBytesToo)
{
	Gicd(kPriority + kSpi, 0xa0, 1);
	EXPECT_EQ(Read(VGIC_GICD_BASE + kPriority + 32), 0xa000u);
	EXPECT_EQ(Read(VGIC_GICD_BASE + kPriority + kSpi, 1), 0xa0u);
	Gicr(1, kPriority + 4, 0x11223344);
	EXPECT_EQ(Read(Redistributor(1) + 0x10000 + kPriority + 6, 1), 0x22u);
}

TEST_F(Vgic, ConfigurationOfPrivateInterruptsIsFixed)
{
	Gicr(0, kConfig, 0);
	Gicr(0, kConfig + 4, UINT32_MAX);
	EXPECT_EQ(Read(Redistributor(0) + 0x10000 + kConfig), 0xaaaaaaaau);
	EXPECT_EQ(Read(Redistributor(0) + 0x10000 + kConfig + 4), 0u);
	Gicd(kConfig + 8, 0xffffffff);
	EXPECT_EQ(Read(VGIC_GICD_BASE + kConfig + 8), 0xaaaaaaaau);
	EXPECT_EQ(Read(VGIC_GICD_BASE + kConfig + 12), 0u);
}

TEST_F(Vgic, LevelIsPendingUntilItFalls)
{
	vgic_set_line(&vgic_, 0, kSpi, true);
	EXPECT_EQ(Read(VGIC_GICD_BASE + kSetPending + 4), 2u);
	EXPECT_EQ(Load(0), Irqs{kSpi});
	EXPECT_TRUE(list_[0] & kPending);
	EXPECT_TRUE(list_[0] & kEoi) << "its end must be seen";
	EXPECT_EQ(vgic_wanting(&vgic_), 0u) << "listed";
	Save(0, kActive);
	EXPECT_EQ(vgic_wanting(&vgic_), 0u) << "active";
	EXPECT_EQ(Load(0), Irqs{kSpi});
	EXPECT_EQ(list_[0] & kState, kActive);
	Save(0, 0);
	EXPECT_EQ(Load(0), Irqs{kSpi}) << "still high";
	Save(0, kPending);
	vgic_set_line(&vgic_, 0, kSpi, false);
	EXPECT_EQ(Load(0), Irqs{});
}

TEST_F(Vgic, EdgeIsPendingOnce)
{
	Gicd(kConfig + 8, 2u << 2);
	vgic_set_line(&vgic_, 0, kSpi, true);
	vgic_set_line(&vgic_, 0, kSpi, false);
	EXPECT_EQ(Load(0), Irqs{kSpi});
	Save(0, kPending);
	EXPECT_EQ(Load(0), Irqs{kSpi}) << "not taken yet";
	Save(0, 0);
	EXPECT_EQ(Load(0), Irqs{});
}

TEST_F(Vgic, SgiThatComesAgainWhileActiveComesAfterItsEnd)
{
	vgic_send_sgi(&vgic_, 1, kSgi << 24 | 1);
	EXPECT_EQ(vgic_wanting(&vgic_), 1u);
	EXPECT_EQ(Load(0), Irqs{kSgi});
	EXPECT_FALSE(list_[0] & kEoi);
	vgic_send_sgi(&vgic_, 1, kSgi << 24 | 1);
	Save(0, kActive);
	EXPECT_EQ(Load(0), Irqs{kSgi});
	EXPECT_EQ(list_[0] & (kState | kEoi), kActive | kEoi);
	Save(0, 0);
	EXPECT_EQ(Load(0), Irqs{kSgi});
	EXPECT_EQ(list_[0] & kState, kPending);
}

TEST_F(Vgic, SgisGoToTheirTargets)
{
	const struct {
		uint64_t value;
		uint32_t wanting;
	} cases[] = {
		{0x1, 1},
		{0x2, 2},
		{0x3, 3},
		{0xfff4, 0},
		{UINT64_C(1) << 40, 2},
		{0x10001, 0},
		{UINT64_C(1) << 32 | 1, 0},
		{UINT64_C(1) << 48 | 1, 0},
		{UINT64_C(1) << 44 | 1, 0},
	};
	for (const auto &c : cases) {
		Gicr(0, kClearPending, UINT32_MAX);
		Gicr(1, kClearPending, UINT32_MAX);
		vgic_send_sgi(&vgic_, 0, c.value | kSgi << 24);
		EXPECT_EQ(vgic_wanting(&vgic_), c.wanting) << c.value;
	}
}

TEST_F(Vgic, HardwareInterruptEndsWithItsPhysicalOne)
{
	vgic_set_line(&vgic_, 1, kTimer, true);
	EXPECT_EQ(Load(0), Irqs{});
	EXPECT_EQ(Load(1), Irqs{kTimer});
	EXPECT_TRUE(list_[0] & kHardware);
	EXPECT_EQ(list_[0] >> 32 & 0x3ff, kTimer);
	Save(1, kActive);
	EXPECT_EQ(Load(1), Irqs{kTimer});
	Save(1, 0);
	EXPECT_EQ(vgic_.own[1].line, 0u);
	EXPECT_EQ(Load(1), Irqs{});
}

TEST_F(Vgic, SharedInterruptsGoWhereTheyAreRouted)
{
	vgic_set_line(&vgic_, 0, kSpi, true);
	const struct {
		uint64_t route;
		uint32_t wanting;
	} cases[] = {
		{0, 1},
		{1, 2},
		{2, 0},
		{0x100, 0},
		{UINT64_C(1) << 32, 0},
		{UINT64_C(1) << 31, 1},
	};
	for (const auto &c : cases) {
		Gicd(kRouter + 8 * kSpi, c.route, 8);
		EXPECT_EQ(Read(VGIC_GICD_BASE + kRouter + 8 * kSpi, 8), c.route);
		EXPECT_EQ(vgic_wanting(&vgic_), c.wanting) << c.route;
	}
	Gicd(kRouter + 8 * kSpi, 1);
	EXPECT_EQ(Load(0), Irqs{});
	EXPECT_EQ(Load(1), Irqs{kSpi});
	Save(1, kActive);
	Gicd(kRouter + 8 * kSpi, 0);
	EXPECT_EQ(Load(0), Irqs{}) << "active at the vCPU that took it";
	EXPECT_EQ(Load(1), Irqs{kSpi});
}

TEST_F(Vgic, NothingComesWhileDisabled)
{
	vgic_set_line(&vgic_, 0, kSpi, true);
	Gicd(kDisable + 4, 2);
	EXPECT_EQ(Load(0), Irqs{});
	Gicd(kEnable + 4, 2);
	Gicd(kCtlr, 0);
	EXPECT_EQ(vgic_wanting(&vgic_), 0u);
	EXPECT_EQ(Load(0), Irqs{});
	Gicd(kCtlr, 2);
	EXPECT_EQ(Load(0), Irqs{kSpi});
}

TEST_F(Vgic, MostUrgentFirstAndTheRestLater)
{
	for (uint32_t irq : {1u, 2u, 3u}) {
		vgic_send_sgi(&vgic_, 0, irq << 24 | 1);
	}
	vgic_set_line(&vgic_, 0, kSpi, true);
	vgic_set_line(&vgic_, 0, kSpi2, true);
	Gicr(0, kPriority, 0x80808080);
	Gicd(kPriority + kSpi, 0x80, 1);
	Gicd(kPriority + kSpi2, 0x10, 1);
	EXPECT_EQ(Load(0), (Irqs{kSpi2, 1, 2, 3}));
	EXPECT_TRUE(more_);
	EXPECT_EQ(list_[0] >> 48 & 0xff, 0x10u);
	Save(0, 0);
	vgic_set_line(&vgic_, 0, kSpi2, false);
	EXPECT_EQ(Load(0), Irqs{kSpi});
	EXPECT_FALSE(more_);
}

TEST_F(Vgic, ActiveOnesAreListedBeforePendingOnes)
{
	vgic_send_sgi(&vgic_, 0, 5 << 24 | 1);
	Load(0);
	Save(0, kActive);
	vgic_send_sgi(&vgic_, 0, 1 << 24 | 1);
	EXPECT_EQ(Load(0), (Irqs{5, 1}));
	EXPECT_EQ(list_[0] & kState, kActive);
	EXPECT_EQ(list_[1] & kState, kPending);
}

} // namespace
