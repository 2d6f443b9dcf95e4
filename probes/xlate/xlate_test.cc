// SPDX-License-Identifier: GPL-3.0-or-later OR Apache-2.0
//
// Walks of tables that are written down here: every format, every fault. QEMU's opinion of random
// tables is asked for by at_test. Counterparts of upstream's guest_addr_translate_tests are marked
// with their names; upstream kept attribute bits of block descriptors in the address (its defect
// D8).
#include "probes/xlate/xlate.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "probes/xlate/aarch64.h"
#include "probes/xlate/x86_64.h"

namespace
{

using Memory = std::map<uint64_t, uint64_t>;

bool Read(void *cookie, uint64_t gpa, uint64_t *out)
{
	const auto *memory = static_cast<const Memory *>(cookie);
	EXPECT_EQ(0u, gpa % 8);
	auto found = memory->find(gpa);
	if (found == memory->end()) {
		return false;
	}
	*out = found->second;
	return true;
}

constexpr axb_xlate_fault kNone = AXB_XLATE_NONE;
constexpr uint32_t kAll = AXB_XLATE_KERNEL_WRITE | AXB_XLATE_KERNEL_EXEC | AXB_XLATE_USER_READ |
			  AXB_XLATE_USER_WRITE | AXB_XLATE_USER_EXEC;

// What a walk must give.
struct Expected {
	axb_xlate_fault fault;
	uint64_t gpa;
	uint64_t size;
	int level;
};

void Check(const Expected &expected, bool ok, const axb_xlate &x)
{
	EXPECT_EQ(expected.fault == kNone, ok);
	EXPECT_EQ(expected.fault, x.fault) << axb_xlate_fault_text(expected.fault);
	EXPECT_EQ(expected.gpa, x.gpa);
	EXPECT_EQ(expected.size, x.size);
	EXPECT_EQ(expected.level, x.level);
}

/* aarch64 */

// A CPU with everything.
constexpr axb_xlate_aarch64_cpu kCpu = {52, true, true, true, true, true, true, true};
constexpr uint64_t kOn = 1;
constexpr uint64_t kIps48 = UINT64_C(5) << 32;
constexpr uint64_t kIps52 = UINT64_C(6) << 32;
constexpr uint64_t kDs = UINT64_C(1) << 59;
// 4K pages, 48 bits, both halves.
constexpr uint64_t kTcr4k = 16 | 16 << 16 | UINT64_C(2) << 30 | kIps48;
constexpr uint64_t kPage = 3 | 1 << 10;
constexpr uint64_t kBlock = 1 | 1 << 10;
// UXN, PXN, contiguous: what Linux sets on its text.
constexpr uint64_t kUpper = UINT64_C(0x0070000000000000);

struct A64Case {
	const char *what;
	axb_xlate_aarch64_regs regs;
	Memory memory;
	uint64_t gva;
	Expected expected;
};

const std::vector<A64Case> kA64Cases = {
	// upstream: l3_page_walk_translates_gva_to_gpa
	{"page", {kOn, kTcr4k, 0, 0x1000},
		{{0x1000, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x4003},
			{0x4008, 0x90000000 | kPage | kUpper}},
		0xffff000000001456, {kNone, 0x90000456, 0x1000, 3}},
	// upstream: l2_block_walk_translates_gva_to_gpa; D8
	{"block of 2 MiB", {kOn, kTcr4k, 0, 0x1000},
		{{0x1000, 0x2003}, {0x2000, 0x3003}, {0x3008, 0x80200000 | kBlock | kUpper}},
		0xffff000000254321, {kNone, 0x80254321, 0x200000, 2}},
	{"block of 1 GiB", {kOn, kTcr4k, 0, 0x1000},
		{{0x1000, 0x2003}, {0x2008, 0x1c0000000 | kBlock | kUpper}}, 0xffff000040123456,
		{kNone, 0x1c0123456, 0x40000000, 1}},
	{"lower half", {kOn, kTcr4k, 0x1000 | UINT64_C(0x77) << 48, 0},
		{{0x1800, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x80000000 | kBlock}}, 0x800000001234,
		{kNone, 0x80001234, 0x200000, 2}},
	{"39 bits begin at level 1", {kOn, 25 | kIps48, 0x1000, 0},
		{{0x1000, 0x2003}, {0x2000, 0x80000000 | kBlock}}, 0x1234,
		{kNone, 0x80001234, 0x200000, 2}},
	{"64K, 42 bits: one level and blocks of 512 MiB", {kOn, 22 | 1 << 14 | kIps48, 0x10000, 0},
		{{0x10008, 0xa0000000 | kBlock}}, 0x30001234, {kNone, 0xb0001234, 0x20000000, 2}},
	{"64K, 52 bits", {kOn, 12 | 1 << 14 | kIps52, 0x40000 | 0x3c, 0},
		{{(UINT64_C(0xf) << 48) | 0x41000, 0x50003}, {0x50000, 0x60003},
			{0x60008, 0xb0000 | 0x3000 | kPage}},
		(UINT64_C(1) << 51) | 0x11234, {kNone, (UINT64_C(3) << 48) | 0xb1234, 0x10000, 3}},
	{"16K, 47 bits", {kOn, 17 | UINT64_C(2) << 14 | kIps48, 0x8000, 0},
		{{0x8000, 0xc003}, {0xc000, 0x10003}, {0x10008, 0x84000 | kPage}}, 0x5234,
		{kNone, 0x85234, 0x4000, 3}},
	{"LPA2, 4K, 52 bits begin at level -1", {kOn, 12 | kIps52 | kDs, 0x1000, 0},
		{{0x1008, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x4003}, {0x4000, 0x5003},
			{0x5000, 0x90000000 | kPage | 0x200 | UINT64_C(1) << 48}},
		(UINT64_C(1) << 48) | 0x123, {kNone, UINT64_C(0x9000090000123), 0x1000, 3}},
	{"LPA2: blocks at level 0", {kOn, 16 | kIps52 | kDs, 0x1000, 0}, {{0x1000, kBlock}},
		0x123456, {kNone, 0x123456, UINT64_C(1) << 39, 0}},
	{"no blocks at level 0 without", {kOn, kTcr4k, 0x1000, 0}, {{0x1000, kBlock}}, 0x123456,
		{AXB_XLATE_RESERVED, 0, 0, 0}},
	{"level 3 has no blocks", {kOn, kTcr4k, 0x1000, 0},
		{{0x1000, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x4003}, {0x4000, kBlock}}, 0,
		{AXB_XLATE_RESERVED, 0, 0, 3}},
	// upstream: invalid_descriptor_returns_error
	{"not present", {kOn, kTcr4k, 0x1000, 0}, {{0x1000, 0x2003}, {0x2000, 0}}, 0,
		{AXB_XLATE_NOT_PRESENT, 0, 0, 1}},
	{"no memory there", {kOn, kTcr4k, 0x1000, 0}, {{0x1000, 0x2003}}, 0,
		{AXB_XLATE_UNREADABLE, 0, 0, 1}},
	{"top byte ignored", {kOn, kTcr4k | UINT64_C(1) << 37, 0x1000, 0},
		{{0x1000, 0x2003}, {0x2000, 0x80000000 | kBlock}}, 0xab00000000001234,
		{kNone, 0x80001234, 0x40000000, 1}},
	{"top byte not ignored", {kOn, kTcr4k, 0x1000, 0}, {}, 0xab00000000001234,
		{AXB_XLATE_ADDRESS, 0, 0, 0}},
	{"beyond the table", {kOn, 25 | kIps48, 0x1000, 0}, {}, UINT64_C(1) << 39,
		{AXB_XLATE_ADDRESS, 0, 0, 0}},
	{"EPD0", {kOn, kTcr4k | 1 << 7, 0x1000, 0}, {}, 0, {AXB_XLATE_DISABLED, 0, 0, 0}},
	{"EPD1", {kOn, kTcr4k | 1 << 23, 0, 0x1000}, {}, UINT64_MAX, {AXB_XLATE_DISABLED, 0, 0, 0}},
	{"TG0 = 3", {kOn, kTcr4k | 3 << 14, 0x1000, 0}, {}, 0, {AXB_XLATE_REGISTERS, 0, 0, 0}},
	{"TG1 = 0", {kOn, 16 | 16 << 16 | kIps48, 0, 0x1000}, {}, UINT64_MAX,
		{AXB_XLATE_REGISTERS, 0, 0, 0}},
	{"T0SZ = 8", {kOn, 8 | kIps48, 0x1000, 0}, {}, 0, {AXB_XLATE_REGISTERS, 0, 0, 0}},
	{"T0SZ = 49", {kOn, 49 | kIps48, 0x1000, 0}, {}, 0, {AXB_XLATE_REGISTERS, 0, 0, 0}},
	{"page beyond IPS", {kOn, 25 | UINT64_C(0) << 32, 0x1000, 0},
		{{0x1000, 0x100000000 | kBlock}}, 0, {AXB_XLATE_SIZE, 0, 0, 1}},
	{"table beyond IPS", {kOn, 25 | UINT64_C(0) << 32, 0x1000, 0}, {{0x1000, 0x100000003}}, 0,
		{AXB_XLATE_SIZE, 0, 0, 1}},
	{"TTBR0 beyond IPS", {kOn, 25 | UINT64_C(0) << 32, 0x100000000, 0}, {}, 0,
		{AXB_XLATE_SIZE, 0, 0, 0}},
	{"MMU off", {0, 0, 0, 0}, {}, 0x80001234, {kNone, 0x80001234, 0, 0}},
	{"MMU off, no such address", {0, 0, 0, 0}, {}, UINT64_C(1) << 52,
		{AXB_XLATE_SIZE, 0, 0, 0}},
};

TEST(XlateAarch64, Walks)
{
	for (const A64Case &c : kA64Cases) {
		SCOPED_TRACE(c.what);
		Memory memory = c.memory;
		const axb_xlate_reader reader = {Read, &memory};
		axb_xlate x;
		bool ok = axb_xlate_aarch64(&kCpu, &c.regs, &reader, c.gva, &x);
		Check(c.expected, ok, x);
		EXPECT_EQ(c.expected.fault == AXB_XLATE_SIZE && c.expected.level == 1
				  ? 1u
				  : memory.size(),
			x.step_count);
	}
}

TEST(XlateAarch64, PermissionsOfPagesAndOfTables)
{
	const uint64_t ap_user = 1 << 6, ap_ro = 1 << 7, pxn = UINT64_C(1) << 53,
		       uxn = UINT64_C(1) << 54;
	const uint64_t table_ro = UINT64_C(1) << 62, table_no_user = UINT64_C(1) << 61,
		       table_uxn = UINT64_C(1) << 60, table_pxn = UINT64_C(1) << 59,
		       hpd = UINT64_C(1) << 41;
	const uint32_t kw = AXB_XLATE_KERNEL_WRITE, kx = AXB_XLATE_KERNEL_EXEC,
		       ur = AXB_XLATE_USER_READ, uw = AXB_XLATE_USER_WRITE,
		       ux = AXB_XLATE_USER_EXEC;
	const struct {
		uint64_t table, leaf, tcr, sctlr;
		uint32_t flags;
	} cases[] = {
		{0, 0, 0, 0, kw | kx | ux},
		{0, ap_user, 0, 0, kw | ur | uw | ux}, // never executed by the kernel
		{0, ap_user | ap_ro, 0, 0, kx | ur | ux},
		{0, ap_ro | pxn | uxn, 0, 0, 0},
		{0, ap_ro | uxn, 0, 0, kx},
		{table_ro, ap_user, 0, 0, kx | ur | ux},
		{table_no_user, ap_user, 0, 0, kw | kx | ux},
		{table_pxn | table_uxn, ap_ro, 0, 0, 0},
		{table_ro | table_pxn | table_uxn | table_no_user, ap_user, hpd, 0,
			kw | ur | uw | ux},
		{0, 0, 0, 1 << 19, kw | ux}, // WXN
		{0, ap_user, 0, 1 << 19, kw | ur | uw},
	};
	for (const auto &c : cases) {
		Memory memory = {
			{0x1000, 0x2003 | c.table}, {0x2000, 0x80000000 | kBlock | c.leaf}};
		const axb_xlate_reader reader = {Read, &memory};
		const axb_xlate_aarch64_regs regs = {kOn | c.sctlr, 25 | kIps48 | c.tcr, 0x1000, 0};
		axb_xlate x;
		ASSERT_TRUE(axb_xlate_aarch64(&kCpu, &regs, &reader, 0x1234, &x));
		EXPECT_EQ(c.flags | AXB_XLATE_ACCESSED | AXB_XLATE_GLOBAL, x.flags)
			<< std::hex << c.table << " " << c.leaf;
	}
}

TEST(XlateAarch64, CpuOfIdRegisters)
{
	// QEMU's cortex-a72, and its max.
	axb_xlate_aarch64_cpu a72 = axb_xlate_aarch64_cpu_of(0x1124, 0);
	EXPECT_EQ(44, a72.pa_bits);
	EXPECT_TRUE(a72.has_4k && a72.has_64k && !a72.has_16k);
	EXPECT_FALSE(a72.has_lpa2_4k || a72.has_lpa2_16k || a72.has_lva || a72.has_ttst);
	axb_xlate_aarch64_cpu max = axb_xlate_aarch64_cpu_of(0x10201126, 0x1221011112110111);
	EXPECT_EQ(52, max.pa_bits);
	EXPECT_TRUE(
		max.has_4k && max.has_64k && max.has_16k && max.has_lpa2_4k && max.has_lpa2_16k);
	EXPECT_TRUE(max.has_lva && max.has_ttst);
}

/* x86_64 */

constexpr axb_xlate_x86_64_cpu kX86Cpu = {40, true, true};
constexpr uint64_t kPg = UINT64_C(1) << 31, kWp = 1 << 16, kPse = 1 << 4, kPae = 1 << 5,
		   kLa57 = 1 << 12, kSmep = 1 << 20, kLme = 1 << 8, kNxe = 1 << 11;
constexpr axb_xlate_x86_64_regs kLong = {kPg | kWp, 0x1000, kPae, kLme | kNxe};
constexpr uint64_t kNx = UINT64_C(1) << 63, kPs = 1 << 7;

axb_xlate_x86_64_regs With(axb_xlate_x86_64_regs regs, uint64_t cr4, uint64_t efer = kLme | kNxe,
	uint64_t cr0 = kPg | kWp)
{
	regs.cr4 = cr4;
	regs.efer = efer;
	regs.cr0 = cr0;
	return regs;
}

struct X86Case {
	const char *what;
	axb_xlate_x86_64_regs regs;
	Memory memory;
	uint64_t gva;
	Expected expected;
};

const std::vector<X86Case> kX86Cases = {
	{"page", kLong,
		{{0x1ff8, 0x2003}, {0x2ff0, 0x3003}, {0x3000, 0x4003}, {0x4008, 0x90000063 | kNx}},
		0xffffffff80001456, {kNone, 0x90000456, 0x1000, 1}},
	{"2 MiB", kLong, {{0x1ff8, 0x2003}, {0x2ff0, 0x3003}, {0x3040, 0x1e3 | 0x1000000}},
		0xffffffff81012345, {kNone, 0x1012345, 0x200000, 2}},
	{"2 MiB, PAT bit", kLong, {{0x1000, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x201003 | kPs}},
		0x12345, {kNone, 0x212345, 0x200000, 2}},
	{"1 GiB", kLong, {{0x1000, 0x2003}, {0x2008, 0xc0000003 | kPs}}, 0x40123456,
		{kNone, 0xc0123456, 0x40000000, 3}},
	{"five levels", With(kLong, kPae | kLa57),
		{{0x1808, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x83 | 0x40000000}},
		(UINT64_MAX << 56) | (UINT64_C(1) << 48) | 0x1234,
		{kNone, 0x40001234, 0x40000000, 3}},
	{"not canonical", kLong, {}, UINT64_C(1) << 47, {AXB_XLATE_ADDRESS, 0, 0, 0}},
	{"not canonical, five levels", With(kLong, kPae | kLa57), {}, UINT64_C(1) << 56,
		{AXB_XLATE_ADDRESS, 0, 0, 0}},
	{"not present", kLong, {{0x1000, 0x2003}, {0x2000, 0x3002}}, 0,
		{AXB_XLATE_NOT_PRESENT, 0, 0, 3}},
	{"no memory there", kLong, {{0x1000, 0x2003}}, 0, {AXB_XLATE_UNREADABLE, 0, 0, 3}},
	{"address beyond the CPU's", kLong, {{0x1000, 0x10000002003}}, 0,
		{AXB_XLATE_RESERVED, 0, 0, 4}},
	{"CR3 beyond the CPU's", {kPg, UINT64_C(1) << 40, kPae, kLme}, {}, 0,
		{AXB_XLATE_SIZE, 0, 0, 0}},
	{"PS in the PML4", kLong, {{0x1000, 0x2003 | kPs}}, 0, {AXB_XLATE_RESERVED, 0, 0, 4}},
	{"2 MiB, not aligned", kLong, {{0x1000, 0x2003}, {0x2000, 0x3003}, {0x3000, 0x2003 | kPs}},
		0, {AXB_XLATE_RESERVED, 0, 0, 2}},
	{"1 GiB, not aligned", kLong, {{0x1000, 0x2003}, {0x2000, 0x200003 | kPs}}, 0,
		{AXB_XLATE_RESERVED, 0, 0, 3}},
	{"NX without NXE", With(kLong, kPae, kLme), {{0x1000, 0x2003 | kNx}}, 0,
		{AXB_XLATE_RESERVED, 0, 0, 4}},
	{"bits that are the system's own", kLong,
		{{0x1000, 0x2003 | UINT64_C(0x7ff) << 52 | 0xe00}, {0x2000, 0x83 | 0xe00}}, 0x1234,
		{kNone, 0x1234, 0x40000000, 3}},
	{"long mode without PAE", With(kLong, 0), {}, 0, {AXB_XLATE_REGISTERS, 0, 0, 0}},
	{"no paging", {0, 0x1000, 0, 0}, {}, 0x12345678, {kNone, 0x12345678, 0, 0}},
	{"no paging, no such address", {0, 0, 0, 0}, {}, UINT64_C(1) << 32,
		{AXB_XLATE_ADDRESS, 0, 0, 0}},
	{"PAE", {kPg, 0x1020, kPae, kNxe},
		{{0x1038, 0x2001}, {0x2ff8, 0x3003}, {0x3ff8, 0x5003 | kNx}}, 0xffffffff,
		{kNone, 0x5fff, 0x1000, 1}},
	{"PAE, 2 MiB", {kPg, 0x1020, kPae, 0}, {{0x1020, 0x2001}, {0x2008, 0x400003 | kPs}},
		0x234567, {kNone, 0x434567, 0x200000, 2}},
	{"PAE, reserved bit of a PDPTE", {kPg, 0x1020, kPae, 0}, {{0x1020, 0x2003}}, 0,
		{AXB_XLATE_RESERVED, 0, 0, 3}},
	{"PAE, beyond 4 GiB", {kPg, 0x1020, kPae, 0}, {}, UINT64_C(1) << 32,
		{AXB_XLATE_ADDRESS, 0, 0, 0}},
	{"32-bit", {kPg, 0x1000, 0, 0}, {{0x1008, UINT64_C(0x2003) << 32}, {0x2000, 0x9003}},
		0xc00123, {kNone, 0x9123, 0x1000, 1}},
	{"32-bit, 4 MiB above 4 GiB", {kPg, 0x1000, kPse, 0}, {{0x1000, 0x800083 | 5 << 13}},
		0x123456, {kNone, 0x500923456, 0x400000, 2}},
	{"32-bit, 4 MiB, reserved", {kPg, 0x1000, kPse, 0}, {{0x1000, 0x800083 | 1 << 21}},
		0x123456, {AXB_XLATE_RESERVED, 0, 0, 2}},
	{"32-bit, no large pages without PSE", {kPg, 0x1000, 0, 0},
		{{0x1000, 0x2083}, {0x2000, 0x7003}}, 0x12, {kNone, 0x7012, 0x1000, 1}},
};

TEST(XlateX8664, Walks)
{
	for (const X86Case &c : kX86Cases) {
		SCOPED_TRACE(c.what);
		Memory memory = c.memory;
		const axb_xlate_reader reader = {Read, &memory};
		axb_xlate x;
		bool ok = axb_xlate_x86_64(&kX86Cpu, &c.regs, &reader, c.gva, &x);
		Check(c.expected, ok, x);
	}
}

TEST(XlateX8664, Permissions)
{
	const uint32_t kw = AXB_XLATE_KERNEL_WRITE, kx = AXB_XLATE_KERNEL_EXEC,
		       ur = AXB_XLATE_USER_READ, uw = AXB_XLATE_USER_WRITE,
		       ux = AXB_XLATE_USER_EXEC;
	const struct {
		uint64_t pml4, leaf, cr0, cr4;
		uint32_t flags;
	} cases[] = {
		{7, 7, kWp, 0, kAll},
		{7, 7, kWp, kSmep, kw | ur | uw | ux},
		{7, 5, kWp, 0, kx | ur | ux},
		{5, 7, kWp, 0, kx | ur | ux},
		{7, 5, 0, 0, kw | kx | ur | ux},
		{3, 7, kWp, 0, kw | kx},
		{7, 3, kWp, kSmep, kw | kx},
		{7 | kNx, 7, kWp, 0, kw | ur | uw},
		{7, 7 | kNx, kWp, 0, kw | ur | uw},
		{7, 7 | 0x160, kWp, 0,
			kAll | AXB_XLATE_ACCESSED | AXB_XLATE_DIRTY | AXB_XLATE_GLOBAL},
	};
	for (const auto &c : cases) {
		Memory memory = {{0x1000, 0x2000 | c.pml4}, {0x2000, kPs | c.leaf}};
		const axb_xlate_reader reader = {Read, &memory};
		const axb_xlate_x86_64_regs regs =
			With(kLong, kPae | c.cr4, kLme | kNxe, kPg | c.cr0);
		axb_xlate x;
		ASSERT_TRUE(axb_xlate_x86_64(&kX86Cpu, &regs, &reader, 0x1234, &x));
		EXPECT_EQ(c.flags, x.flags) << std::hex << c.pml4 << " " << c.leaf;
	}
}

TEST(Xlate, EveryFaultHasItsText)
{
	for (uint32_t fault = 0; fault < AXB_XLATE_FAULT_COUNT_; fault++) {
		EXPECT_LT(5u, std::string(axb_xlate_fault_text((axb_xlate_fault)fault)).size());
	}
	EXPECT_EQ(nullptr, axb_xlate_fault_text(AXB_XLATE_FAULT_COUNT_));
}

} // namespace
