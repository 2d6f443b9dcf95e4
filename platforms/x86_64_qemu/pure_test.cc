/* SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0 */
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platforms/x86_64_qemu/insn.h"
#include "platforms/x86_64_qemu/npt.h"
#include "platforms/reference/pages.h"
#include "platforms/x86_64_qemu/uart16550.h"
#include "platforms/x86_64_qemu/x2apic.h"

namespace
{

/* insn */

struct InsnCase {
	std::vector<uint8_t> bytes;
	enum insn_kind kind;
	uint8_t size;
	uint8_t reg;
	uint8_t register_size;
	bool sign_extend;
	bool is_64bit;
};

TEST(InsnDecode, KnowsPlainMoves)
{
	const InsnCase cases[] = {
		{{0x88, 0x07}, INSN_STORE, 1, 0, 1, false, true},       // mov %al,(%rdi)
		{{0x89, 0x0f}, INSN_STORE, 4, 1, 4, false, true},       // mov %ecx,(%rdi)
		{{0x66, 0x89, 0x0f}, INSN_STORE, 2, 1, 2, false, true}, // mov %cx,(%rdi)
		{{0x4c, 0x89, 0x0f}, INSN_STORE, 8, 9, 8, false, true}, // mov %r9,(%rdi)
		{{0x40, 0x88, 0x37}, INSN_STORE, 1, 6, 1, false, true}, // mov %sil,(%rdi)
		{{0x8a, 0x47, 0x10}, INSN_LOAD, 1, 0, 1, false, true},  // mov 16(%rdi),%al
		{{0x8b, 0x04, 0x25, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, true}, // mov 0,%eax
		{{0x8b, 0x05, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, true}, // mov 0(%rip),%eax
		{{0x48, 0x8b, 0x84, 0x88, 0, 0, 0, 0}, INSN_LOAD, 8, 0, 8, false, true},
		{{0x65, 0x8b, 0x00}, INSN_LOAD, 4, 0, 4, false, true}, // mov %gs:(%rax),%eax
		{{0x0f, 0xb6, 0x10}, INSN_LOAD, 1, 2, 4, false, true}, // movzbl (%rax),%edx
		{{0x0f, 0xbf, 0x10}, INSN_LOAD, 2, 2, 4, true, true},  // movswl (%rax),%edx
		{{0x48, 0x63, 0x10}, INSN_LOAD, 4, 2, 8, true, true},  // movslq (%rax),%rdx
		{{0xc6, 0x00, 0x7f}, INSN_STORE_IMMEDIATE, 1, 0, 1, false,
			true}, // movb $127,(%rax)
		{{0x66, 0xc7, 0x00, 1, 2}, INSN_STORE_IMMEDIATE, 2, 0, 2, false, true},
		{{0x48, 0xc7, 0x40, 8, 1, 2, 3, 4}, INSN_STORE_IMMEDIATE, 8, 0, 8, false, true},
		{{0xa1, 0, 0, 0, 0, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, true}, // movabs
		{{0x67, 0xa2, 0, 0, 0, 0}, INSN_STORE, 1, 0, 1, false, true},
		{{0xa1, 0, 0, 0, 0}, INSN_LOAD, 4, 0, 4, false, false},    // mov 0,%eax
		{{0x8b, 0x44, 0x24, 4}, INSN_LOAD, 4, 0, 4, false, false}, // mov 4(%esp),%eax
		{{0xcc}, INSN_INT3, 0, 0, 0, false, true},
		{{0xf4}, INSN_HLT, 0, 0, 0, false, true},
	};
	for (const InsnCase &c : cases) {
		struct insn insn;
		std::vector<uint8_t> bytes = c.bytes;
		bytes.resize(INSN_LENGTH_MAX, 0x90);
		ASSERT_TRUE(insn_decode(bytes.data(), bytes.size(), c.is_64bit, &insn))
			<< &c - cases;
		EXPECT_EQ(insn.length, c.bytes.size()) << &c - cases;
		EXPECT_EQ(insn.kind, c.kind) << &c - cases;
		EXPECT_EQ(insn.size, c.size) << &c - cases;
		EXPECT_EQ(insn.reg, c.reg) << &c - cases;
		EXPECT_EQ(insn.register_size, c.register_size) << &c - cases;
		EXPECT_EQ(insn.sign_extend, c.sign_extend) << &c - cases;
		for (size_t cut = 0; cut < c.bytes.size(); cut++) {
			EXPECT_FALSE(insn_decode(bytes.data(), cut, c.is_64bit, &insn));
		}
	}
}

TEST(InsnDecode, RefusesOthers)
{
	const std::vector<uint8_t> cases[] = {
		{0xf0, 0xff, 0x00},       // lock incl (%rax)
		{0xf3, 0xa4},             // rep movsb
		{0x89, 0xc8},             // mov %ecx,%eax: no memory
		{0xc7, 0x08, 0, 0, 0, 0}, // C7 /1
		{0x0f, 0x05},             // syscall
		{0x01, 0x08},             // add %ecx,(%rax)
		{0x44, 0x0f, 0x23, 0xc0}, // mov %rax,%dr8
		std::vector<uint8_t>(INSN_LENGTH_MAX + 1, 0x66),
	};
	for (std::vector<uint8_t> bytes : cases) {
		struct insn insn;
		bytes.resize(bytes.size() + 8, 0);
		EXPECT_FALSE(insn_decode(bytes.data(), bytes.size(), true, &insn)) << int(bytes[0]);
	}
}

TEST(InsnDecode, FindsTheOperandsOfSpecialRegistersAndInterrupts)
{
	const uint8_t control[] = {0x44, 0x0f, 0x22, 0xc2}; // mov %rdx,%cr8
	const uint8_t debug[] = {0x41, 0x0f, 0x23, 0xf9};   // mov %r9,%dr7
	const uint8_t interrupt[] = {0xcd, 0x80};
	struct insn insn;
	ASSERT_TRUE(insn_decode(debug, sizeof(debug), true, &insn));
	EXPECT_EQ(insn.kind, INSN_WRITE_DEBUG);
	EXPECT_EQ(insn.immediate, 7u);
	EXPECT_EQ(insn.reg, 9u);
	ASSERT_TRUE(insn_decode(control, sizeof(control), true, &insn));
	EXPECT_EQ(insn.kind, INSN_WRITE_CONTROL);
	EXPECT_EQ(insn.immediate, 8u);
	EXPECT_EQ(insn.reg, 2u);
	ASSERT_TRUE(insn_decode(interrupt, sizeof(interrupt), true, &insn));
	EXPECT_EQ(insn.kind, INSN_INT);
	EXPECT_EQ(insn.immediate, 0x80u);
	EXPECT_EQ(insn.length, 2u);
}

TEST(InsnLoad, WritesAsMuchOfTheRegisterAsTheInstructionDoes)
{
	const struct {
		struct insn insn;
		uint64_t value, expected;
	} cases[] = {
		{{INSN_LOAD, 2, 1, 1, 0, false, false, 0}, 0x8182, 0x1122334455667782},
		{{INSN_LOAD, 2, 1, 1, 0, true, false, 0}, 0x8182, 0x1122334455668288},
		{{INSN_LOAD, 2, 2, 2, 0, false, false, 0}, 0x8182, 0x1122334455668182},
		{{INSN_LOAD, 2, 4, 4, 0, false, false, 0}, 0x81828384, 0x81828384},
		{{INSN_LOAD, 2, 1, 8, 0, false, true, 0}, 0x80, 0xffffffffffffff80},
		{{INSN_LOAD, 2, 2, 4, 0, false, true, 0}, 0x8000, 0xffff8000},
		{{INSN_LOAD, 2, 8, 8, 0, false, false, 0}, UINT64_MAX, UINT64_MAX},
	};
	for (const auto &c : cases) {
		uint64_t gpr[16] = {0x1122334455667788};
		insn_load(&c.insn, gpr, c.value);
		EXPECT_EQ(gpr[0], c.expected) << &c - cases;
	}
}

TEST(InsnStored, TakesWhatTheInstructionStores)
{
	uint64_t gpr[16] = {0x1122334455667788};
	struct insn insn = {INSN_STORE, 2, 1, 1, 0, true, false, 0};
	EXPECT_EQ(insn_stored(&insn, gpr), 0x77u);
	insn = {INSN_STORE, 2, 4, 4, 0, false, false, 0};
	EXPECT_EQ(insn_stored(&insn, gpr), 0x55667788u);
	insn = {INSN_STORE_IMMEDIATE, 2, 2, 2, 0, false, false, 0x12345};
	EXPECT_EQ(insn_stored(&insn, gpr), 0x2345u);
}

/* x2apic */

constexpr uint32_t kEoi = 0x80b, kSpurious = 0x80f, kCommand = 0x830, kTimer = 0x832;
constexpr uint32_t kTaskPriority = 0x808, kProcessorPriority = 0x80a, kSelf = 0x83f;
constexpr uint32_t kInitial = 0x838, kCurrent = 0x839, kDivide = 0x83e, kMasked = 0x10000;
constexpr uint64_t kTscKhz = 2000000; // two counts a nanosecond

class X2apic : public testing::Test
{
      protected:
	X2apic()
	{
		x2apic_init(&apic_, 5, kTscKhz);
		EXPECT_EQ(Write(kSpurious, 0x1ff), X2APIC_DONE);
	}
	enum x2apic_effect Write(uint32_t msr, uint64_t value, uint64_t now = 0)
	{
		return x2apic_write(&apic_, msr, value, now);
	}
	uint64_t Read(uint32_t msr, uint64_t now = 0)
	{
		uint64_t value = 0;
		EXPECT_TRUE(x2apic_read(&apic_, msr, now, &value)) << std::hex << msr;
		return value;
	}
	struct x2apic apic_;
};

TEST_F(X2apic, IsIdentifiedByItsId)
{
	EXPECT_EQ(Read(0x802), 5u);
	EXPECT_EQ(Read(0x803), 0x50014u);
	EXPECT_EQ(Read(0x80d), 1u << 5);
	x2apic_init(&apic_, 0x23, kTscKhz);
	EXPECT_EQ(Read(0x80d), 0x2u << 16 | 1u << 3);
}

TEST_F(X2apic, RefusesWhatIsNotThere)
{
	uint64_t value;
	for (uint32_t msr : {0x800u, 0x804u, 0x809u, 0x80eu, 0x829u, 0x831u, 0x83au}) {
		EXPECT_FALSE(x2apic_read(&apic_, msr, 0, &value)) << std::hex << msr;
	}
	for (uint32_t msr :
		{0x802u, 0x803u, kProcessorPriority, 0x80du, 0x810u, 0x820u, kCurrent}) {
		EXPECT_EQ(Write(msr, 0), X2APIC_REFUSED) << std::hex << msr;
	}
	EXPECT_EQ(Write(kEoi, 1), X2APIC_REFUSED);
	EXPECT_EQ(Write(kSpurious, UINT64_C(1) << 32), X2APIC_REFUSED);
	EXPECT_FALSE(x2apic_read(&apic_, kEoi, 0, &value));
}

TEST_F(X2apic, GivesTheHighestVectorAndHoldsLowerOnesBackUntilItsEnd)
{
	x2apic_request(&apic_, 0x41);
	x2apic_request(&apic_, 0x93);
	EXPECT_EQ(x2apic_pending(&apic_), 0x93u);
	x2apic_accept(&apic_, 0x93);
	EXPECT_EQ(Read(kProcessorPriority), 0x90u);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	EXPECT_EQ(Read(0x814), 1u << 0x13);
	x2apic_request(&apic_, 0xa0);
	EXPECT_EQ(x2apic_pending(&apic_), 0xa0u);
	x2apic_accept(&apic_, 0xa0);
	Write(kEoi, 0);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	Write(kEoi, 0);
	EXPECT_EQ(x2apic_pending(&apic_), 0x41u);
}

TEST_F(X2apic, HoldsBackWhatTheTaskPriorityMasks)
{
	x2apic_request(&apic_, 0x55);
	Write(kTaskPriority, 0x50);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	Write(kTaskPriority, 0x4f);
	EXPECT_EQ(x2apic_pending(&apic_), 0x55u);
	Write(kSpurious, 0xff);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
}

TEST_F(X2apic, NeverTakesVectorsOfExceptions)
{
	Write(kSelf, 0x0f);
	EXPECT_EQ(x2apic_pending(&apic_), X2APIC_NO_VECTOR);
	Write(kSelf, 0x10);
	EXPECT_EQ(x2apic_pending(&apic_), 0x10u);
	EXPECT_EQ(Write(kSelf, 0x100), X2APIC_REFUSED);
}

TEST_F(X2apic, OneShotTimerExpiresOnce)
{
	Write(kTimer, 0x40);
	Write(kDivide, 0xb); // by 1
	Write(kInitial, 1000, 100);
	EXPECT_EQ(apic_.deadline, 100u + 2 * 1000);
	EXPECT_EQ(Read(kCurrent, 100 + 2 * 400), 600u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 2099), X2APIC_NO_VECTOR);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 2100), 0x40u);
	EXPECT_EQ(x2apic_pending(&apic_), 0x40u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 9999), X2APIC_NO_VECTOR);
	EXPECT_EQ(Read(kCurrent, 9999), 0u);
}

TEST_F(X2apic, PeriodicTimerLeavesMissedPeriodsOut)
{
	Write(kTimer, 0x40 | 1 << 17);
	Write(kDivide, 0); // by 2
	Write(kInitial, 1000);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 4000), 0x40u);
	EXPECT_EQ(apic_.deadline, 8000u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 50000), 0x40u);
	EXPECT_EQ(apic_.deadline, 54000u);
}

TEST_F(X2apic, DeadlineTimerIsSetByItsOwnMsr)
{
	Write(X2APIC_MSR_TSC_DEADLINE, 77);
	EXPECT_EQ(Read(X2APIC_MSR_TSC_DEADLINE), 0u) << "not the mode";
	Write(kTimer, 0x40 | 2 << 17);
	Write(X2APIC_MSR_TSC_DEADLINE, 77);
	EXPECT_EQ(Read(X2APIC_MSR_TSC_DEADLINE), 77u);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 77), 0x40u);
	EXPECT_EQ(Read(X2APIC_MSR_TSC_DEADLINE), 0u);
	Write(X2APIC_MSR_TSC_DEADLINE, 99);
	Write(kTimer, 0x40 | 2 << 17 | kMasked);
	EXPECT_EQ(x2apic_poll_timer(&apic_, 99), X2APIC_NO_VECTOR);
}

TEST_F(X2apic, CommandIsForTheCallerToSend)
{
	EXPECT_EQ(Write(kCommand, UINT64_C(3) << 32 | 0x600 | 0x9a), X2APIC_SEND);
	EXPECT_EQ(x2apic_command_vector(apic_.command), 0x9au);
	EXPECT_EQ(x2apic_command_delivery(apic_.command), (uint32_t)X2APIC_STARTUP);
}

TEST(X2apicIsTarget, KnowsAllDestinations)
{
	const uint64_t to = UINT64_C(1) << 32;
	const struct {
		uint64_t command;
		std::vector<bool> expected; // of APICs 0 .. 3, sent by 1
	} cases[] = {
		{2 * to, {false, false, true, false}},
		{0xffffffff * to, {true, true, true, true}},
		{0x9 * to | 1 << 11, {true, false, false, true}},
		{0x10009 * to | 1 << 11, {false, false, false, false}},
		{1 << 18, {false, true, false, false}},
		{2 << 18, {true, true, true, true}},
		{3 << 18, {true, false, true, true}},
	};
	for (const auto &c : cases) {
		for (uint32_t id = 0; id < 4; id++) {
			EXPECT_EQ(x2apic_is_target(c.command, 1, id), c.expected[id])
				<< &c - cases << " " << id;
		}
	}
}

/* uart16550 */

class Uart : public testing::Test
{
      protected:
	struct uart16550 uart_ = {};
};

TEST_F(Uart, SendsWhatIsWrittenToItsData)
{
	EXPECT_TRUE(uart16550_write(&uart_, 0, 'x'));
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x60);
	uart16550_write(&uart_, 3, 0x80);
	EXPECT_FALSE(uart16550_write(&uart_, 0, 1)) << "the divisor";
	EXPECT_EQ(uart16550_read(&uart_, 0), 1);
	uart16550_write(&uart_, 3, 3);
	uart16550_write(&uart_, 4, 0x10);
	EXPECT_FALSE(uart16550_write(&uart_, 0, 'x')) << "loopback";
}

TEST_F(Uart, GivesKeysInOrderAndIdentifiesThem)
{
	uart16550_write(&uart_, 1, 3);
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xf, 2) << "room";
	EXPECT_TRUE(uart16550_key(&uart_, 'a'));
	EXPECT_TRUE(uart16550_key(&uart_, 'b'));
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xf, 4) << "received";
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x61);
	EXPECT_EQ(uart16550_read(&uart_, 0), 'a');
	EXPECT_EQ(uart16550_read(&uart_, 0), 'b');
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x60);
	uart16550_write(&uart_, 1, 0);
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xf, 1) << "nothing";
}

TEST_F(Uart, RefusesKeysWhenFull)
{
	for (unsigned i = 0; i < UART16550_KEYS; i++) {
		ASSERT_TRUE(uart16550_key(&uart_, (uint8_t)i));
	}
	EXPECT_FALSE(uart16550_key(&uart_, 1));
	uart16550_write(&uart_, 2, 7);
	EXPECT_EQ(uart16550_read(&uart_, 5), 0x60) << "cleared";
	EXPECT_EQ(uart16550_read(&uart_, 2) & 0xc0, 0xc0);
	EXPECT_TRUE(uart16550_key(&uart_, 1));
}

TEST_F(Uart, LoopsModemOutputsBack)
{
	const struct {
		uint8_t control, status;
	} cases[] = {
		{0x00, 0xb0}, {0x10, 0}, {0x11, 0x20}, {0x12, 0x10}, {0x14, 0x40}, {0x1a, 0x90}};
	for (const auto &c : cases) {
		uart16550_write(&uart_, 4, c.control);
		EXPECT_EQ(uart16550_read(&uart_, 6), c.status) << int(c.control);
	}
}

/* npt */

int tables_alive;
int tables_left = 1000;
std::map<uint64_t, uint64_t> leaves_freed;

void FreeLeaf(axb_hpa_t hpa, uint64_t size)
{
	EXPECT_TRUE(leaves_freed.emplace(hpa.pa, size).second);
}

class Npt : public testing::Test
{
      protected:
	Npt()
	{
		tables_left = 1000;
		leaves_freed.clear();
		EXPECT_EQ(npt_init(&npt_), AXB_OK);
	}
	~Npt()
	{
		npt_deinit(&npt_, FreeLeaf);
		EXPECT_EQ(tables_alive, 0);
	}
	enum axb_status Map(uint64_t gpa, uint64_t hpa, uint64_t size)
	{
		return npt_map(&npt_, axb_gpa_t{gpa}, axb_hpa_t{hpa}, size);
	}
	uint64_t Translate(uint64_t gpa)
	{
		axb_hpa_t hpa = {};
		return npt_translate(&npt_, axb_gpa_t{gpa}, &hpa) ? hpa.pa : 0;
	}
	uint64_t Entry(uint64_t gpa)
	{
		uint64_t *table = npt_.root;
		for (int level = 3;; level--) {
			uint64_t entry = table[gpa >> (12 + 9 * level) & 511];
			if (level == 0 || (entry & 1) == 0 || (entry & 0x80) != 0) {
				return entry;
			}
			table = (uint64_t *)(entry & 0xffffffffff000);
		}
	}
	struct npt npt_ = {};
};

TEST_F(Npt, MapsPagesAndBlocks)
{
	ASSERT_EQ(Map(0x201000, 0x7000, NPT_PAGE_SIZE), AXB_OK);
	ASSERT_EQ(Map(0x40000000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	EXPECT_EQ(Translate(0x201123), 0x7123u);
	EXPECT_EQ(Translate(0x40012345), 0x612345u);
	EXPECT_EQ(Translate(0x200000), 0u);
	EXPECT_EQ(Translate(UINT64_C(1) << 48 | 0x201000), 0u);
	EXPECT_EQ(Map(0x201000, 0x8000, NPT_PAGE_SIZE), AXB_ERR_EXISTS);
	EXPECT_EQ(Map(0x40003000, 0x8000, NPT_PAGE_SIZE), AXB_ERR_EXISTS);
	EXPECT_EQ(Map(0x200000, 0x800000, NPT_BLOCK_SIZE), AXB_ERR_EXISTS);
	EXPECT_TRUE(npt_has_pages(&npt_, axb_gpa_t{0x200000}));
	EXPECT_FALSE(npt_has_pages(&npt_, axb_gpa_t{0x400000}));
	EXPECT_FALSE(npt_has_pages(&npt_, axb_gpa_t{0x40000000}));
}

TEST_F(Npt, SplitsABlockBeforeAPermissionChanges)
{
	ASSERT_EQ(Map(0x400000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	ASSERT_EQ(npt_protect(&npt_, axb_gpa_t{0x403000}, NPT_READ), AXB_OK);
	EXPECT_EQ(Entry(0x403000), UINT64_C(1) << 63 | 0x603000 | 5);
	for (uint64_t gpa = 0x400000; gpa < 0x600000; gpa += NPT_PAGE_SIZE) {
		EXPECT_EQ(Translate(gpa), gpa + 0x200000);
		if (gpa != 0x403000) {
			EXPECT_EQ(Entry(gpa), (gpa + 0x200000) | 7);
		}
	}
	ASSERT_EQ(npt_protect(&npt_, axb_gpa_t{0x403000}, NPT_ALL), AXB_OK);
	EXPECT_EQ(Entry(0x403000), UINT64_C(0x603007));
	npt_deinit(&npt_, FreeLeaf);
	EXPECT_EQ(leaves_freed.size(), 512u);
}

TEST_F(Npt, RefusesToProtectWhatIsNotMapped)
{
	EXPECT_EQ(npt_protect(&npt_, axb_gpa_t{0x1000}, NPT_READ), AXB_ERR_NOT_FOUND);
}

TEST_F(Npt, ChangesNothingWithoutMemory)
{
	ASSERT_EQ(Map(0x400000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	tables_left = 0;
	EXPECT_EQ(npt_protect(&npt_, axb_gpa_t{0x403000}, NPT_READ), AXB_ERR_NOMEM);
	EXPECT_EQ(Entry(0x403000), UINT64_C(0x600087));
	tables_left = 1;
	EXPECT_EQ(Map(0x8000000000, 0x7000, NPT_PAGE_SIZE), AXB_ERR_NOMEM);
	EXPECT_EQ(Translate(0x8000000000), 0u);
	tables_left = 1000;
	EXPECT_EQ(Map(0x8000000000, 0x7000, NPT_PAGE_SIZE), AXB_OK);
}

TEST_F(Npt, FreesEachLeafOnce)
{
	ASSERT_EQ(Map(0, 0x7000, NPT_PAGE_SIZE), AXB_OK);
	ASSERT_EQ(Map(0xfeb00000, 0x9000, NPT_PAGE_SIZE), AXB_OK);
	ASSERT_EQ(Map(0x40000000, 0x600000, NPT_BLOCK_SIZE), AXB_OK);
	npt_deinit(&npt_, FreeLeaf);
	const std::map<uint64_t, uint64_t> expected = {
		{0x7000, NPT_PAGE_SIZE}, {0x9000, NPT_PAGE_SIZE}, {0x600000, NPT_BLOCK_SIZE}};
	EXPECT_EQ(leaves_freed, expected);
}

} // namespace

void *pages_alloc(void)
{
	if (tables_left == 0) {
		return nullptr;
	}
	tables_left--;
	tables_alive++;
	void *page = aligned_alloc(NPT_PAGE_SIZE, NPT_PAGE_SIZE);
	memset(page, 0, NPT_PAGE_SIZE);
	return page;
}

void pages_free(void *page)
{
	tables_alive--;
	free(page);
}
